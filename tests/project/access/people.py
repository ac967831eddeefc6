"""Everyone who may ask, each with a browser of their own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.test import Client

from clinic.core import clock
from clinic.patients.models import PatientAccess
from clinic.staff.tablet.pins import set_pin
from tests.clinic.staff.conftest import enrolled, signed_in
from tests.factories.browsers import just_signed_in
from tests.factories.clinic import CarerAccessFactory, StaffFactory, UserFactory
from tests.project.access.world import Side


def _browser_of(user) -> Client:
    """Signed in a moment ago, so that no page asks for it anew."""
    return just_signed_in(user, Client(raise_request_exception=False))


def _staff(user) -> Client:
    client = signed_in(user)
    client.raise_request_exception = False
    return client


def _anonymous(_: Side) -> Client:
    return Client(raise_request_exception=False)


def _stranger(_: Side) -> Client:
    return _browser_of(UserFactory())


def _link(ann: Side) -> Client:
    client = Client(raise_request_exception=False)
    assert client.get(f"/visit/{ann.visit.link_token}/").status_code == 302
    for link in (ann.record_link, ann.questions_link):
        assert client.get(f"/forms/{link.link_token}/").status_code == 302
    return client


def _patient(ann: Side) -> Client:
    return _browser_of(ann.account)


def _carer(*may: str, ended: bool = False) -> Callable[[Side], Client]:
    def browser(ann: Side) -> Client:
        begun = {"starts_at": clock.now() - timedelta(days=91), "ends_at": clock.now() - timedelta(days=1)}
        access = CarerAccessFactory(patient=ann.patient, may=list(may), **(begun if ended else {}))
        assert PatientAccess.objects.live(clock.now()).filter(pk=access.pk).exists() is not ended
        return _browser_of(access.user)

    return browser


def _role(role: str) -> Callable[[Side], Client]:
    return lambda _: _staff(enrolled(role))


def _practitioner(ann: Side) -> Client:
    return _staff(ann.nurse)


def _without_second_factor(_: Side) -> Client:
    return signed_in(enrolled("owner"), by_second_factor=False)


def _locked(_: Side) -> Client:
    client = _staff(enrolled("owner"))
    assert client.post("/accounts/lock/").status_code == 302
    return client


def _by_pin(ann: Side) -> Client:
    """On a shared tablet, opened a moment ago by the PIN of the day."""
    desk, client = enrolled("desk"), _anonymous(ann)
    set_pin(desk, ann.tablet, "204817", clock.now())
    client.cookies["tablet"] = ann.tablet.link_token
    assert client.post("/accounts/unlock/", {"person": desk.pk, "pin": "204817"}).status_code == 302
    return client


def _never_enrolled(_: Side) -> Client:
    return _browser_of(StaffFactory(role="owner"))


def _leaver(_: Side) -> Client:
    """Left while signed in: the session is as it was."""
    gone = enrolled("owner")
    client = _staff(gone)
    type(gone).objects.filter(pk=gone.pk).update(is_active=False)
    gone.groups.clear()
    return client


PEOPLE: dict[str, Callable[[Side], Client]] = {
    "anonymous": _anonymous,
    "stranger": _stranger,
    "link": _link,
    "patient": _patient,
    "carer": _carer("visits"),
    "carer of messages": _carer("messages"),
    "carer until yesterday": _carer("visits", "messages", ended=True),
    "editor": _role("editor"),
    "desk": _role("desk"),
    "desk by PIN": _by_pin,
    "practitioner": _practitioner,
    "owner": _role("owner"),
    "owner without second factor": _without_second_factor,
    "owner, locked": _locked,
    "never enrolled": _never_enrolled,
    "leaver": _leaver,
}

"""Somebody leaves at a moment that an owner chose: by the clock, under the same rules, and nothing of theirs answers then."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
import time_machine
from django.test import Client

from bookings.desk.feeds import feed_links
from bookings.integrations import api_keys
from bookings.integrations.models import WebhookEndpoint
from bookings.tasks import end_planned_work
from bookings.visits.models import Appointment
from bookings.visits.models.statuses import Status
from bookings.waiting_list.models import WaitingEntry
from clinic.core import clock
from clinic.core.errors import DomainError
from clinic.staff import leaving, planned_leaves
from clinic.staff.mail import link_of
from clinic.staff.models import Invitation, Leaver, PlannedLeave, Recovery, Tablet
from clinic.staff.tablet.pins import set_pin
from tests.clinic.staff.conftest import enrolled, letters, signed_in
from tests.factories.bookings import AppointmentFactory
from tests.factories.clinic import PatientFactory, PractitionerFactory, TreatmentFactory

pytestmark = pytest.mark.django_db
MONDAY = "2026-11-30T12:00:00+00:00"
PIN = "204817"


@pytest.fixture(autouse=True)
def later():
    with time_machine.travel(MONDAY, tick=False) as moment:
        yield lambda **span: moment.shift(timedelta(**span))


@pytest.fixture
def nurse(owner):
    user = enrolled(role="practitioner", email="nurse@clinic.example", name="Nina Nurse")
    PractitionerFactory(name="Nina Nurse", user=user)
    return user


def plan(client, user, day="2026-12-03", at="18:00"):
    return client.post(f"/staff/{user.pk}/leave/", {"when": "later", "day": day, "at": at})


def subjects(to):
    return [letter.subject for letter in letters() if letter.to == [to]]


def test_an_owner_plans_it_changes_it_and_calls_it_off(at_desk, nurse, owner):
    assert plan(at_desk, nurse).status_code == 302
    page = at_desk.get(f"/staff/{nurse.pk}/").content.decode()
    assert "Leaves on Thursday 3 December 2026, 18:00" in page
    plan(at_desk, nurse, day="2026-12-04")
    assert list(PlannedLeave.objects.open().values_list("planned_by", flat=True)) == [owner.pk]

    at_desk.post(f"/staff/{nurse.pk}/leave/", {"when": "never"})

    assert not PlannedLeave.objects.open().exists()
    assert (
        "Nothing was planned"
        in at_desk.post(f"/staff/{nurse.pk}/leave/", {"when": "never"}, follow=True).content.decode()
    )
    nurse.refresh_from_db()
    assert nurse.is_active


@pytest.mark.parametrize(
    ("day", "at", "said"),
    [
        ("", "18:00", "Choose a day"),
        ("2026-12-03", "", "Enter a time"),
        ("2026-11-30", "12:00", "still to come"),
        ("2028-01-01", "12:00", "within a year"),
        ("2027-03-28", "01:30", "clocks go forward"),
    ],
)
def test_a_moment_that_cannot_be_is_said_beside_it(day, at, said, at_desk, nurse):
    answer = plan(at_desk, nurse, day, at)

    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert f'value="{day or at}"' in answer.content.decode()


def test_nobody_plans_their_own(at_desk, owner):
    enrolled(role="owner")

    assert plan(at_desk, owner).status_code == 409


def test_it_is_done_at_that_moment_and_once(at_desk, nurse, owner, later):
    plan(at_desk, nurse)
    later(days=3, hours=5, minutes=59)
    end_planned_work()
    nurse.refresh_from_db()
    assert nurse.is_active

    later(minutes=1)
    end_planned_work()
    end_planned_work()

    nurse.refresh_from_db()
    assert not nurse.is_active
    row = Leaver.objects.get()
    assert (row.ended_by, row.left_at) == (owner, clock.now())
    assert subjects(owner.email) == []


def test_visits_after_it_are_told_the_day_before_and_refuse_it_until_they_are_handed_over(at_desk, nurse, owner, later):
    before = AppointmentFactory(practitioner=nurse.practitioner, starts_at=clock.now() + timedelta(days=1))
    after = AppointmentFactory(practitioner=nurse.practitioner, starts_at=clock.now() + timedelta(days=9))
    plan(at_desk, nurse)
    assert "1 coming visit" in at_desk.get(f"/staff/{nurse.pk}/").content.decode()
    later(days=2)
    end_planned_work()
    assert subjects(owner.email) == []

    for _ in range(3):
        later(hours=7)
        end_planned_work()
    assert subjects(owner.email) == ["Nina Nurse leaves on 3 December, with work still open"]
    later(hours=10)
    for _ in range(2):
        end_planned_work()
    assert subjects(owner.email)[1:] == ["Nina Nurse could not leave yet"]
    assert "1 coming visit" in letters()[-1].body
    nurse.refresh_from_db()
    assert nurse.is_active

    Appointment.objects.filter(pk=after.pk).update(status=Status.CANCELLED, cancelled_at=clock.now())
    later(minutes=1)
    end_planned_work()

    nurse.refresh_from_db()
    assert (nurse.is_active, before.practitioner_id) == (False, nurse.practitioner.pk)


def test_a_leave_that_is_planned_for_today_is_told_of_at_once_with_its_day(at_desk, nurse, owner):
    AppointmentFactory(practitioner=nurse.practitioner, starts_at=clock.now() + timedelta(days=9))
    plan(at_desk, nurse, day="2026-11-30")

    end_planned_work()

    assert subjects(owner.email) == ["Nina Nurse leaves on 30 November, with work still open"]


def test_the_only_owner_stays_and_who_left_meanwhile_is_no_longer_planned(at_desk, nurse, owner, later):
    second = enrolled(role="owner")
    planned_leaves.plan(owner.pk, leaves_at=clock.now() + timedelta(hours=2), by=second, now=clock.now())
    plan(at_desk, second)
    leaving.leave(second.pk, by=owner, now=clock.now())
    assert PlannedLeave.objects.get(user=second).done_at == clock.now()
    plan(at_desk, nurse, day="2026-11-30", at="14:00")
    type(nurse).objects.filter(pk=nurse.pk).update(is_staff=False)

    later(hours=3)
    end_planned_work()

    owner.refresh_from_db()
    assert owner.is_active
    assert PlannedLeave.objects.get(user=owner).refused_at
    assert PlannedLeave.objects.get(user=nurse).withdrawn_at
    with pytest.raises(DomainError):
        planned_leaves.plan(second.pk, leaves_at=clock.now() + timedelta(hours=2), by=owner, now=clock.now())


def test_nothing_that_she_had_answers_afterwards(at_desk, nurse, owner, later):
    """Portal §11.8: session, second session, API key, feed, feed that she made, invitation, recovery, PIN, API by session."""
    nurse.groups.add(*at_desk.get("/staff/").wsgi_request.user.groups.all())  # an owner too, so that there is all of it
    now, day = clock.now(), clock.today().isoformat()
    tablet = Tablet.objects.create(name="Front desk", enrolled_at=now, ends_at=now + timedelta(days=9))
    set_pin(nurse, tablet, PIN, now)
    browser, on_tablet = signed_in(nurse), signed_in(nurse)
    on_tablet.cookies["tablet"] = tablet.link_token
    key = api_keys.make_key(name="Hers", scopes=["diary:read"], by=nurse, now=now)[1]
    other = PractitionerFactory()
    feeds = [
        feed_links.make(practitioner=whose, name="Phone", detail="times", by=nurse, now=now)
        for whose in (nurse.practitioner, nurse.practitioner)
    ]
    sent = Invitation.objects.create(
        email="x@clinic.example", roles=["owner"], invited_by=nurse, invited_at=now, expires_at=now + timedelta(days=6)
    )
    WebhookEndpoint.objects.create(name="Hers", url="https://hers.example/", events=["booking.booked"], created_at=now)
    wishes = [
        WaitingEntry.objects.create(
            patient=PatientFactory(), treatment=TreatmentFactory(), first_day=day, last_day=day, created_at=now
        )
        for _ in range(2)
    ]
    for wish, named in zip(wishes, ([nurse.practitioner], [nurse.practitioner, other]), strict=True):
        wish.practitioners.set(named)
    bearer = {"Authorization": f"Bearer {key}"}
    calendar = [f"/calendar/{feed.link_token}.ics" for feed in feeds]

    def answers():
        unlock = Client()
        unlock.cookies["tablet"] = tablet.link_token
        return [
            browser.get("/diary/"),
            browser.get(f"/api/v1/diary?day={day}"),
            on_tablet.get("/staff/"),
            Client().get(f"/api/v1/diary?day={day}", headers=bearer),
            *(Client().get(address) for address in calendar),
            Client().get(urlsplit(link_of(sent)).path),
            unlock.post("/accounts/unlock/", {"person": nurse.pk, "pin": PIN}),
        ]

    assert [one.status_code for one in answers()] == [200, 401, 200, 200, 200, 200, 302, 302]
    plan(at_desk, nurse, day="2026-11-30", at="14:00")
    later(hours=2)

    end_planned_work()

    ended = answers()
    assert [one.status_code for one in ended] == [302, 401, 302, 401, 404, 404, 410, 422]
    assert {one["Location"].partition("?")[0] for one in ended if one.status_code == 302} == {"/accounts/login/"}
    assert [list(wish.practitioners.all()) for wish in wishes] == [[], [other]]
    assert Recovery.objects.pending().filter(user=nurse).count() == 0
    said = Leaver.objects.get().ended
    for part in ("2 calendar feeds", "1 API key", "2 wishes", "1 invitation", "1 webhook of the clinic", "Roles ended"):
        assert any(part in sentence for sentence in said), (part, said)

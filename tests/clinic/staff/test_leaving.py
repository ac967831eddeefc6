"""Someone leaves: first their visits find another home, then nothing of theirs opens anything."""

from __future__ import annotations

from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Group
from django.test import Client

from bookings.integrations import api_keys
from bookings.visits.models import Appointment
from bookings.visits.models.statuses import Status
from clinic.core import clock
from clinic.core.errors import DomainError
from clinic.staff import leaving, people
from clinic.staff.models import Invitation, Leaver, Recovery
from tests.clinic.staff.conftest import enrolled, signed_in
from tests.factories.bookings import AppointmentFactory, working_week
from tests.factories.clinic import PractitionerFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def nurse(owner):
    user = enrolled(role="practitioner", email="nurse@clinic.example", name="Nina Nurse")
    PractitionerFactory(name="Nina Nurse", user=user)
    return user


def leave(client, user):
    return client.post(f"/staff/{user.pk}/leave/")


def test_not_while_visits_are_hers(at_desk, nurse):
    visit = AppointmentFactory(practitioner=nurse.practitioner, starts_at=clock.now() + timedelta(days=9))

    answer = leave(at_desk, nurse)

    assert answer.status_code == 409
    page = answer.content.decode()
    assert "1 coming visit" in page
    assert "/diary/plan/?who=" in page
    nurse.refresh_from_db()
    assert (nurse.is_active, Leaver.objects.exists()) == (True, False)
    Appointment.objects.filter(pk=visit.pk).update(status=Status.CANCELLED, cancelled_at=clock.now())
    assert leave(at_desk, nurse).status_code == 302


def test_the_plan_hands_her_visits_to_a_colleague(at_desk, nurse):
    colleague = PractitionerFactory(name="Cora Colleague")
    visit = AppointmentFactory(practitioner=nurse.practitioner, starts_at=clock.now() + timedelta(days=9))
    for one in (nurse.practitioner, colleague):
        visit.treatment.practitioners.add(one)
        working_week(one, visit.location, days=range(1, 8))
    duty = leaving.open_duties(nurse, clock.now())[0]

    page = at_desk.get(duty.address)

    row = page.context["rows"][0]
    moves = [option for option in row.options if option.label.startswith("Move to")]
    assert moves
    assert all("with Cora Colleague" in option.label for option in moves)
    chosen = next(option.value for option in row.options if option.is_chosen)
    fields = {
        f"version-{visit.reference}": visit.version,
        f"choice-{visit.reference}": chosen,
        "is_plan": 1,
        "do": "do",
    }
    fields |= {"key": page.context["key"], "next": page.context["next"]}
    answer = at_desk.post("/diary/plan/", dict(page.context["carried"]) | fields)
    assert answer["Location"] == f"/staff/{nurse.pk}/"
    assert leave(at_desk, nurse)["Location"] == "/staff/"
    visit.refresh_from_db()
    assert visit.practitioner == colleague


def test_nothing_of_hers_answers_afterwards(at_desk, nurse, owner):
    nurse.groups.add(Group.objects.get_or_create(name="desk")[0])  # whose right the key has
    browser, key = signed_in(nurse), api_keys.make_key(name="Hers", scopes=["diary:read"], by=nurse, now=clock.now())[1]
    bearer = {"Authorization": f"Bearer {key}"}
    day = clock.today().isoformat()
    api = f"/api/v1/diary?day={day}"
    assert browser.get("/diary/").status_code == 200
    assert Client().get(api, headers=bearer).status_code == 200

    leave(at_desk, nurse)

    assert browser.get("/diary/")["Location"].startswith("/accounts/login/")
    assert Client().get(api, headers=bearer).status_code == 401
    nurse.refresh_from_db()
    assert (nurse.is_active, nurse.has_usable_password(), nurse.groups.count()) == (False, False, 0)
    assert not Authenticator.objects.filter(user=nurse).exists()
    nurse.practitioner.refresh_from_db()
    assert (nurse.practitioner.is_bookable, nurse.practitioner.live) == (False, False)
    row = Leaver.objects.get()
    assert (row.ended_by, row.roles) == (owner, ["desk", "practitioner"])
    assert "1 API key revoked." in row.ended


def test_undo_gives_back_the_roles_alone(at_desk, nurse):
    leave(at_desk, nurse)

    at_desk.post(f"/staff/{nurse.pk}/back/")

    nurse.refresh_from_db()
    assert (nurse.is_active, list(nurse.groups.values_list("name", flat=True))) == (True, ["practitioner"])
    assert not Authenticator.objects.filter(user=nurse).exists()
    assert not nurse.practitioner.is_bookable
    assert at_desk.post(f"/staff/{nurse.pk}/back/").status_code == 404


def test_nobody_ends_their_own_work(at_desk, owner):
    enrolled(role="owner")

    assert leave(at_desk, owner).status_code == 409


def test_nobody_leaves_twice(at_desk, nurse, owner):
    leave(at_desk, nurse)

    assert leave(at_desk, nurse).status_code == 404


def test_what_she_sent_is_withdrawn(at_desk, nurse):
    now = clock.now()
    Invitation.objects.create(
        email="x@clinic.example", roles=["desk"], invited_by=nurse, invited_at=now, expires_at=now + timedelta(days=1)
    )

    leave(at_desk, nurse)

    assert Invitation.objects.get().revoked_at


def test_a_leaver_is_listed_and_can_be_invited_again(at_desk, nurse):
    leave(at_desk, nurse)

    page = at_desk.get("/staff/").content.decode()
    answer = at_desk.post("/staff/", {"email": nurse.email, "roles": ["desk"]})

    assert "Nina Nurse" in page
    assert answer.status_code == 302


def test_pressed_twice_at_once_the_second_is_told(at_desk, nurse, owner):
    """Both had found her on the page before either had the lock."""
    leaving.leave(nurse.pk, by=owner, now=clock.now())

    with pytest.raises(DomainError):
        leaving.leave(nurse.pk, by=owner, now=clock.now())
    with pytest.raises(DomainError):
        people.set_roles(nurse.pk, ["desk"])


def test_who_has_left_meanwhile_ends_nobodys_work(owner, nurse):
    second, _third = enrolled(role="owner"), enrolled(role="owner")
    leaving.leave(second.pk, by=owner, now=clock.now())

    with pytest.raises(DomainError):
        leaving.leave(owner.pk, by=second, now=clock.now())

    assert Leaver.objects.count() == 1


def test_back_is_all_or_nothing(at_desk, nurse, owner):
    """An owner whose own sign-in was reset a moment ago cannot send the link: then no role is given either."""
    leave(at_desk, nurse)
    now = clock.now()
    Recovery.objects.create(user=owner, allowed_at=now, expires_at=now + timedelta(hours=1))

    answer = at_desk.post(f"/staff/{nurse.pk}/back/", follow=True)

    assert "was reset meanwhile" in answer.content.decode()
    nurse.refresh_from_db()
    assert (nurse.is_active, nurse.groups.count()) == (False, 0)

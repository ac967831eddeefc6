"""The desk lets an account open a record, with what it has seen; and looks again before somebody's help ends."""

import re
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress

from bookings.messages.models import Message
from bookings.messages.planning.account_letters import letter_of
from clinic.accounts.rights import Role
from clinic.core import clock
from clinic.patients.helping.invitations import Asked, invite
from clinic.patients.models import AccessInvitation, PatientAccess
from tests.bookings.online.flow import MONDAY, text
from tests.factories.browsers import just_signed_in
from tests.factories.clinic import AccessFactory, CarerAccessFactory, PatientFactory, StaffFactory, UserFactory

pytestmark = pytest.mark.django_db
OTHER = "other@example.com"


@pytest.fixture(autouse=True)
def at_a_known_hour(time_machine):
    time_machine.move_to(MONDAY, tick=False)


@pytest.fixture
def desk():
    return just_signed_in(StaffFactory(role=Role.DESK))


@pytest.fixture
def patient():
    return PatientFactory(full_name="Robin Lee", email="family@example.com")


def give(desk, patient, **changes):
    said = {"kind": "self", "email": OTHER, "evidence": "Passport seen", "until": ""} | changes
    return desk.post(f"/diary/patients/{patient.reference}/accounts/give/", said)


def accept():
    user = UserFactory(email=OTHER)
    EmailAddress.objects.create(user=user, email=OTHER, verified=True, primary=True)
    words = letter_of(Message.objects.get(kind="account", recipient=OTHER)).text
    client = just_signed_in(user)
    client.get(re.search(r"/helping/[\w-]+/", words).group())
    client.post("/my/people/invitation/", {"is_adult": "yes"})
    return user


def test_a_second_person_with_the_same_mailbox_gets_their_own_record(desk, patient):
    AccessFactory(patient__email="family@example.com")
    assert give(desk, patient).status_code == 302
    user = accept()

    access = PatientAccess.objects.get(user=user)
    assert (access.patient, access.kind, access.source, access.evidence) == (patient, "self", "staff", "Passport seen")
    assert Message.objects.get(kind="joined").recipient == "family@example.com"
    assert "Passport seen" in text(desk.get(f"/diary/patients/{patient.reference}/"))


def test_who_is_invited_is_seen_until_they_answer(desk, patient):
    give(desk, patient)
    record = f"/diary/patients/{patient.reference}/"
    assert f"Invited: {OTHER}, until" in text(desk.get(record))

    accept()

    assert "Invited:" not in text(desk.get(record))


@pytest.mark.parametrize("by", ["desk", "patient"])
def test_the_desk_withdraws_what_nobody_has_answered(desk, patient, by):
    if by == "desk":
        give(desk, patient)
    else:
        asked = Asked(OTHER, until=clock.today() + timedelta(days=40))
        own = AccessFactory(patient=patient)
        invite(patient, asked, by=own.user, is_staff=False, now=clock.now())
    record, invitation = f"/diary/patients/{patient.reference}/", AccessInvitation.objects.get()
    withdraw = f"{record}accounts/invitations/{invitation.pk}/withdraw/"
    assert withdraw in desk.get(record).text

    desk.post(withdraw)
    desk.post(withdraw)
    accept()

    assert "Invited" not in text(desk.get(record))
    assert not PatientAccess.objects.filter(user__email=OTHER).exists()


def test_what_was_accepted_just_now_is_not_withdrawn(desk, patient):
    give(desk, patient)
    user, invitation = accept(), AccessInvitation.objects.get()

    answer = desk.post(
        f"/diary/patients/{patient.reference}/accounts/invitations/{invitation.pk}/withdraw/", follow=True
    )

    assert "has accepted it meanwhile" in text(answer)
    assert PatientAccess.objects.filter(user=user, revoked_at=None).exists()


def test_someone_who_helps_until_a_day(desk, patient):
    until = clock.today() + timedelta(days=40)
    assert give(desk, patient, kind="carer", until=until.isoformat(), messages="on").status_code == 302
    access = PatientAccess.objects.get(user=accept())

    assert (access.kind, access.may, access.source) == ("carer", ["visits", "messages"], "staff")
    assert clock.today(access.ends_at - timedelta(seconds=1)) == until


@pytest.mark.parametrize(
    "wrong", [{"evidence": " "}, {"email": "x"}, {"kind": "carer"}, {"kind": "carer", "until": "2028-01-01"}]
)
def test_refuses_what_is_missing_or_too_long(desk, patient, wrong):
    assert give(desk, patient, **wrong).status_code in {409, 422}
    assert not AccessInvitation.objects.exists()


def test_refuses_a_second_account_of_one_patient(desk, patient):
    AccessFactory(patient=patient)

    assert give(desk, patient).status_code == 409


def test_takes_a_fresh_sign_in(desk, patient, time_machine):
    time_machine.shift(timedelta(minutes=6))

    assert give(desk, patient).status_code == 302
    assert not AccessInvitation.objects.exists()


def test_a_practitioner_not_for_a_patient_they_do_not_know(patient):
    client = just_signed_in(StaffFactory(role=Role.PRACTITIONER))

    assert give(client, patient).status_code == 404


def test_help_that_ends_soon_is_to_be_looked_at_until_it_is_ended(desk, patient):
    access = CarerAccessFactory(patient=patient, ends_at=clock.now() + timedelta(days=10))
    later = CarerAccessFactory(ends_at=clock.now() + timedelta(days=20))
    page = text(desk.get("/diary/messages/?tab=check"))
    assert access.user.email in page
    assert later.user.email not in page

    desk.post(f"/diary/patients/{patient.reference}/accounts/{access.pk}/end/", follow=True)  # the word on it, once

    assert access.user.email not in text(desk.get("/diary/messages/?tab=check"))

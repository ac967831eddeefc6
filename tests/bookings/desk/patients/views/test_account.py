"""The accounts that open a patient's record: the desk ends access, gives it back, and looks into what was disputed."""

import pytest
from allauth.account.models import EmailAddress
from django.test import Client

from bookings.messages.kinds import kind_of
from bookings.messages.models import Message
from bookings.online import joining
from clinic.core import clock
from clinic.core.models import ClinicSettings
from clinic.patients.claims import Claim
from clinic.patients.models import JoinNotice, PatientAccess
from tests.bookings.online.flow import MONDAY, text
from tests.factories.clinic import AccessFactory, PatientFactory, StaffFactory, UserFactory

pytestmark = pytest.mark.django_db
FAMILY = "family@example.com"


@pytest.fixture(autouse=True)
def _clinic(time_machine):
    time_machine.move_to(MONDAY, tick=False)
    clinic = ClinicSettings.load()
    clinic.email = "hello@example.com"
    clinic.save()


@pytest.fixture
def user():
    user = UserFactory(email="robin@example.com")
    EmailAddress.objects.create(user=user, email=FAMILY, verified=True, primary=True)
    return user


@pytest.fixture
def patient():
    return PatientFactory(full_name="Sam Lee", email=FAMILY)


@pytest.fixture
def notice(user, patient):
    said = Claim(patient.full_name, patient.date_of_birth)
    return joining.claim(said, user=user, address="192.0.2.7", now=clock.now()).notice


@pytest.fixture
def desk():
    client = Client()
    client.force_login(StaffFactory(role="desk", name="Dora Desk"))
    return client


def link(notice):
    return f"/not-me/{notice.link_token}/"


def record_page(desk, patient):
    return text(desk.get(f"/diary/patients/{patient.reference}/"))


def at(access, verb):
    return f"/diary/patients/{access.patient.reference}/accounts/{access.pk}/{verb}/"


def test_the_record_says_who_signs_in_since_when_and_how(desk, notice, patient):
    page = record_page(desk, patient)

    assert "Signs in: <strong>robin@example.com</strong>, since 23 Nov 2026, by claim" in page


def test_access_is_ended_after_a_question_and_the_trail_names_who_did_it(desk, notice, patient):
    access = notice.access
    assert "End this access?" in text(desk.get(at(access, "end")))
    assert PatientAccess.objects.live(clock.now()).exists()
    desk.post(at(access, "end"))

    assert not PatientAccess.objects.live(clock.now()).exists()
    page = record_page(desk, patient)
    assert "by Dora Desk" in page
    assert "No account opens this record" in page
    last = access.events.latest("pgh_id")
    assert (last.revoked_by.name, last.pgh_context.metadata["url"]) == ("Dora Desk", at(access, "end"))


def test_it_can_be_given_back(desk, notice, patient, user):
    desk.post(at(notice.access, "end"))
    assert "Undo" in record_page(desk, patient)
    desk.post(at(notice.access, "again"))

    access = PatientAccess.objects.live(clock.now()).get()
    assert (access.user, access.patient, access.source) == (user, patient, "staff")


def test_what_is_given_back_after_a_dispute_can_be_disputed_again(desk, notice, patient):
    Client().post(link(notice))
    desk.post(f"/diary/patients/{patient.reference}/accounts/{notice.access.pk}/again/")

    again = JoinNotice.objects.get(access=PatientAccess.objects.live(clock.now()).get())
    told = Message.objects.get(key=f"access:{again.access_id}:joined:email")
    assert told.recipient == patient.email
    facts = kind_of(told).facts(told, ClinicSettings.load(), clock.now())
    assert facts["link"].endswith(link(again))
    Client().post(link(again))
    assert not PatientAccess.objects.live(clock.now()).exists()


def test_not_to_a_record_that_is_somebody_elses_by_now(desk, notice, patient):
    desk.post(at(notice.access, "end"))
    AccessFactory(patient=patient)
    answer = desk.post(at(notice.access, "again"))

    assert answer.status_code == 409
    assert "This record has another account by now" in text(answer)


def test_what_was_disputed_stands_there_until_it_is_dealt_with(desk, notice, patient):
    Client().post(link(notice))
    assert "robin@example.com is not them" in record_page(desk, patient)
    message = Message.objects.get(kind="staff_notice")
    assert not kind_of(message).why_untrue(message, clock.now())
    desk.post(at(notice.access, "settle"))

    assert "is not them" not in record_page(desk, patient)
    assert kind_of(message).why_untrue(message, clock.now()) == "It has been dealt with."
    assert JoinNotice.objects.get().settled_by.name == "Dora Desk"


def test_it_stands_on_the_list_to_check_until_then(desk, notice, patient):
    to_check, on_it = "/diary/messages/?tab=check", f'href="/diary/patients/{patient.reference}/"'
    assert on_it not in text(desk.get(to_check))
    Client().post(link(notice))
    page = text(desk.get(to_check))
    assert on_it in page
    assert 'To check <span class="tag tag--clay">1</span>' in page
    desk.post(at(notice.access, "settle"))

    assert on_it not in text(desk.get(to_check))


def test_a_practitioner_reads_of_their_own_patients_alone(notice):
    Client().post(link(notice))
    nurse = Client()
    nurse.force_login(StaffFactory(role="practitioner"))

    assert "Sam Lee" not in text(nurse.get("/diary/messages/?tab=check"))


@pytest.mark.parametrize("verb", ["end", "again", "settle"])
def test_nobody_else_may(notice, verb, user):
    claimer, other = Client(), PatientFactory()
    claimer.force_login(user)
    assert claimer.post(at(notice.access, verb)).status_code == 403
    assert Client().post(at(notice.access, verb)).status_code == 302
    wrong = at(notice.access, verb).replace(notice.access.patient.reference, other.reference)
    assert claimer.post(wrong).status_code in {403, 404}
    assert PatientAccess.objects.live(clock.now()).exists()


def test_the_access_of_another_record_is_missing(desk, notice):
    other = PatientFactory()
    wrong = at(notice.access, "end").replace(notice.access.patient.reference, other.reference)

    assert desk.post(wrong).status_code == 404
    assert PatientAccess.objects.live(clock.now()).exists()

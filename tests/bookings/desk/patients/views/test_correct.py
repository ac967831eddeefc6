"""D6: the details put right, by one person at a time."""

import pytest
from django.test import Client

from clinic.patients.models import Patient
from tests.factories.bookings import AppointmentFactory
from tests.factories.clinic import PatientFactory, StaffFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def patient():
    return PatientFactory(full_name="Ann Smith", email="ann@example.com")


def address(patient):
    return f"/diary/patients/{patient.reference}/correct/"


def fields(desk, patient, **changed):
    form = desk.get(address(patient)).context["form"]
    filled = {box.html_name: box.value() for box in form if box.name != "date_of_birth"}
    day = patient.date_of_birth
    born = {"date_of_birth_day": day.day, "date_of_birth_month": day.month, "date_of_birth_year": day.year}
    return filled | born | changed


def test_who_may(client, patient):
    assert client.get(address(patient)).status_code == 302
    client.force_login(StaffFactory(role="editor"))
    assert client.get(address(patient)).status_code == 403


def test_details_are_corrected_and_the_record_tells_by_whom(desk, patient):
    wanted = {"full_name": " Ann  Jones ", "email": "", "phone": "07700 900 999", "access_needs": "Step-free"}
    wanted |= {"contact_note": "Do not ring at work", "contact_by": "sms", "date_of_birth_month": "mar"}
    answer = desk.post(address(patient), fields(desk, patient, **wanted), follow=True)

    patient.refresh_from_db()
    assert (patient.full_name, patient.email, str(patient.phone)) == ("Ann Jones", "", "+447700900999")
    assert (patient.access_needs, patient.contact_note, patient.contact_by) == (
        "Step-free",
        "Do not ring at work",
        "sms",
    )
    page = answer.content.decode()
    assert "Name: Ann Smith → Ann Jones" in page
    assert "Dana Desk" in page


@pytest.mark.parametrize(
    "wrong",
    [
        {"full_name": ""}, {"full_name": "\x00"}, {"full_name": "x" * 151}, {"email": "nowhere"}, {"phone": "12"},
        {"email": "x" * 300 + "@example.com"}, {"date_of_birth_year": ""}, {"date_of_birth_day": "31", "date_of_birth_month": "2"},
        {"date_of_birth_year": "2090"}, {"contact_by": "pigeon"}, {"access_needs": "x" * 301}, {"contact_note": "x" * 201},
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_beside_the_field_and_kept(desk, patient, wrong):
    answer = desk.post(address(patient), fields(desk, patient, **wrong))

    assert answer.status_code == 422
    assert "There is a problem" in answer.content.decode()
    assert Patient.objects.get(pk=patient.pk).full_name == "Ann Smith"


def test_the_second_of_two_people_sees_what_the_first_changed_and_may_still_save(desk, patient):
    mine = fields(desk, patient, full_name="Ann Jones")
    desk.post(address(patient), fields(desk, patient, access_needs="Step-free"))

    refused = desk.post(address(patient), mine)

    page = " ".join(refused.content.decode().split())
    assert refused.status_code == 409
    assert "Access needs: none → Step-free" in page
    assert 'value="Ann Jones"' in page
    again = mine | {"seen": refused.context["form"]["seen"].value()}
    assert desk.post(address(patient), again).status_code == 302
    assert Patient.objects.get(pk=patient.pk).full_name == "Ann Jones"


def test_a_record_that_is_there_already_is_offered_for_a_merge(desk, patient):
    other = PatientFactory(full_name="Ann Jones", email="ann@example.com")

    refused = desk.post(address(patient), fields(desk, patient, full_name="Ann Jones"))

    assert refused.status_code == 409
    assert f"/diary/patients/{patient.reference}/merge/?with={other.reference}" in refused.content.decode()


def test_a_merged_record_leads_to_the_one_that_remained(desk, patient):
    gone = PatientFactory(merged_into=patient)

    assert desk.get(address(gone)).url == f"/diary/patients/{patient.reference}/"
    assert desk.get(f"/diary/patients/{gone.reference}/").url == f"/diary/patients/{patient.reference}/"


@pytest.mark.parametrize(("changed", "opens"), [({"phone": "07700 900 999"}, 302), ({"email": "new@example.com"}, 404)])
def test_links_in_a_mailbox_that_was_not_theirs_open_nothing_any_more(desk, patient, changed, opens):
    link = f"/visit/{AppointmentFactory(patient=patient).link_token}/"
    assert desk.post(address(patient), fields(desk, patient, **changed)).status_code == 302

    assert Client().get(link).status_code == opens

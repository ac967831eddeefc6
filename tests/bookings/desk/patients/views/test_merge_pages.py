"""D6: duplicates at the desk, side by side, merged and put back."""

from datetime import timedelta

import pytest
from django.utils import timezone

from clinic.patients.models import Patient, PatientMerge
from tests.factories.bookings import AppointmentFactory
from tests.factories.clinic import PatientFactory, StaffFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann():
    return PatientFactory(full_name="Ann Smith", email="ann@example.com")


@pytest.fixture
def double():
    return PatientFactory(full_name="Anne Smith", email="")


def address(patient):
    return f"/diary/patients/{patient.reference}/merge/"


def text_of(answer):
    return " ".join(answer.content.decode().split())


def test_who_may(client, ann, double):
    assert client.get(address(ann)).status_code == 302
    client.force_login(StaffFactory(role="editor"))
    for answer in (
        client.get(address(ann)),
        client.post(address(ann), {"with": double.reference, "keep": ann.reference}),
    ):
        assert answer.status_code == 403
    assert not PatientMerge.objects.exists()


def test_candidates_are_shown_with_reasons_and_others_are_found(desk, ann, double):
    PatientFactory(full_name="Beth Walker", phone="", date_of_birth="1950-01-01")

    page = text_of(desk.get(address(ann), {"q": "walker"}))

    for text in ("Anne Smith", "Same date of birth", "Beth Walker", f"?with={double.reference}"):
        assert text in page


def test_merge_and_undo(desk, ann, double):
    visit = AppointmentFactory(patient=double)
    side_by_side = text_of(desk.get(address(ann), {"with": double.reference}))
    assert visit.treatment.name in side_by_side
    assert "Same telephone number" in side_by_side

    page = desk.post(address(ann), {"with": double.reference, "keep": ann.reference}, follow=True)

    assert page.redirect_chain == [(f"/diary/patients/{ann.reference}/", 302)]
    assert "Undo this merge" in page.content.decode()
    visit.refresh_from_db()
    assert visit.patient == ann
    undone = desk.post(f"{address(ann)}{PatientMerge.objects.get().pk}/undo/", follow=True)
    assert "Anne Smith has a record of their own again." in undone.content.decode()
    visit.refresh_from_db()
    assert visit.patient == double


def test_the_other_record_may_be_the_one_that_stays(desk, ann, double):
    desk.post(address(ann), {"with": double.reference, "keep": double.reference})

    ann.refresh_from_db()
    assert ann.merged_into == double


def test_overlapping_visits_are_shown_in_place_of_the_button(desk, ann, double):
    at = timezone.now() + timedelta(days=1)
    for patient in (ann, double):
        AppointmentFactory(patient=patient, starts_at=at)

    page = desk.get(address(ann), {"with": double.reference}).content.decode()
    refused = desk.post(address(ann), {"with": double.reference, "keep": ann.reference})

    assert "both have a visit at the same time" in page
    assert "Merge the two records" not in page
    assert refused.status_code == 409
    assert not PatientMerge.objects.exists()


def test_the_later_of_two_people_is_told(desk, ann, double):
    sent = {"with": double.reference, "keep": double.reference}
    desk.post(address(ann), {"with": double.reference, "keep": ann.reference})

    answer = desk.post(address(double), {"with": ann.reference, "keep": double.reference}, follow=True)

    assert "was merged into this one" in answer.content.decode()
    assert desk.post(address(ann), sent).status_code == 409
    assert Patient.objects.get(pk=double.pk).merged_into == ann


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({}, 404),
        ({"with": "BBBBBBBB"}, 404),
        ({"with": "\x00"}, 404),
        ({"with": "double"}, 422),
        ({"with": "ann"}, 422),
    ],
)
def test_what_makes_no_sense_changes_nothing(desk, ann, double, sent, status):
    names = {"double": double.reference, "ann": ann.reference}
    sent = {name: names.get(value, value) for name, value in sent.items()}

    assert desk.post(address(ann), sent).status_code == status
    assert desk.get(address(ann), sent).status_code == 200
    assert not PatientMerge.objects.exists()


def test_a_merge_of_another_record_is_not_undone_here(desk, ann, double):
    desk.post(address(ann), {"with": double.reference, "keep": ann.reference})
    other = PatientFactory()

    assert desk.post(f"{address(other)}{PatientMerge.objects.get().pk}/undo/").status_code == 404
    assert desk.get(f"{address(ann)}{PatientMerge.objects.get().pk}/undo/").status_code == 405

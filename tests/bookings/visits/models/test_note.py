"""A note that does not open, its key lost or its row changed, takes no page with it."""

import logging

import pytest
from django.conf import settings
from django.test import Client

from bookings.visits.models import PatientNote
from clinic.accounts.rights import Role
from clinic.core import clock
from clinic.privacy import copies
from tests.bookings.online.flow import MONDAY, small_clinic, text
from tests.factories.bookings import AppointmentFactory, PatientNoteFactory
from tests.factories.clinic import AccessFactory, StaffFactory

pytestmark = pytest.mark.django_db
CANNOT = "This note cannot be read"


@pytest.fixture
def visit(time_machine, monkeypatch):
    """A visit today with two notes, the first of them by a key that is gone."""
    time_machine.move_to(MONDAY, tick=False)
    clinic, ring = small_clinic(), settings.FIELD_KEYS
    visit = AppointmentFactory(practitioner=clinic.aisha, treatment=clinic.peel, starts_at=clock.now())
    monkeypatch.setattr(settings, "FIELD_KEYS", {"lost": b"l" * 32, **ring})
    PatientNoteFactory(patient=visit.patient, visit=visit, text="Sealed by a key that is gone")
    monkeypatch.setattr(settings, "FIELD_KEYS", ring)
    PatientNoteFactory(patient=visit.patient, visit=visit, text="Afraid of needles")
    return visit


@pytest.fixture
def desk():
    client = Client()
    client.force_login(StaffFactory(role=Role.DESK))
    return client


def test_every_page_shows_the_others_and_says_so_and_the_log_has_it(desk, visit, caplog):
    pages = (
        f"/diary/patients/{visit.patient.reference}/",
        f"/diary/visits/{visit.reference}/",
        "/diary/sheet/",
    )
    for page in pages:
        with caplog.at_level(logging.ERROR):
            answer = desk.get(page)

        assert answer.status_code == 200, page
        assert CANNOT in text(answer), page
        assert "Afraid of needles" in text(answer), page
        assert "Sealed by" not in text(answer)
    lost = PatientNote.objects.earliest("pk")
    assert f"A sealed text cannot be read: row {lost.pk} " in caplog.text


def test_it_stops_no_copy_of_data(visit, settings, tmp_path):
    settings.COPIES_DIR = tmp_path / "copies"
    account = AccessFactory(patient=visit.patient).user
    copies.ask(account=account, patient=visit.patient, now=clock.now())

    assert copies.look(clock.now()) == {"made": 1}

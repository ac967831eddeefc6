"""What patients wrote under a key that is gone: every page stands without it and says so, and nothing writes over it."""

from datetime import date, timedelta

import pytest
from django.conf import settings
from django.test import Client

from bookings.visits.models import Appointment
from bookings.waiting_list.answers import take
from bookings.waiting_list.models import Offer, WaitingEntry
from clinic.accounts.rights import Role
from clinic.core import clock
from clinic.core.sealing.fields import CANNOT_BE_READ, readable
from clinic.patients.history import corrections
from clinic.patients.models import Patient
from clinic.privacy import copies
from tests.bookings.online.flow import BIRTHDAY, MONDAY, hidden, small_clinic, text
from tests.factories.bookings import AppointmentFactory, HoldFactory
from tests.factories.clinic import AccessFactory, PatientFactory, StaffFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def visit(time_machine, monkeypatch):
    """A visit of this hour, its patient and a wish, all that they say by a key that is gone."""
    time_machine.move_to(MONDAY, tick=False)
    clinic, ring = small_clinic(), settings.FIELD_KEYS
    monkeypatch.setattr(settings, "FIELD_KEYS", {"lost": b"l" * 32, **ring})
    patient = PatientFactory(full_name="Ann Smith", access_needs="Lost ramp", contact_note="Lost number")
    visit = AppointmentFactory(
        patient=patient,
        practitioner=clinic.aisha,
        treatment=clinic.peel,
        location=clinic.location,
        starts_at=clock.now() + timedelta(hours=3),
        note="Lost needles",
    )
    its = {"first_day": date(2026, 11, 23), "last_day": date(2026, 12, 23), "created_at": clock.now()}
    WaitingEntry.objects.create(patient=patient, treatment=clinic.peel, note="Lost wish", **its)
    monkeypatch.setattr(settings, "FIELD_KEYS", ring)
    return visit


@pytest.fixture
def desk():
    client = Client()
    client.force_login(StaffFactory(role=Role.DESK))
    return client


def test_every_page_says_so_and_the_log_has_which(desk, visit, caplog):
    record, alike = f"/diary/patients/{visit.patient.reference}/", PatientFactory(full_name="Ann Smythe")
    pages = {
        f"/diary/visits/{visit.reference}/": 3,
        record: 2,
        f"{record}merge/?with={alike.reference}": 1,
        "/diary/sheet/": 2,
        "/diary/waiting/": 1,
        f"{record}correct/": 0,
        "/diary/": 0,
        "/diary/lately/": 0,
    }
    for page, times in pages.items():
        answer = desk.get(page)
        assert (answer.status_code, text(answer).count(CANNOT_BE_READ)) == (200, times), page
        assert "Lost" not in text(answer)
    assert f"A sealed text cannot be read: row {visit.pk} (visit, note)." in caplog.text


def test_an_empty_box_takes_nothing_away_and_what_is_typed_is_kept(desk, visit):
    patient, address = visit.patient, f"/diary/patients/{visit.patient.reference}/correct/"
    before = vars(Patient.objects.get(pk=patient.pk))
    form = desk.get(address).context["form"]
    typed = {box.html_name: box.value() or "" for box in form if box.name != "date_of_birth"} | BIRTHDAY

    desk.post(address, typed | {"full_name": "Ann Jones", "contact_note": "After six"})

    now_is = Patient.objects.get(pk=patient.pk)
    assert (now_is.full_name, now_is.contact_note) == ("Ann Jones", "After six")
    assert vars(now_is)["access_needs"] == before["access_needs"]
    assert [(one.what, one.before) for one in corrections(now_is)[0].changes] == [
        ("Name", "Ann Smith"),
        ("How to contact", CANNOT_BE_READ),
    ]


def test_patients_see_their_details_and_have_a_copy_made(visit, settings, tmp_path):
    settings.COPIES_DIR = tmp_path / "copies"
    account, browser = AccessFactory(patient=visit.patient).user, Client()
    browser.force_login(account)
    copies.ask(account=account, patient=visit.patient, now=clock.now())

    assert browser.get("/my/").status_code == browser.get("/my/details/").status_code == 200
    assert copies.look(clock.now()) == {"made": 1}


def test_an_offered_time_is_booked_without_the_note(visit):
    entry = WaitingEntry.objects.get()
    at = clock.now() + timedelta(days=1, hours=4)
    held = HoldFactory(
        practitioner=visit.practitioner, treatment=entry.treatment, location=visit.location, starts_at=at
    )
    offer = Offer.objects.create(
        entry=entry,
        appointment=held,
        practitioner=visit.practitioner,
        starts_at=at,
        created_at=clock.now(),
        expires_at=clock.now() + timedelta(hours=1),
    )

    booked = take(offer, clock.now())

    assert (Appointment.objects.get(pk=booked.pk).note, readable(entry, "note")) == ("", "")


def test_two_records_are_merged_and_the_unreadable_is_left_where_it_is(desk, visit):
    kept = PatientFactory(full_name="Ann Smythe", access_needs="", contact_note="")
    address = f"/diary/patients/{kept.reference}/merge/"

    page = desk.get(f"{address}?with={visit.patient.reference}")
    desk.post(address, hidden(page) | {"with": visit.patient.reference, "keep": kept.reference})

    assert Patient.objects.get(pk=visit.patient.pk).merged_into == kept
    assert Patient.objects.get(pk=kept.pk).access_needs == ""

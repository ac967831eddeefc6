"""D6: everything of one patient on one page."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bookings.messages.models import Message
from bookings.visits.models.statuses import Status
from bookings.waiting_list.models import WaitingEntry
from tests.factories.bookings import AppointmentFactory, PatientNoteFactory
from tests.factories.clinic import PatientFactory, StaffFactory, TreatmentFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ten_past_nine")]
NOW = datetime(2026, 11, 24, 9, 10, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def patient():
    return PatientFactory(
        full_name="Siobhán O’Brien", access_needs="Step-free, please", contact_note="Do not ring at work"
    )


def page_of(desk, patient, **query):
    answer = desk.get(f"/diary/patients/{patient.reference}/", query)
    return " ".join(answer.content.decode().split())


def full_history(patient, number):
    for n in range(number):
        visit = AppointmentFactory(patient=patient, starts_at=NOW - (n + 1) * DAY, status=Status.COMPLETED)
        AppointmentFactory(patient=patient, starts_at=NOW + (n + 1) * DAY)
        PatientNoteFactory(patient=patient, visit=visit)
        times = {"due_at": NOW - n * DAY, "expires_at": NOW + DAY, "recipient": patient.email}
        Message.objects.create(key=f"{patient.pk} {n}", kind="reminder", channel="email", patient=patient, **times)


def test_who_may_open_it(client, patient):
    address = f"/diary/patients/{patient.reference}/"
    assert client.get(address).status_code == 302
    for user, status in (
        (StaffFactory(role="desk"), 200), (StaffFactory(role="owner"), 200), (StaffFactory(role="practitioner"), 404),
        (StaffFactory(role="editor"), 403), (UserFactory(), 403),
    ):  # fmt: skip
        client.force_login(user)
        assert client.get(address).status_code == status
        assert client.get("/diary/patients/BBBBBBBB/").status_code == (403 if status == 403 else 404)
    assert "no-store" in client.get(address)["Cache-Control"]


def test_it_says_who_and_how_to_reach_them(desk, patient):
    page = page_of(desk, patient)

    for text in ("Siobhán O’Brien", "38 years, born 27 March 1988", "Step-free, please", "Do not ring at work"):
        assert text in page
    assert 'href="tel:+447700900123"' in page
    assert f'href="mailto:{patient.email}"' in page
    assert f'href="/diary/book/?patient={patient.reference}&amp;next=%2Fdiary%2Fpatients%2F' in page


def test_what_cannot_be_sent_is_told(desk):
    assert "Nothing can be sent" in page_of(desk, PatientFactory(email="", phone="+441632960123"))


def test_missed_and_late_cancelled_visits_are_counted(desk, patient):
    mine = {"patient": patient}
    AppointmentFactory(**mine, starts_at=NOW - DAY, status=Status.NO_SHOW)
    AppointmentFactory(**mine, starts_at=NOW - 2 * DAY, status=Status.NO_SHOW)
    for days, is_late in ((3, True), (4, False)):
        cancelled = {"status": Status.CANCELLED, "cancelled_at": NOW, "was_cancelled_late": is_late}
        AppointmentFactory(**mine, starts_at=NOW - days * DAY, **cancelled)
    AppointmentFactory(**mine, starts_at=NOW - 5 * DAY, status=Status.COMPLETED)

    page = page_of(desk, patient)

    assert ("1 completed" in page, "2 missed" in page, "1 cancelled late" in page) == (True, True, True)


def test_the_latest_past_visits_are_shown_and_all_if_asked(desk, patient):
    full_history(patient, 13)
    last = patient.appointments.order_by("during").first()

    visits = page_of(desk, patient).partition('id="visits-h"')[2].partition('id="notes-h"')[0]
    assert visits.count("/diary/visits/") == 13 + 10
    assert f"/diary/visits/{last.reference}/" not in visits
    assert "Show all visits" in page_of(desk, patient)
    assert f"/diary/visits/{last.reference}/" in page_of(desk, patient, show="all")
    assert "Show all visits" not in page_of(desk, patient, show="all")


def test_messages_and_wishes_are_listed(desk, patient):
    full_history(patient, 1)
    days = {"first_day": date(2026, 12, 1), "last_day": date(2026, 12, 9), "created_at": NOW}
    WaitingEntry.objects.create(patient=patient, treatment=TreatmentFactory(name="Peel wished for"), **days)

    page = page_of(desk, patient)

    assert f"/diary/messages/{Message.objects.get().pk}/" in page
    assert "Peel wished for" in page


def test_a_correction_that_makes_someone_too_young_for_a_booked_treatment_is_told(desk):
    child = PatientFactory(date_of_birth=date(2010, 1, 1))
    AppointmentFactory(patient=child, treatment=TreatmentFactory(minimum_age=18), starts_at=NOW + DAY)

    assert "Too young for a booked treatment" in page_of(desk, child)


def test_statements_do_not_grow_with_the_history(desk, patient):
    other = PatientFactory()
    full_history(patient, 2)
    full_history(other, 9)
    page_of(desk, PatientFactory())  # reads the settings of the site
    counts = []
    for one in (patient, other):
        with CaptureQueriesContext(connection) as asked:
            page_of(desk, one)
        counts.append(len(asked))

    assert counts[0] == counts[1] <= 20


def test_the_name_on_the_visits_page_leads_here_and_needs_stand_there_too(desk, patient):
    visit = AppointmentFactory(patient=patient, note="I park at the back.")

    page = desk.get(f"/diary/visits/{visit.reference}/").content.decode()

    address = f"/diary/patients/{patient.reference}/?next=%2Fdiary%2Fvisits%2F{visit.reference}%2F"
    assert re.search(rf'href="{re.escape(address)}"\s*>Siobhán O’Brien</a>', page)
    for text in ("Step-free, please", "Do not ring at work", "I park at the back.", "Note from the patient"):
        assert text in page


def test_booking_for_this_patient_has_them_chosen(desk, patient):
    page = desk.get("/diary/book/", {"patient": patient.reference}).content.decode()

    assert f'value="{patient.reference}"' in page
    assert "Siobhán O’Brien" in page


def under(page, heading):
    """The visits listed under this heading."""
    part = page.partition(f"<h3>{heading}</h3>")[2].partition("<h3>")[0].partition('id="notes-h"')[0]
    return re.findall(r"/diary/visits/(\w+)/", part)


@pytest.mark.parametrize("status", [Status.ARRIVED, Status.IN_PROGRESS])
def test_a_patient_who_is_here_stands_on_top(desk, patient, status):
    here = AppointmentFactory(patient=patient, starts_at=NOW - timedelta(minutes=20), status=status)
    forgotten = AppointmentFactory(patient=patient, starts_at=NOW - 3 * DAY, status=status)

    page = page_of(desk, patient)

    assert under(page, "Here now") == [here.reference]
    assert under(page, "Past and cancelled") == [forgotten.reference]
    assert page.index("Here now") < page.index("To come")


def test_a_patient_who_is_late_is_still_to_come(desk, patient):
    late = AppointmentFactory(patient=patient, starts_at=NOW - timedelta(minutes=10), status=Status.CONFIRMED)

    page = page_of(desk, patient)

    assert under(page, "To come") == [late.reference]
    assert "Here now" not in page


def test_withdrawn_messages_are_folded(desk, patient):
    visit = AppointmentFactory(patient=patient, starts_at=NOW + DAY)
    for n, state in enumerate(["withdrawn", "planned", "withdrawn", "withdrawn"]):
        times = {"due_at": NOW + n * DAY, "expires_at": NOW + 9 * DAY, "recipient": patient.email}
        known = {"kind": "reminder", "channel": "email", "patient": patient, "appointment": visit, "state": state}
        Message.objects.create(key=f"{n}", **known, **times)

    for address in (f"/diary/patients/{patient.reference}/", f"/diary/visits/{visit.reference}/"):
        page = BeautifulSoup(desk.get(address).content, "html.parser").find(
            attrs={"aria-labelledby": re.compile("^(messages|sent)-h")}
        )
        folded = page.find("details", class_="details").extract()
        assert folded.summary.text == "3 withdrawn"
        assert len(folded.find_all("li")) == 3
        assert len(page.find_all("li")) == 1


@pytest.mark.parametrize("chosen", ["h1 a", "a[href$='#notes-h']"])
def test_it_leads_back_to_the_visit_it_was_opened_from_also_after_a_note(desk, patient, chosen):
    visit = AppointmentFactory(patient=patient, starts_at=NOW + DAY)
    of_the_visit = f"/diary/visits/{visit.reference}/?next=%2Fdiary%2F%23g"
    link = BeautifulSoup(desk.get(of_the_visit).content, "html.parser").select_one(chosen)

    opened = BeautifulSoup(desk.get(link["href"]).content, "html.parser")
    form = opened.select_one("form[action*='/notes/']")
    sent = {box["name"]: box.get("value", "") for box in form.select("input[name]")}
    empty = BeautifulSoup(desk.post(form["action"], sent | {"text": ""}).content, "html.parser")
    noted = desk.post(form["action"], sent | {"text": "Latex allergy"}, follow=True)

    for page in (opened, empty, BeautifulSoup(noted.content, "html.parser")):
        back = page.select_one("a.back")
        assert (back["href"], back.get_text(strip=True)) == (of_the_visit, "Back")
    assert "Latex allergy" in noted.content.decode()


def test_it_leads_back_to_what_was_looked_for(desk, patient):
    looked = "/diary/patients/?q=obrien"
    link = BeautifulSoup(desk.get(looked).content, "html.parser").select_one("tbody th a")
    back = BeautifulSoup(desk.get(link["href"]).content, "html.parser").select_one("a.back")
    assert (back["href"], back.get_text(strip=True)) == (looked, "Patients")

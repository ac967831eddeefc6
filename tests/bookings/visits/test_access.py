import re
from datetime import UTC, date, datetime, time

import pytest
import time_machine
from django.db import connection
from django.urls import reverse

from bookings.engine import changes
from bookings.messages.models import Message
from bookings.timetable.models import TimeOff
from bookings.timetable.ranges import span
from bookings.visits.models import Appointment, BookingSettings, PatientNote
from bookings.visits.models.statuses import Status
from clinic.core.clock import LONDON
from tests.factories.bookings import AppointmentFactory, LocationFactory, RoomFactory, working_week
from tests.factories.clinic import PatientFactory, PractitionerFactory, StaffFactory, TreatmentFactory

pytestmark = pytest.mark.django_db
TUESDAY = date(2026, 11, 24)
SECRET = ("07700 900145", "0000 000", "bay@example.com", "Uses a wheelchair", "Afraid of needles", "Rings at noon")
DAYS = ("", "&view=list", "&view=week", "&view=month", "&by=room", "&cancelled=1")


@pytest.fixture(autouse=True)
def _ten_past_nine_on_tuesday():
    with time_machine.travel(datetime(2026, 11, 24, 9, 10, tzinfo=UTC), tick=False):
        yield


@pytest.fixture
def treatment():
    return TreatmentFactory(name="Peel", duration_minutes=45)


@pytest.fixture
def nurses(treatment):
    """Aisha, who reads, and Bryn."""
    place = LocationFactory()
    people = [
        PractitionerFactory(name=name, slug=name.lower(), offers=[treatment], user=StaffFactory(role="practitioner"))
        for name in ("Aisha", "Bryn")
    ]
    for person in people:
        working_week(person, place)
    return people


@pytest.fixture
def own(nurses, treatment):
    ada = PatientFactory(full_name="Ada Alder", phone="+447700900111")
    return AppointmentFactory(practitioner=nurses[0], treatment=treatment, starts_at=at(9, 30), minutes=45, patient=ada)


@pytest.fixture
def others(nurses, treatment):
    """Bryn's visit, with all that is nobody else's business."""
    bay = PatientFactory(
        full_name="Bay Birch", phone="+447700900145", email="bay@example.com",
        access_needs="Uses a wheelchair", contact_note="Rings at noon",
    )  # fmt: skip
    visit = AppointmentFactory(
        practitioner=nurses[1], treatment=treatment, starts_at=at(10, 30), minutes=45, patient=bay,
        note="Afraid of needles", room=RoomFactory(name="Room 2"),
    )  # fmt: skip
    PatientNote.objects.create(
        patient=bay, visit=visit, text="Afraid of needles", author=StaffFactory(role="desk"), written_at=at(9)
    )
    return visit


@pytest.fixture
def aisha(client, nurses):
    client.force_login(nurses[0].user)
    return client


@pytest.fixture
def shared():
    settings = BookingSettings.load()
    settings.practitioners_share_visits = True
    settings.save()


def at(hour, minute=0):
    return datetime.combine(TUESDAY, time(hour, minute), tzinfo=LONDON)


def text_of(response):
    assert response.status_code == 200, response.status_code
    return response.content.decode()


def page_of(visit):
    return reverse("bookings:diary_visit", args=[visit.reference])


@pytest.mark.parametrize("view", DAYS)
def test_of_others_visits_the_diary_shows_time_and_name_alone(aisha, own, others, view):
    page = text_of(aisha.get(f"/diary/?day={TUESDAY}{view}"))
    if "month" not in view:
        assert "B. Birch" in page
        assert "10:30" in page
    assert not [word for word in SECRET if word in page]
    assert f"status/?{others.reference}" not in page
    assert f"step-gs-{others.reference}" not in page
    assert f"visits/{others.reference}/status/" not in page


def test_a_card_of_another_says_neither_age_nor_needs_nor_note(aisha, others):
    page = text_of(aisha.get(f"/diary/?day={TUESDAY}"))
    assert "Peel, 45 min" in page
    assert "Access need" not in page
    assert "First visit" not in page
    assert ">Note<" not in page
    assert "Age " not in page


def test_the_page_of_anothers_visit_says_when_who_and_what(aisha, others):
    page = text_of(aisha.get(page_of(others)))
    assert "Bay Birch" in page
    assert "Peel" in page
    assert "10:30" in page
    assert "Bryn" in page
    assert "Room 2" in page
    assert not [word for word in SECRET if word in page]
    assert "/diary/patients/" + others.patient.reference not in page


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("diary_status", {"status": "arrived"}),
        ("diary_cancel", {}),
        ("diary_move", {"day": "2026-11-24", "at": "12:00"}),
        ("diary_undo", {}),
        ("diary_restore", {}),
        ("diary_typed", {"do": "accept"}),
    ],
)
def test_anothers_visit_cannot_be_changed(aisha, others, name, data):
    before = Appointment.objects.filter(pk=others.pk).values().get()
    answer = aisha.post(reverse(f"bookings:{name}", args=[others.reference]), {"version": others.version, **data})
    assert answer.status_code == 404
    assert Appointment.objects.filter(pk=others.pk).values().get() == before


def test_anothers_visit_cannot_be_made_longer(aisha, others):
    asked = {"kind": "extension", "visit": others.reference, "minutes": "60", "do": "do"}
    assert aisha.post("/diary/plan/", asked).status_code == 404


@pytest.mark.parametrize("name", ["patient", "patient_correct", "patient_merge"])
def test_the_record_of_a_patient_of_others_is_not_there(aisha, own, others, name):
    assert aisha.get(reverse(f"bookings:{name}", args=[others.patient.reference])).status_code == 404
    assert aisha.get(reverse(f"bookings:{name}", args=[own.patient.reference])).status_code == 200


def test_a_note_of_a_patient_of_others_cannot_be_written(aisha, others):
    noted = PatientNote.objects.count()
    address = reverse("bookings:patient_note", args=[others.patient.reference])
    assert aisha.post(address, {"text": "Seen", "token": "b0a3c3de-5f3e-4b0f-9d5b-5e0a4a5f0001"}).status_code == 404
    assert PatientNote.objects.count() == noted


@pytest.mark.parametrize("asked", ["", "?q=birch", "?q=07700 900145", "?q={reference}"])
def test_patients_of_others_are_not_listed_or_found(aisha, own, others, asked):
    page = text_of(aisha.get("/diary/patients/" + asked.format(reference=others.reference)))
    assert "Bay Birch" not in page
    assert ("Ada Alder" in page) == (asked == "")


def test_patients_of_others_are_not_found_for_a_booking(aisha, others):
    assert "Bay Birch" not in text_of(aisha.get("/diary/book/?do=find&search=birch"))
    assert "Bay Birch" not in text_of(aisha.get(f"/diary/book/?patient={others.patient.reference}"))


def test_the_line_names_no_patient_of_others(aisha, own, others):
    assert "Bay Birch" not in text_of(aisha.get("/diary/line/?q=birch peel fri 10"))
    assert "Ada Alder" in text_of(aisha.get("/diary/line/?q=alder peel fri 10"))


def test_the_line_opens_no_visit_and_no_record_of_others(aisha, others):
    for reference in (others.reference, others.patient.reference):
        assert aisha.get("/diary/line/", {"q": reference}).headers["Location"].startswith("/diary/patients/?q=")


def test_lately_tells_of_own_visits(aisha, own, others):
    for visit in (own, others):
        changes.cancel(appointment=visit, now=at(9, 5), by_staff=True, version=visit.version)
    with time_machine.travel(_database_time()):  # the trail is written by the clock of PostgreSQL
        page = text_of(aisha.get("/diary/lately/"))
    assert "A. Alder" in page
    assert "B. Birch" not in page


def test_messages_of_others_visits_are_not_there(aisha, own, others):
    for visit in (own, others):
        changes.cancel(appointment=visit, now=at(9, 5), by_staff=True, version=visit.version)
    mine, theirs = (Message.objects.filter(appointment=visit).first() for visit in (own, others))
    page = text_of(aisha.get("/diary/messages/"))
    assert own.patient.full_name in page
    assert "Bay Birch" not in page
    assert aisha.get(reverse("bookings:message", args=[theirs.pk])).status_code == 404
    assert aisha.get(reverse("bookings:message", args=[mine.pk])).status_code == 200


def test_a_record_says_of_visits_with_others_when_and_what(aisha, nurses, own, treatment):
    AppointmentFactory(
        practitioner=nurses[1], treatment=treatment, starts_at=at(14), patient=own.patient, note="Afraid of needles"
    )
    page = text_of(aisha.get(reverse("bookings:patient", args=[own.patient.reference])))
    assert "with Bryn" in page
    assert "Afraid of needles" not in page


def test_whoever_gives_a_visit_away_can_take_it_back(aisha, nurses, own):
    asked = {"day": "2026-11-24", "at": "15:00", "with": "bryn", "version": own.version}
    moved = aisha.post(reverse("bookings:diary_move", args=[own.reference]), asked, follow=True)
    own.refresh_from_db()
    assert moved.status_code == 200
    assert own.practitioner == nurses[1]
    undone = aisha.post(reverse("bookings:diary_undo", args=[own.reference]), {"version": own.version}, follow=True)
    own.refresh_from_db()
    assert undone.status_code == 200
    assert own.practitioner == nurses[0]


@pytest.fixture
def given_away(aisha, own):
    """Aisha's visit, which she has just moved to Bryn."""
    asked = {"day": "2026-11-24", "at": "15:00", "with": "bryn", "version": own.version}
    aisha.post(reverse("bookings:diary_move", args=[own.reference]), asked)
    own.refresh_from_db()
    return own


def test_a_refused_undo_of_a_visit_given_away_says_why(aisha, given_away, nurses, treatment):
    AppointmentFactory(practitioner=nurses[0], treatment=treatment, starts_at=at(9, 30), minutes=45)

    refused = aisha.post(reverse("bookings:diary_undo", args=[given_away.reference]), {"version": given_away.version})

    assert refused.status_code == 409
    assert "Not undone. Sorry, this time is taken." in refused.content.decode()
    assert "This visit is Bryn’s." in refused.content.decode()
    assert given_away.patient.phone.as_national not in refused.content.decode()


def test_an_undo_of_a_visit_given_away_and_changed_since_says_whose_it_is(client, nurses, given_away):
    shown = given_away.version
    client.force_login(StaffFactory(role="desk"))
    client.post(reverse("bookings:diary_cancel", args=[given_away.reference]), {"version": shown})
    client.force_login(nurses[0].user)

    refused = client.post(reverse("bookings:diary_undo", args=[given_away.reference]), {"version": shown})

    assert refused.status_code == 409
    assert "The visit is with Bryn now, and was changed since." in refused.content.decode()


def test_as_many_unsettled_visits_are_counted_as_lately_lists(aisha, own, others):
    TimeOff.objects.create(practitioner=None, during=span(at(9), at(17)), reason="Flood")

    day, lately = aisha.get(f"/diary/?day={TUESDAY}"), aisha.get("/diary/lately/")

    assert day.context["unsettled"] == len(lately.context["unsettled"]) == 1


@pytest.mark.parametrize("role", ["desk", "owner"])
def test_desk_and_owner_see_and_change_everything(client, others, role):
    client.force_login(StaffFactory(role=role))
    assert "Afraid of needles" in text_of(client.get(page_of(others)))
    assert "Bay Birch" in text_of(client.get("/diary/patients/"))
    assert _arrive(client, others).status_code == 302


def test_practitioners_who_share_see_and_change_each_others_visits(aisha, shared, others):
    assert "Afraid of needles" in text_of(aisha.get(page_of(others)))
    assert "Bay Birch" in text_of(aisha.get("/diary/patients/?q=birch"))
    assert "07700 900145" in text_of(aisha.get(f"/diary/sheet/?day={TUESDAY}"))
    assert _arrive(aisha, others).status_code == 302
    others.refresh_from_db()
    assert others.status == Status.ARRIVED


@pytest.mark.parametrize("role", ["owner", "practitioner", "desk"])
def test_the_header_leads_nowhere_that_is_refused(client, nurses, role):
    user = nurses[0].user if role == "practitioner" else StaffFactory(role=role)
    client.force_login(user)
    header = re.search(r'<header class="app-bar">.*?</header>', text_of(client.get("/diary/")), re.DOTALL)[0]
    links = re.findall(r'href="([^"]+)"', header)
    assert len(links) >= 6
    assert {link: client.get(link, follow=True).status_code for link in links} == dict.fromkeys(links, 200)


def test_the_header_of_an_editor_leads_nowhere_that_is_refused(client, db):
    client.force_login(StaffFactory(role="editor"))
    page = client.get("/cms/").content.decode()
    links = set(re.findall(r'href="(/diary/[^"]*)"', page))
    assert {link: client.get(link).status_code for link in links} == dict.fromkeys(links, 200)


def _database_time():
    with connection.cursor() as cursor:
        cursor.execute("SELECT now()")
        return cursor.fetchone()[0]


def _arrive(client, visit):
    address = reverse("bookings:diary_status", args=[visit.reference])
    return client.post(address, {"status": "arrived", "version": visit.version})

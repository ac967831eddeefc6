from datetime import date

import pytest
import time_machine
from bs4 import BeautifulSoup

from bookings.visits.models import Appointment
from tests.bookings.moments import NOW, at
from tests.bookings.one_nurse import location, nurse, treatment  # noqa: F401 -- fixtures
from tests.factories.bookings import AppointmentFactory, working_week
from tests.factories.clinic import (
    OfferedTreatmentFactory,
    PatientFactory,
    PractitionerFactory,
    StaffFactory,
    TreatmentFactory,
)

pytestmark = pytest.mark.django_db
LINE = "/diary/line/"


@pytest.fixture(autouse=True)
def _monday():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def desk(client):
    client.force_login(StaffFactory(role="desk"))
    return client


@pytest.fixture
def peel(nurse):  # noqa: F811
    peel = TreatmentFactory(name="Chemical peel", duration_minutes=30)
    OfferedTreatmentFactory(practitioner=nurse, treatment=peel)
    return peel


@pytest.fixture
def rowan():
    return PatientFactory(full_name="Rowan Demo Bay")


def read(client, q):
    return client.get(LINE, {"q": q}).context


def test_one_line_and_one_press_book_the_visit(desk, peel, rowan, nurse):  # noqa: F811
    shown = read(desk, "rowan peel fri 10")["readings"]
    assert [one["title"] for one in shown] == ["Rowan Demo Bay: Chemical peel"]
    form = shown[0]["forms"][0]["fields"]

    for _ in range(2):  # pressed twice
        assert desk.post("/diary/book/", form).status_code == 302

    visit = Appointment.objects.get()
    assert (visit.patient, visit.treatment, visit.practitioner) == (rowan, peel, nurse)
    assert visit.starts_at == at(10, day=5)


def test_the_line_says_how_it_was_understood(desk, peel, rowan):
    page = desk.get(LINE, {"q": "rowan peel fri 10 25"})

    understood = page.context["understood"]
    assert (understood["treatment"], understood["when"]) == ("Chemical peel", "Friday 5 March, 10:00")
    assert "Not understood, and so left out: 25" in page.content.decode()


def test_a_taken_time_offers_the_nearest(desk, peel, rowan, nurse):  # noqa: F811
    AppointmentFactory(practitioner=nurse, treatment=peel, starts_at=at(10, day=5))

    reading = read(desk, "rowan peel fri 10")["readings"][0]

    assert not reading["reading"].is_exact
    assert [form["slot"].starts_at for form in reading["forms"]] == [
        at(9, 30, day=5),
        at(10, 30, day=5),
        at(9, 15, day=5),
    ]


@pytest.mark.parametrize(
    ("q", "hours"),
    [("rowan peel sat", [(9, 0), (9, 15), (9, 30)]), ("rowan peel sat 14", [(14, 0), (13, 45), (14, 15)])],
)
@pytest.mark.usefixtures("peel", "rowan")
def test_where_nothing_is_free_on_the_day_the_next_day_is_offered(desk, q, hours):
    page = desk.get(LINE, {"q": q})

    reading = page.context["readings"][0]
    assert not reading["reading"].is_exact
    assert "Nothing is free on Saturday 6 March. The next that are:" in page.content.decode()
    assert [form["slot"].starts_at for form in reading["forms"]] == [at(*hour, day=8) for hour in hours]
    assert "autofocus" not in page.content.decode().split("line-result")[1]  # Enter books no other day unread


@pytest.mark.parametrize(
    ("hour", "said"), [(9, "That time has passed. The nearest"), (10, "That time is not free. The nearest")]
)
@pytest.mark.usefixtures("rowan")
def test_a_time_of_today_that_has_passed_is_called_so(desk, peel, nurse, hour, said):  # noqa: F811
    AppointmentFactory(practitioner=nurse, treatment=peel, starts_at=at(10, day=1))
    with time_machine.travel(at(9, 40, day=1), tick=False):
        assert said in desk.get(LINE, {"q": f"rowan peel today {hour}"}).content.decode()


def test_three_of_one_name_are_three_readings(desk, peel):
    for surname in ("Bay", "Ash", "Elm", "Oak"):
        PatientFactory(full_name=f"Rowan Demo {surname}")

    assert len(read(desk, "rowan peel fri 10")["readings"]) == 3


def test_a_treatment_that_is_also_a_surname_is_a_person_where_nobody_else_is_named(desk, peel):
    PatientFactory(full_name="Emma Demo Peel")

    meaning = read(desk, "peel fri 10")["meaning"]

    assert [patient.full_name for patient in meaning.patients] == ["Emma Demo Peel"]
    assert meaning.readings == []


@pytest.mark.parametrize("line", ["fir peel fri 10", "peel fir fri 10"])
def test_a_surname_that_begins_a_word_of_another_treatment_is_a_person(desk, peel, line):
    TreatmentFactory(name="First consultation", slug="first")
    fir = PatientFactory(full_name="Ana Fir")

    meaning = read(desk, line)["meaning"]

    assert (meaning.treatments, meaning.patients) == ([peel], [fir])


def test_with_a_practitioner_the_times_are_theirs(desk, peel, rowan, nurse, location):  # noqa: F811
    colleague = PractitionerFactory(name="Nurse Zoe", offers=[peel])
    working_week(colleague, location)

    reading = read(desk, "rowan peel fri 10 with zoe")["readings"][0]

    assert {form["slot"].practitioner_id for form in reading["forms"]} == {colleague.pk}


def test_a_patient_named_like_a_practitioner_is_found(desk, peel, nurse):  # noqa: F811
    patient = PatientFactory(full_name="Demo Quentin")
    nurse.name = "Nurse Quentin"
    nurse.save()

    meaning = read(desk, "quentin peel fri 10")["meaning"]

    assert (meaning.patients, meaning.practitioner) == ([patient], None)
    assert meaning.readings


def test_a_person_alone_is_searched_for(desk, rowan):
    assert desk.get(LINE, {"q": "rowan bay"}).url == f"/diary/patients/{rowan.reference}/"
    assert desk.get(LINE, {"q": "nobody here"}).url == "/diary/patients/?q=nobody+here"
    assert desk.get(LINE, {"q": "07700 900233"}).url == "/diary/patients/?q=07700+900233"
    assert desk.get(LINE, {"q": "12 3 89"}).url == "/diary/patients/?q=12+3+89"


def test_a_record_that_the_line_opened_leads_back_to_the_day_also_after_a_note(desk):
    rowan, day = PatientFactory(full_name="Rowan Peel"), "/diary/?day=2027-03-02"

    record = desk.get(desk.get(LINE, {"q": "rowan peel", "next": day}).url)
    form = BeautifulSoup(record.content, "html.parser").select_one("form[action*='/notes/']")
    sent = {box["name"]: box.get("value", "") for box in form.select("input[name]")}
    noted = desk.post(form["action"], sent | {"text": "Prefers mornings."}, follow=True)

    assert rowan.notes.get().text == "Prefers mornings."
    for page in (record, noted):
        back = BeautifulSoup(page.content, "html.parser").select_one("a.back")
        assert (back["href"], back.get_text(strip=True)) == (day, "Back")


def test_a_reference_opens_what_it_names(desk, rowan, nurse, treatment):  # noqa: F811
    visit = AppointmentFactory(practitioner=nurse, treatment=treatment, patient=rowan, starts_at=at(10))

    assert desk.get(LINE, {"q": visit.reference.lower()}).url == f"/diary/visits/{visit.reference}/"
    assert desk.get(LINE, {"q": rowan.reference}).url == f"/diary/patients/{rowan.reference}/"
    opened = desk.get(LINE, {"q": visit.reference, "next": "/diary/?day=2027-03-03"}, follow=True)
    back = BeautifulSoup(opened.content, "html.parser").select_one("a.back")
    assert back["href"] == "/diary/?day=2027-03-03"


def test_nobody_of_that_name(desk, peel):
    assert "Nobody is called “zzz”" in desk.get(LINE, {"q": "zzz peel fri 10"}).content.decode()


def test_by_hand_everything_understood_is_filled_in(desk, peel, rowan):
    page = desk.get(read(desk, "rowan peel fri 10")["by_hand"])

    assert page.status_code == 200
    assert "Rowan Demo Bay" in page.content.decode()


@pytest.mark.parametrize("q", ["", " ", "\x00", "fri", "10", "peel", "with", "x" * 500, "fri 10 fri 11", "31/2 peel"])
def test_any_line_is_answered(desk, peel, q):
    assert desk.get(LINE, {"q": q}).status_code in {200, 302}


def test_the_statements_do_not_grow_with_the_patients(desk, peel, django_assert_max_num_queries):
    for n in range(12):
        PatientFactory(full_name=f"Rowan Demo {n}")
    with django_assert_max_num_queries(25):
        read(desk, "rowan peel fri 10")


@pytest.mark.parametrize(
    ("q", "said"),
    [
        ("rowan peel 31 feb", "There is no 31 February."),
        ("rowan peel 25:00", "There is no 25:00."),
        ("rowan peel yesterday", "Sunday 28 February has passed."),
        ("32 jan", "There is no 32 January."),
        ("25:00", "There is no 25:00."),
        ("rowan yesterday", "Sunday 28 February has passed."),
    ],
)
def test_a_day_or_a_time_that_there_is_not_is_said_and_no_other_is_offered(desk, peel, rowan, q, said):
    page = desk.get(LINE, {"q": q})

    assert page.status_code == 200
    assert said in page.content.decode()
    assert "Please type another day or time" in page.content.decode()
    assert page.context["readings"] == []
    assert "Nobody is called" not in page.content.decode()


def test_tomorrow_week_is_booked(desk, peel, rowan):
    form = read(desk, "rowan peel tomorrow week 10")["readings"][0]["forms"][0]

    assert form["slot"].starts_at == at(10, day=9)


def test_the_very_name_comes_before_those_that_begin_like_it(desk, peel):
    for name in ("Anna Elm", "Annabel Ash", "Joanna Fir", "Ann Yew"):
        PatientFactory(full_name=name)

    titles = [one["title"] for one in read(desk, "ann peel fri 10")["readings"]]

    assert [title.split(":")[0] for title in titles] == ["Ann Yew", "Annabel Ash", "Anna Elm"]


def test_of_one_patient_the_earlier_reading_comes_first(desk, peel, rowan, nurse, location):  # noqa: F811
    late = TreatmentFactory(name="A late peel", duration_minutes=30)
    colleague = PractitionerFactory(name="Nurse Zoe", offers=[late])
    working_week(colleague, location, days=[5])

    titles = [one["title"] for one in read(desk, "rowan peel")["readings"]]

    assert titles == ["Rowan Demo Bay: Chemical peel", "Rowan Demo Bay: A late peel"]


def test_the_answer_is_closed_by_a_link(desk, peel, rowan):
    assert 'href="/diary/" data-close-line' in desk.get(LINE, {"q": "rowan peel fri 10"}).content.decode()

    here = "http://testserver/diary/?day=2027-03-05&with=zoe"
    headers = {"HX-Request": "true", "HX-Current-URL": here}
    part = desk.get(LINE, {"q": "rowan peel fri 10"}, headers=headers).content.decode()
    assert 'href="/diary/?day=2027-03-05&amp;with=zoe" data-close-line' in part
    elsewhere = headers | {"HX-Current-URL": "https://example.com/diary/?x"}
    assert 'href="/diary/" data-close-line' in desk.get(LINE, {"q": "rowan peel"}, headers=elsewhere).content.decode()


@pytest.mark.parametrize("asked", ["12 march 1989 rowan", "rowan 12 Mar 89", "12 march 1989"])
def test_a_birthday_with_the_name_of_its_month_finds_the_patient(desk, asked):
    patient = PatientFactory(full_name="Rowan Hale", date_of_birth=date(1989, 3, 12))
    PatientFactory(full_name="Rowan Bay", date_of_birth=date(1990, 3, 12))

    assert desk.get(LINE, {"q": asked}).url == f"/diary/patients/{patient.reference}/"


def test_a_booking_for_whom_a_birthday_tells_from_a_namesake(desk, peel):
    born = PatientFactory(full_name="Rowan Hale", date_of_birth=date(1989, 3, 12))
    PatientFactory(full_name="Rowan Hale", date_of_birth=date(1990, 3, 12))

    shown = read(desk, "12 march 1989 rowan peel fri 10")["readings"]

    assert [one["reading"].patient for one in shown] == [born]
    assert shown[0]["forms"][0]["slot"].starts_at == at(10, day=5)

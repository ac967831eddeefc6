"""A patient at the desk by name and number only: booked on their word, asked before the visit starts."""

from __future__ import annotations

from datetime import date

import pytest
import time_machine
from bs4 import BeautifulSoup

from bookings.visits.models import AgeRefusal, Appointment
from bookings.visits.models.statuses import Status
from clinic.patients.models import Patient
from tests.bookings.desk.views.desk_page import Page
from tests.bookings.moments import at
from tests.bookings.one_nurse import location, nurse, treatment  # noqa: F401 -- fixtures
from tests.factories.clinic import AgeGatedTreatmentFactory, OfferedTreatmentFactory, PatientFactory, StaffFactory

pytestmark = pytest.mark.django_db
BOOK = "/diary/book/"
ADULT, CHILD = ("27", "3", "1988"), ("27", "3", "2010")
WHO = {"patient": "new", "full_name": "Jo Ash", "phone": "07700 900456"}


@pytest.fixture(autouse=True)
def _monday_at_ten():
    with time_machine.travel(at(10, day=1), tick=False):
        yield


@pytest.fixture
def receptionist():
    return StaffFactory(role="desk", name="Dee Desk")


@pytest.fixture
def desk(client, receptionist):
    client.force_login(receptionist)
    return client


def parts(written):
    return dict(zip(("date_of_birth_day", "date_of_birth_month", "date_of_birth_year"), written, strict=True))


def book(desk, treatment, nurse, **answers):  # noqa: F811
    page = Page.of(desk, desk.get(BOOK, {"treatment": treatment.slug, "practitioner": nurse.slug, "day": "2027-03-01"}))
    return page.press("book", **{**WHO, "at": "10:00", "slot": "other", **answers})


@pytest.fixture
def visit(desk, treatment, nurse):  # noqa: F811
    book(desk, treatment, nurse, is_adult="on")
    return Appointment.objects.with_details().get()


def enter(desk, visit, written):
    return desk.post(f"/diary/visits/{visit.reference}/birthday/", parts(written))


def step(desk, visit, status):
    version = Appointment.objects.get(pk=visit.pk).version
    return desk.post(f"/diary/visits/{visit.reference}/status/", {"status": status, "version": version})


def status_of(visit):
    return Appointment.objects.get(pk=visit.pk).status


def test_their_word_is_kept_with_who_heard_it_and_when(visit, receptionist):
    assert visit.patient.date_of_birth is None
    assert (visit.age_said, visit.age_said_at, visit.age_said_to) == (18, at(10, day=1), receptionist)


@pytest.fixture
def filler(nurse):  # noqa: F811
    filler = AgeGatedTreatmentFactory()
    OfferedTreatmentFactory(practitioner=nurse, treatment=filler)
    return filler


def test_without_birthday_or_word_nothing_is_booked(desk, treatment, nurse):  # noqa: F811
    page = book(desk, treatment, nurse)

    assert page.response.status_code == 422
    assert "Enter the date of birth, or tick that they say they are 18 or over." in page.text
    assert not Appointment.objects.exists()
    assert not Patient.objects.exists()


def test_age_01_their_word_does_not_do_where_the_law_wants_the_birthday_first(desk, filler, nurse):  # noqa: F811
    page = book(desk, filler, nurse, is_adult="on")

    assert page.response.status_code == 422
    assert "this is not booked before it is known" in page.text
    assert 'name="is_adult"' not in page.text
    assert 'href="#id_date_of_birth_0"' in page.text
    assert not Appointment.objects.exists()
    assert not Patient.objects.exists()

    book(desk, filler, nurse, **parts(ADULT))
    assert Appointment.objects.get().patient.date_of_birth == date(1988, 3, 27)


def test_age_01_someone_known_without_a_birthday_has_it_entered_on_their_record_first(
    desk, filler, nurse, visit  # noqa: F811
):  # fmt: skip
    again = {"patient": visit.patient.reference, "full_name": "", "phone": "", "at": "11:00", "is_adult": "on"}

    page = book(desk, filler, nurse, **again)

    assert page.response.status_code == 422
    assert f'href="/diary/patients/{visit.patient.reference}/correct/"' in page.text
    assert Appointment.objects.count() == 1


def test_a_treatment_without_an_age_rule_needs_no_word(desk, treatment, nurse):  # noqa: F811
    treatment.minimum_age = 0
    treatment.save()

    book(desk, treatment, nurse)

    assert Appointment.objects.get().age_said is None


def test_their_word_does_not_do_for_a_higher_age(desk, treatment, nurse):  # noqa: F811
    treatment.minimum_age = 21
    treatment.save()

    page = book(desk, treatment, nurse, is_adult="on")

    assert page.response.status_code == 422
    assert not Appointment.objects.exists()


def test_a_birthday_is_judged_as_ever_whatever_is_ticked(desk, treatment, nurse):  # noqa: F811
    assert book(desk, treatment, nurse, is_adult="on", **parts(CHILD)).response.status_code == 409
    assert AgeRefusal.objects.count() == 1

    book(desk, treatment, nurse, is_adult="on", **parts(ADULT))

    visit = Appointment.objects.get()
    assert (visit.patient.date_of_birth, visit.age_said) == (date(1988, 3, 27), None)


def test_two_of_one_name_and_number_have_a_record_each(desk, treatment, nurse):  # noqa: F811
    book(desk, treatment, nurse, is_adult="on")
    book(desk, treatment, nurse, is_adult="on", at="11:00")

    assert Patient.objects.count() == 2


def test_someone_known_without_a_birthday_is_asked_again_for_the_next_visit(desk, treatment, nurse, visit):  # noqa: F811
    again = {"patient": visit.patient.reference, "full_name": "", "phone": "", "at": "11:00"}
    assert book(desk, treatment, nurse, **again).response.status_code == 422

    book(desk, treatment, nurse, **again, is_adult="on")

    assert Appointment.objects.filter(patient=visit.patient, age_said=18).count() == 2


def test_it_is_moved_and_arrives_and_starts_once_the_birthday_is_there(desk, visit):
    desk.post(f"/diary/visits/{visit.reference}/move/", {"day": "2027-03-01", "at": "10:15", "version": visit.version})
    step(desk, visit, "arrived")
    assert (Appointment.objects.get().starts_at, status_of(visit)) == (at(10, 15, day=1), Status.ARRIVED)

    refused = step(desk, visit, "in_progress")
    assert refused.status_code == 409
    assert "Enter the date of birth first" in refused.content.decode()
    assert f'action="/diary/visits/{visit.reference}/birthday/"' in refused.content.decode()
    assert status_of(visit) == Status.ARRIVED

    assert enter(desk, visit, ADULT).status_code == 302
    step(desk, visit, "in_progress")
    assert status_of(visit) == Status.IN_PROGRESS
    assert Patient.objects.get().date_of_birth == date(1988, 3, 27)


def test_who_is_too_young_is_refused_and_logged(desk, visit):
    refused = enter(desk, visit, CHILD)

    assert refused.status_code == 409
    assert "This visit is not for anyone under 18. Please cancel it." in refused.content.decode()
    assert AgeRefusal.objects.get().age == 16
    assert Patient.objects.get().date_of_birth is None


def test_who_turns_out_too_young_by_a_correction_is_not_started(desk, visit):
    Patient.objects.update(date_of_birth=date(2010, 3, 27))

    assert step(desk, visit, "in_progress").status_code == 409
    assert AgeRefusal.objects.count() == 1
    assert status_of(visit) == Status.BOOKED


@pytest.mark.parametrize("written", [("", "", ""), ("31", "2", "1988"), ("27", "3", "2030")])
def test_what_is_no_birthday_is_asked_again(desk, visit, written):
    assert enter(desk, visit, written).status_code == 422
    assert Patient.objects.get().date_of_birth is None


def test_the_same_twice_is_once_and_another_is_told(desk, visit):
    assert [enter(desk, visit, ADULT).status_code for _ in "12"] == [302, 302]
    assert enter(desk, visit, ("1", "2", "1990")).status_code == 409
    assert Patient.objects.get().date_of_birth == date(1988, 3, 27)


def test_who_is_on_record_already_is_merged_and_then_starts(desk, visit):
    """The birthday tells that the walk-in has a record: the visit goes there, with the word that was given."""
    known = PatientFactory(full_name="Jo Ash", email="", phone="+447700900456")

    refused = enter(desk, visit, ADULT)
    assert refused.status_code == 409
    merge = f"/diary/patients/{visit.patient.reference}/merge/"
    assert f"{merge}?with={known.reference}" in refused.content.decode()

    desk.post(merge, {"with": known.reference, "keep": known.reference})
    step(desk, visit, "in_progress")
    assert (status_of(visit), Appointment.objects.get().patient) == (Status.IN_PROGRESS, known)


def test_whose_record_is_not_theirs_is_named_to_no_practitioner(client, visit, nurse):  # noqa: F811
    """Their own visit's birthday they enter; of the record that it leads to they learn that the desk can merge it."""
    known = PatientFactory(full_name="Jo Ash", email="", phone="+447700900456")
    nurse.user = StaffFactory(role="practitioner")
    nurse.save()
    client.force_login(nurse.user)

    refused = enter(client, visit, ADULT)

    assert refused.status_code == 409
    assert known.reference not in refused.content.decode()


def test_another_practitioner_enters_no_birthday(client, visit):
    client.force_login(StaffFactory(role="practitioner"))

    assert enter(client, visit, ADULT).status_code == 404
    assert Patient.objects.get().date_of_birth is None


@pytest.mark.parametrize(
    "address",
    [
        "/diary/?day=2027-03-01",
        "/diary/?day=2027-03-01&view=list",
        "/diary/?day=2027-03-01&view=week",
        "/diary/sheet/?day=2027-03-01",
        "/diary/lately/?day=2027-03-01",
        "/diary/patients/",
        "/diary/patients/?q=jo+ash",
        "/diary/patients/{patient}/",
        "/diary/patients/{patient}/correct/",
        "/diary/patients/{patient}/merge/",
        "/diary/patients/{patient}/merge/?with={other}",
        "/diary/visits/{visit}/",
        "/diary/visits/{visit}/move/",
        "/diary/visits/{visit}/cancel/",
        "/diary/book/?patient={patient}",
        "/diary/book/?search=jo&do=find",
        "/diary/line/?q=jo+ash+skin",
    ],
)
def test_each_page_of_the_desk_shows_a_birthday_not_asked(desk, visit, address):
    other = PatientFactory(full_name="Jo Ash")
    named = {"patient": visit.patient.reference, "visit": visit.reference, "other": other.reference}

    page = desk.get(address.format(**named))

    assert page.status_code == 200
    assert "None y" not in page.content.decode()
    assert "None years" not in page.content.decode()


def test_the_card_and_the_record_say_that_it_was_not_asked(desk, visit):
    assert "Age not asked" in desk.get("/diary/?day=2027-03-01").content.decode()
    assert "not asked yet" in desk.get("/diary/sheet/?day=2027-03-01").content.decode()
    assert "Date of birth not asked yet" in desk.get(f"/diary/patients/{visit.patient.reference}/").content.decode()
    page = " ".join(desk.get(f"/diary/visits/{visit.reference}/").content.decode().split())
    assert "18 or over, said to Dee Desk on 1 Mar 2027, 10:00" in page


def test_a_birthday_typed_in_stays_on_the_visit_and_keeps_the_way_back(desk, visit):
    page = f"/diary/visits/{visit.reference}/?next=%2Fdiary%2F%3Fview%3Dlist%23l"
    form = BeautifulSoup(desk.get(page).content, "html.parser").select_one("form[action$='/birthday/']")

    answer = desk.post(form["action"], {**parts(ADULT), "next": form.select_one("input[name=next]")["value"]})

    assert (answer.status_code, answer["Location"]) == (302, page)


@pytest.mark.parametrize(
    "page",
    [
        "/diary/book/",
        "/diary/visits/{visit}/",
        "/diary/patients/{patient}/correct/",
        "/diary/sheet/type/?day=2027-03-01",
    ],
)
def test_the_browser_fills_in_no_birthday_of_staff(desk, visit, page):
    page = desk.get(page.format(visit=visit.reference, patient=visit.patient.reference))

    boxes = BeautifulSoup(page.content, "html.parser").select(".dob input")
    assert [box["autocomplete"] for box in boxes] == ["off"] * 3


def doors(desk, page):
    """What stands on it for the next steps: `(word, where a link leads)`, links without an address excepted."""
    found = BeautifulSoup(desk.get(page).content, "html.parser").select(".step .btn, .actions .btn")
    return [(one.get_text().split(":")[0].strip(), one.get("href", "")) for one in found]


@pytest.mark.parametrize("view", ["grid", "list"])
def test_the_day_asks_for_the_birthday_in_place_of_start_and_is_there_again_with_start(desk, visit, view):
    step(desk, visit, "arrived")
    day = f"/diary/?day=2027-03-01&view={view}"
    links = {where for word, where in doors(desk, day) if word == "Birthday"}
    assert "Start" not in dict(doors(desk, day))
    assert len(links) == 2  # the view that was asked for, and the bar

    card = next(link for link in links if link.endswith(f"%23{view[0]}&ask=birthday"))
    page = BeautifulSoup(desk.get(card).content, "html.parser")
    form = page.select_one("form[action$='/birthday/']")
    assert page.select_one("[autofocus]") == form.select_one("input:not([type=hidden])")
    answer = desk.post(form["action"], {**parts(ADULT), "next": form.select_one("input[name=next]")["value"]})

    assert answer["Location"] == f"{day}#{view[0]}-{visit.reference}"
    assert {word for word, _ in doors(desk, day)} >= {"Start"}
    assert "Birthday" not in dict(doors(desk, day))


def test_who_is_taken_straight_in_from_the_bar_is_asked_too(desk, visit):
    assert [word for word, _ in doors(desk, "/diary/?day=2027-03-01&view=list")][-2:] == ["Arrived", "Birthday"]


def test_the_page_of_the_visit_asks_for_the_birthday_in_place_of_start(desk, visit):
    words = dict(doors(desk, f"/diary/visits/{visit.reference}/"))

    assert "Start" not in words
    assert words["Birthday"] == "#id_date_of_birth_0"


def test_a_birthday_that_is_refused_still_leads_back_to_the_day(desk, visit):
    place = "/diary/?day=2027-03-01#g"

    page = desk.post(f"/diary/visits/{visit.reference}/birthday/", {**parts(("31", "2", "1988")), "next": place})

    form = BeautifulSoup(page.content, "html.parser").select_one("form[action$='/birthday/']")
    assert (page.status_code, form.select_one("input[name=next]")["value"]) == (422, place)

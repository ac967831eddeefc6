from __future__ import annotations

from datetime import date

import pytest
import time_machine
from bs4 import BeautifulSoup

from bookings.visits.models import Appointment
from clinic.patients.models import Patient
from tests.bookings.moments import NOW, at
from tests.bookings.one_nurse import location, nurse, treatment  # noqa: F401 -- fixtures
from tests.factories.clinic import OfferedTreatmentFactory, PatientFactory, StaffFactory, TreatmentFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _monday():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def desk(client):
    client.force_login(StaffFactory(role="desk"))
    return client


@pytest.fixture(autouse=True)
def peel(nurse):  # noqa: F811
    peel = TreatmentFactory(name="Chemical peel", duration_minutes=30)
    OfferedTreatmentFactory(practitioner=nurse, treatment=peel)
    return peel


def read(client, q):
    return client.get("/diary/line/", {"q": q}).context


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("jo ash 07700900456 peel fri 10", "Jo Ash"),
        ("07700 90 04 56 Jo McAsh peel fri 10", "Jo McAsh"),
        ("jo ash +44 7700 900456 peel fri 10", "Jo Ash"),
    ],
)
def test_a_name_and_a_number_that_nobody_has_are_someone_new(desk, line, name):
    shown = read(desk, line)["readings"][0]

    assert shown["title"] == f"{name}: Chemical peel"
    assert shown["facts"] == "New patient, 07700 900456"
    assert list(shown["age"].fields) == ["is_adult"]
    assert shown["forms"][0]["slot"].starts_at == at(10, day=5)


def test_the_browser_itself_asks_for_the_tick(desk):
    page = BeautifulSoup(desk.get("/diary/line/", {"q": "jo ash 07700900456 peel fri 10"}).content, "html.parser")

    assert page.find("input", {"name": "is_adult"}).has_attr("required")


def test_a_tick_and_one_press_book_the_newcomer(desk, peel):
    form = read(desk, "jo ash 07700900456 peel fri 10")["readings"][0]["forms"][0]["fields"]
    assert desk.post("/diary/book/", form).status_code == 422  # without the tick
    assert not Patient.objects.exists()

    for _ in range(2):  # pressed twice
        assert desk.post("/diary/book/", {**form, "is_adult": "on"}).status_code == 302

    visit = Appointment.objects.get()
    assert (visit.patient.full_name, str(visit.patient.phone)) == ("Jo Ash", "+447700900456")
    assert (visit.treatment, visit.starts_at, visit.age_said) == (peel, at(10, day=5), 18)


def test_the_first_times_of_one_day_have_a_button_each(desk):
    shown = read(desk, "jo ash 07700900456 peel")["readings"][0]

    (form,) = shown["forms"]
    assert [slot.starts_at for _value, slot in form["times"]] == [at(9, day=1), at(9, 15, day=1), at(9, 30, day=1)]
    value = form["times"][1][0]
    desk.post("/diary/book/", {**form["fields"], "is_adult": "on", "slot": value})
    assert Appointment.objects.get().starts_at == at(9, 15, day=1)


def test_without_an_age_rule_nothing_is_to_tick(desk, peel):
    peel.minimum_age = 0
    peel.save()

    assert not read(desk, "jo ash 07700900456 peel fri 10")["readings"][0]["age"].fields


def test_who_has_that_number_already_is_named(desk):
    other = PatientFactory(full_name="Kit Bay", phone="+447700900456")

    page = desk.get("/diary/line/", {"q": "jo ash 07700900456 peel fri 10"}).content.decode()

    assert "This number is on record already" in page
    assert f"/diary/patients/{other.reference}/" in page


def test_who_is_known_by_that_name_and_number_is_not_new(desk):
    known = PatientFactory(full_name="Jo Ash", phone="+447700900456")

    meaning = read(desk, "jo ash 07700900456 peel fri 10")["meaning"]

    assert (meaning.patients, meaning.newcomer) == ([known], None)


def test_a_known_patient_without_a_birthday_is_asked_too(desk):
    PatientFactory(full_name="Jo Ash", phone="+447700900456", date_of_birth=None)

    shown = read(desk, "jo ash peel fri 10")["readings"][0]

    assert list(shown["age"].fields) == ["is_adult"]
    assert shown["facts"] == "Date of birth not asked yet, 07700 900456"


class TestWhereTheLawWantsTheBirthdayFirst:
    """Rule AGE-01: no tick stands in for it."""

    @pytest.fixture(autouse=True)
    def _gated(self, peel):
        peel.asks_date_of_birth_first = True
        peel.save()

    def test_the_line_has_its_boxes(self, desk):
        answer = desk.get("/diary/line/", {"q": "jo ash 07700900456 peel fri 10"})
        (form,) = answer.context["readings"][0]["forms"]
        assert 'name="date_of_birth_day"' in answer.text
        assert 'name="is_adult"' not in answer.text
        assert desk.post("/diary/book/", {**form["fields"], "is_adult": "on"}).status_code == 422
        assert not Patient.objects.exists()

        born = {"date_of_birth_day": "27", "date_of_birth_month": "3", "date_of_birth_year": "1988"}
        assert desk.post("/diary/book/", {**form["fields"], **born}).status_code == 302
        assert Appointment.objects.get().patient.date_of_birth == date(1988, 3, 27)

    def test_who_is_on_record_has_it_entered_there(self, desk):
        known = PatientFactory(full_name="Jo Ash", phone="+447700900456", date_of_birth=None)

        page = desk.get("/diary/line/", {"q": "jo ash peel fri 10"}).content.decode()

        assert f'href="/diary/patients/{known.reference}/correct/"' in page
        assert 'action="/diary/book/"' not in page


def test_someone_new_without_a_treatment_is_somebody(desk):
    assert read(desk, "jo ash 07700900456 fri 10")["understood"]["missing"] == "Not enough to book with"


def test_a_number_that_does_not_exist_is_told(desk):
    missing = read(desk, "jo ash 07700 90045 peel fri 10")["understood"]["missing"]

    assert missing == "“jo ash 0770090045” has no telephone number that exists"


def test_by_hand_has_the_name_and_the_number_filled_in(desk):
    by_hand = read(desk, "jo ash 07700900456 peel fri 10")["by_hand"]

    page = desk.get(by_hand).content.decode()
    assert 'value="Jo Ash"' in page
    assert 'value="07700 900456"' in page

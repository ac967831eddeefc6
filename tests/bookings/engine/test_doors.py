"""F13, P-B4: every door into the clinic judges a person alike: page, frame, waiting list, desk, interface, import."""

import csv
import io
import re
from datetime import date, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from bookings.desk.importing.lines import COLUMNS
from bookings.engine.eligibility import check_age
from bookings.integrations.api_keys import make_key
from bookings.integrations.models import ApiKey
from bookings.visits.models import AgeRefusal, Appointment
from bookings.visits.models.statuses import Status
from bookings.visits.refusals import BirthdayTypo
from bookings.waiting_list.models import WaitingEntry
from clinic.core import clock
from clinic.patients.models import Patient
from tests.bookings.online.flow import MONDAY, TUESDAY_10_15, confirm, hold, send, small_clinic
from tests.factories.clinic import StaffFactory

pytestmark = pytest.mark.django_db

PERSON = {"full_name": "Sam Lee", "email": "sam@example.com", "phone": "07700 900123", "date_of_birth": "1988-03-27"}
GOOD = [
    {},
    {"full_name": "  Siobhán   O’Brien "},
    {"full_name": "Ng Ó"},
    {"full_name": "李明"},
    {"full_name": "Sam Lee-Díaz 3rd"},
    {"email": "Sam.O'Brien+peel@mail.example.co.uk"},
    {"phone": "+44 (0)7700 900 123"},
    {"phone": "01632 960130"},
    {"phone": "+33 6 12 34 56 78"},
    {"date_of_birth": "1908-01-01"},
]
BAD = [
    ({"full_name": "…"}, "full_name"),
    ({"full_name": "S"}, "full_name"),
    ({"full_name": "12345"}, "full_name"),
    ({"full_name": "A" * 151}, "full_name"),
    ({"full_name": "sam@example.com"}, "full_name"),
    ({"full_name": "https://example.com Lee"}, "full_name"),
    ({"full_name": "Sam\x07Lee"}, "full_name"),
    ({"email": "sam@"}, "email"),
    ({"email": "sam example@example.com"}, "email"),
    ({"email": f"{'s' * 250}@example.com"}, "email"),
    ({"phone": "07700 900 12"}, "phone"),
    ({"phone": "12"}, "phone"),
    ({"phone": "07700 900 1234567"}, "phone"),
    ({"phone": "telephone"}, "phone"),
    ({"date_of_birth": "2026-03-27"}, "date_of_birth"),
    ({"date_of_birth": "2016-11-24"}, "date_of_birth"),
    ({"date_of_birth": "2036-03-27"}, "date_of_birth"),
    ({"date_of_birth": "1899-03-27"}, "date_of_birth"),
]


@pytest.fixture(autouse=True)
def place(time_machine):
    time_machine.move_to(MONDAY, tick=False)
    return small_clinic()


def typed(person):
    """As a form's boxes have it."""
    year, month, day = person["date_of_birth"].split("-")
    parts = {"date_of_birth_day": day, "date_of_birth_month": month, "date_of_birth_year": year}
    return {**person, **parts, "contact_by": "both", "note": ""}


def wrong_boxes(response):
    forms = [response.context[name] for name in ("person", "form") if response.context and name in response.context]
    return {name for form in forms for name in form.errors}


def by_page(person):
    client = Client()
    hold(client)
    response = send(client, "details", typed(person))
    if response.status_code != 302:
        return wrong_boxes(response)
    confirm(client)
    return set()


def by_frame(person):
    client = Client()
    page = client.get("/embed/?treatment=peel&with=aisha")
    for path, data in (
        ("when/", {"slot": f"{TUESDAY_10_15}|aisha"}),
        ("details/", typed(person)),
        ("check/", {"accept_terms": "on"}),
    ):
        token = re.search(r'name="token" value="([^"]+)"', page.content.decode()).group(1)
        page = client.post(f"/embed/{path}", {"token": token, **data})
        if wrong := wrong_boxes(page):
            return wrong
    return set()


def by_waiting_list(person):
    wishes = {
        "first_day": "2026-11-23",
        "last_day": "2026-12-23",
        "weekdays": ["1"],
        "parts": ["morning"],
        "anyway": "yes",
    }
    response = Client().post("/waiting/join/?treatment=peel&with=any", typed(person) | wishes)
    return wrong_boxes(response)


def by_desk(person):
    client = Client()
    client.force_login(StaffFactory(role="desk"))
    visit = {"do": "book", "treatment": "peel", "day": "2026-11-24", "at": "10:15", "practitioner": "aisha"}
    return wrong_boxes(client.post("/diary/book/", {**visit, "patient": "new", **typed(person)}))


def by_interface(person, path="bookings", **headers):
    visit = {"treatment": "peel", "practitioner": "aisha", "starts_at": TUESDAY_10_15, "patient": person}
    terms = {} if headers else {"accept_terms": True}
    answer = Client().post(f"/api/v1/{path}", visit | terms, content_type="application/json", headers=headers)
    if answer.status_code == 201:
        return set()
    assert (answer.status_code, answer["Content-Type"]) == (422, "application/problem+json")
    return {error["field"].removeprefix("patient.") for error in answer.json()["errors"]}


def by_staff_interface(person):
    scopes = ApiKey.Scope.values
    secret = make_key(name="Desk", scopes=scopes, by=StaffFactory(role="owner"), now=clock.now())[1]
    return by_interface(person, "staff/bookings", Authorization=f"Bearer {secret}")


def by_import(person, tmp_path):
    file, told = tmp_path / "visits.csv", io.StringIO()
    with file.open("w", newline="") as written:
        lines = csv.DictWriter(written, COLUMNS)
        lines.writeheader()
        lines.writerow(
            person | {"starts_at": "2026-11-24 10:15", "treatment": "peel", "practitioner": "aisha", "note": ""}
        )
    try:
        call_command("import_visits", str(file), stdout=io.StringIO(), stderr=told)
    except CommandError:
        assert told.getvalue().startswith("line 2: ")
        return {told.getvalue().removeprefix("line 2: ").split()[0]}
    return set()


DOORS = [by_page, by_frame, by_waiting_list, by_desk, by_interface, by_staff_interface, by_import]


@pytest.fixture(params=DOORS, ids=lambda door: door.__name__)
def door(request, tmp_path):
    return (lambda person: by_import(person, tmp_path)) if request.param is by_import else request.param


@pytest.mark.parametrize("change", GOOD, ids=lambda change: str(*change.values()) or "plain")
def test_f13_a_person_who_can_be_is_taken_at_every_door(door, change):
    assert door(PERSON | change) == set()
    assert Patient.objects.count() == 1
    assert Appointment.objects.filter(status=Status.BOOKED).exists() or WaitingEntry.objects.exists()


@pytest.mark.parametrize(("change", "wrong"), BAD, ids=lambda value: ascii(value)[:40])
def test_f13_a_person_who_cannot_be_is_told_beside_the_field_at_every_door(door, change, wrong):
    assert door(PERSON | change) == {wrong}
    assert not Patient.objects.exists()


def test_p_b4_a_birthday_of_this_year_is_a_slip_said_beside_the_field(client):
    hold(client)
    page = send(client, "details", typed(PERSON | {"date_of_birth": "2026-03-27"})).content.decode()
    assert "Check the year: 27 March 2026 is less than 10 years ago" in page
    assert 'value="Sam Lee"' in page
    assert not AgeRefusal.objects.exists()


def test_p_b4_where_the_birthday_is_asked_first_it_is_a_slip_too(client):
    born = {name: value for name, value in typed(PERSON | {"date_of_birth": "2026-03-27"}).items() if "birth" in name}
    page = client.post("/book/?treatment=filler&with=aisha", born)
    assert "Check the year" in page.content.decode()
    assert not AgeRefusal.objects.exists()


@pytest.mark.parametrize("years", [-1, 0, 9, 121])
def test_p_b4_no_rule_of_age_ever_judges_a_slip(place, years):
    today = clock.today()
    with pytest.raises(BirthdayTypo, match="Check the year"):
        check_age(
            treatment=place.filler,
            date_of_birth=date(today.year - years, 1, 1),
            visit_day=today + timedelta(days=3),
            now=clock.now(),
        )
    assert not AgeRefusal.objects.exists()

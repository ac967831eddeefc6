import json
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from threading import Barrier

import pytest
import time_machine
from django.db import connection, connections
from django.test import Client

from bookings.engine.idempotency import Idempotency, remember
from bookings.messages.models import Message
from bookings.visits.models import Appointment, BookingSettings
from bookings.visits.models.statuses import Status
from tests.bookings.moments import NOW, at
from tests.factories.bookings import AppointmentFactory, LocationFactory, OfferedTreatmentFactory, working_week
from tests.factories.clinic import PractitionerFactory, TreatmentFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def monday_morning():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def treatment():
    return TreatmentFactory(slug="first-consultation", name="First consultation", kind="consultation")


@pytest.fixture
def nurse(treatment):
    nurse = PractitionerFactory(offers=[treatment], slug="nurse")
    working_week(nurse, LocationFactory(slug="maidstone"))
    return nurse


def body(n=1, starts_at=None, **changes):
    return {
        "treatment": "first-consultation",
        "practitioner": None,
        "starts_at": (starts_at or at(10)).isoformat(),
        "patient": {
            "full_name": f"Sam Lee {n}",
            "email": f"sam{n}@example.com",
            "phone": "07700 900123",
            "date_of_birth": "1990-02-28",
        },
        "note": "",
        "accept_terms": True,
    } | changes


def post(client, payload, *, key=None, path="/api/v1/bookings"):
    headers = {"Idempotency-Key": key} if key else {}
    return client.post(path, json.dumps(payload), content_type="application/json", headers=headers)


def token_of(response):
    return response.json()["visit_url"].rstrip("/").rsplit("/", 1)[1]


def test_treatments_and_practitioners_are_listed(client, treatment, nurse):
    assert client.get("/api/v1/treatments").json() == [
        {
            "slug": "first-consultation",
            "name": "First consultation",
            "kind": "consultation",
            "duration_minutes": 30,
            "price": "60.00",
            "bookable_online": True,
        }
    ]
    (person,) = client.get("/api/v1/practitioners").json()
    assert (person["slug"], person["treatments"]) == ("nurse", ["first-consultation"])


@pytest.mark.parametrize(("rules", "is_shown"), [("uk", False), ("warn", False), ("off", True)])
def test_prescription_only_medicines_are_named_only_where_the_law_allows(client, nurse, settings, rules, is_shown):
    settings.ADVERTISING_RULES = rules
    toxin = TreatmentFactory(slug="toxin", name="Botulinum toxin (Botox)", is_prescription_only=True, price=None)
    OfferedTreatmentFactory(practitioner=nurse, treatment=toxin)

    for path in ("treatments", "practitioners", "availability?treatment=toxin&from=2027-03-02&to=2027-03-02"):
        response = client.get(f"/api/v1/{path}")
        assert (b"toxin" in response.content) is is_shown or response.status_code == 404 or path.startswith("avail")
    status = client.get("/api/v1/availability?treatment=toxin&from=2027-03-02&to=2027-03-02").status_code
    assert status == (200 if is_shown else 404)


def test_availability_speaks_local_time_through_the_clock_change(client, treatment):
    nurse = PractitionerFactory(offers=[treatment], slug="sunday")
    working_week(nurse, LocationFactory(), days=[7])

    found = client.get("/api/v1/availability?treatment=first-consultation&from=2027-03-27&to=2027-03-28").json()
    assert found["slots"][0] == {
        "starts_at": "2027-03-28T09:00:00+01:00",
        "ends_at": "2027-03-28T09:30:00+01:00",
        "practitioner": "sunday",
    }


@pytest.mark.parametrize(
    "days",
    ["from=2027-03-02&to=2027-03-01", "from=2027-03-01&to=2027-05-02", "from=soon&to=2027-03-01", "from=2027-03-01"],
)
def test_availability_refuses_impossible_days(client, nurse, days):
    response = client.get(f"/api/v1/availability?treatment=first-consultation&{days}")

    assert (response.status_code, response.headers["Content-Type"]) == (422, "application/problem+json")
    assert response.json()["errors"]


def test_availability_of_unknown_things_is_not_found(client, nurse):
    for query in (
        "treatment=nothing",
        "treatment=first-consultation&practitioner=nobody",
        "treatment=first-consultation&location=nowhere",
    ):
        response = client.get(f"/api/v1/availability?{query}&from=2027-03-02&to=2027-03-02")
        assert (response.status_code, response.headers["Content-Type"]) == (404, "application/problem+json")


def test_availability_takes_three_statements_at_most(client, nurse, django_assert_max_num_queries):
    BookingSettings.load()
    with django_assert_max_num_queries(3):
        client.get("/api/v1/availability?treatment=first-consultation&from=2027-03-02&to=2027-04-30")


def test_the_next_times_are_the_first_of_the_availability(client, nurse):
    found = client.get("/api/v1/availability?treatment=first-consultation&from=2027-03-01&to=2027-03-03").json()
    asked = "/api/v1/availability/next?treatment=first-consultation"

    assert client.get(asked).json()["slots"] == found["slots"][:3]
    assert client.get(f"{asked}&limit=20&practitioner=nurse&location=maidstone").json()["slots"] == found["slots"][:20]
    for query, status in (("limit=0", 422), ("limit=21", 422), ("practitioner=nobody", 404), ("location=no", 404)):
        assert client.get(f"{asked}&{query}").status_code == status


def test_no_next_time_is_an_empty_list(client, treatment):
    assert client.get("/api/v1/availability/next?treatment=first-consultation").json() == {"slots": []}


def test_open_days_count_their_times(client, nurse):
    asked = "/api/v1/availability/days?treatment=first-consultation"

    days = client.get(f"{asked}&from=2027-03-05&limit=2").json()["days"]

    assert days == [{"day": "2027-03-05", "slots": 31}, {"day": "2027-03-08", "slots": 31}]
    assert client.get(asked).json()["days"][0]["day"] == "2027-03-01"
    assert client.get(f"{asked}&from=soon").status_code == 422


@pytest.mark.parametrize("asked", ["/next?", "/days?", "?from=2027-03-01&to=2027-03-31&"])
@pytest.mark.parametrize("who", ["", "&practitioner={nurse}", "&practitioner={nurse}&location={place}"])
def test_times_take_three_statements_whatever_is_asked(client, nurse, asked, who, django_assert_num_queries):
    BookingSettings.load()
    query = who.format(nurse=nurse.slug, place=nurse.working_hours.first().location.slug)
    with django_assert_num_queries(3):
        answer = client.get(f"/api/v1/availability{asked}treatment=first-consultation{query}")
    assert answer.status_code == 200


def series(*starts, **changes):
    return body(**changes) | {"starts_at": [start.isoformat() for start in starts]}


def test_a_series_is_booked_as_a_whole_and_once(client, nurse):
    first, again = (post(client, series(at(10), at(10, day=9)), key="s", path="/api/v1/bookings/series") for _ in "12")

    assert (first.status_code, first.json()) == (201, again.json())
    answer = first.json()
    assert [visit["starts_at"][:16] for visit in answer["bookings"]] == ["2027-03-02T10:00", "2027-03-09T10:00"]
    assert {str(row.series) for row in Appointment.objects.all()} == {answer["series"]}
    token = answer["bookings"][1]["visit_url"].rstrip("/").rsplit("/", 1)[1]
    assert client.get(f"/api/v1/bookings/{token}").json() == answer["bookings"][1]


def test_a_series_with_a_taken_time_books_nothing_and_says_which(client, nurse):
    post(client, body(1, at(10, day=9)))

    refused = post(client, series(at(10), at(10, day=9), n=2), path="/api/v1/bookings/series")

    assert (refused.status_code, refused.json()["code"]) == (409, "slot_taken")
    assert refused.json()["starts_at"] == "2027-03-09T10:00:00+00:00"
    assert len(refused.json()["alternatives"]) == 3
    assert Appointment.objects.count() == 1


def test_a_series_is_no_way_around_how_many_alike_may_be_booked(client, nurse):
    """P-B17"""
    answers = [post(client, series(at(9 + n)), path="/api/v1/bookings/series") for n in range(3)]

    assert [answer.status_code for answer in answers] == [201, 201, 409]
    assert answers[2].json()["code"] == "too_many_visits"


def test_a_series_has_one_to_twelve_times(client, nurse):
    for starts in ([], [at(10)] * 13):
        assert post(client, series(*starts), path="/api/v1/bookings/series").status_code == 422


def test_booking_answers_with_its_link_and_plans_its_messages(client, nurse):
    response = post(client, body(), key="one")

    assert response.status_code == 201
    answer = response.json()
    assert (answer["status"], answer["starts_at"], answer["practitioner"]) == (
        "booked",
        "2027-03-02T10:00:00+00:00",
        "nurse",
    )
    assert client.get(f"/api/v1/bookings/{token_of(response)}").json() == answer
    assert Message.objects.filter(appointment__reference=answer["reference"], kind="confirmation").exists()


def test_taken_slot_is_a_conflict_with_three_alternatives(client, nurse):
    post(client, body(1))
    response = post(client, body(2))

    assert (response.status_code, response.headers["Content-Type"]) == (409, "application/problem+json")
    answer = response.json()
    assert (answer["code"], len(answer["alternatives"])) == ("slot_taken", 3)
    assert (answer["reason"], answer["detail"]) == ("taken", "Sorry, this time is taken.")
    assert post(client, body(2, datetime.fromisoformat(answer["alternatives"][0]["starts_at"]))).status_code == 201


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"accept_terms": False}, "accept_terms"),
        ({"starts_at": "2027-03-02T10:00:00"}, "starts_at"),
        ({"starts_at": "tomorrow"}, "starts_at"),
        ({"patient": {}}, "patient.full_name"),
        ({"note": "x" * 1001}, "note"),
        ({"note": "\x00"}, "note"),
        ({"surprise": 1}, "surprise"),
    ],
)
def test_bad_input_names_its_field(client, nurse, changes, field):
    response = post(client, body() | changes)

    assert response.status_code == 422
    assert field in [error["field"] for error in response.json()["errors"]]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "sam"),
        ("phone", "12"),
        ("date_of_birth", "2030-01-01"),
        ("date_of_birth", "1890-01-01"),
        ("date_of_birth", None),
        ("full_name", " "),
    ],
)
def test_bad_patient_details_name_their_field(client, nurse, field, value):
    payload = body()
    payload["patient"][field] = value

    response = post(client, payload)
    assert [error["field"] for error in response.json()["errors"]] == [f"patient.{field}"]


def test_the_date_of_birth_cannot_be_left_out(client, nurse):
    payload = body()
    del payload["patient"]["date_of_birth"]

    response = post(client, payload)

    assert [error["field"] for error in response.json()["errors"]] == ["patient.date_of_birth"]
    assert not Appointment.objects.exists()


def test_under_eighteen_is_refused(client, nurse):
    payload = body()
    payload["patient"]["date_of_birth"] = "2009-03-02"

    response = post(client, payload)
    assert (response.status_code, response.json()["code"]) == (422, "too_young")


def test_same_key_same_answer_and_another_body_is_refused(client, nurse):
    first, again = post(client, body(), key="k"), post(client, body(), key="k")
    assert (first.json(), again.status_code) == (again.json(), 201)
    assert Appointment.objects.count() == 1

    other = post(client, body(note="something else"), key="k")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


def test_move_and_cancel_by_link(client, nurse):
    created = post(client, body())
    link = f"/api/v1/bookings/{token_of(created)}"

    moved = post(client, {"starts_at": at(12).isoformat()}, path=f"{link}/move")
    assert (moved.status_code, moved.json()["starts_at"]) == (200, "2027-03-02T12:00:00+00:00")

    cancelled = client.delete(link)
    assert (cancelled.status_code, cancelled.json()["status"]) == (200, "cancelled")
    assert post(client, body(2, at(12))).status_code == 201


def test_a_visit_that_was_changed_since_is_left_alone_where_its_version_is_named(client, nurse):
    """F1"""
    created = post(client, body())
    link = f"/api/v1/bookings/{token_of(created)}"
    moved = post(client, {"starts_at": at(12).isoformat(), "version": created.json()["version"]}, path=f"{link}/move")
    assert (moved.status_code, moved.json()["version"]) == (200, 2)

    stale = [
        post(client, {"starts_at": at(14).isoformat(), "version": 1}, path=f"{link}/move"),
        client.delete(f"{link}?version=1"),
    ]

    assert [(answer.status_code, answer.json()["code"]) for answer in stale] == [(409, "stale")] * 2
    assert client.get(link).json() == moved.json()
    assert client.delete(f"{link}?version=2").json()["status"] == "cancelled"


def test_a_patient_who_is_here_does_not_cancel(client, nurse):
    link = f"/api/v1/bookings/{token_of(post(client, body()))}"
    Appointment.objects.update(status="arrived")

    refused = client.delete(link)

    assert (refused.status_code, refused.json()["code"]) == (409, "illegal_move")


def test_no_client_can_use_the_keys_of_this_program_itself(client, nurse):
    """A key like those of imports or drafts is a client's own, and says nothing of theirs."""
    known = Idempotency("import:known", b"x" * 32)
    made = AppointmentFactory()
    remember(known, made, made.created_at)

    assert post(client, body(), key="import:known").status_code == 201


def test_unknown_links_are_not_found(client, nurse):
    for response in (
        client.get("/api/v1/bookings/nothing"),
        client.delete("/api/v1/bookings/nothing"),
        post(client, {"starts_at": at(12).isoformat()}, path="/api/v1/bookings/nothing/move"),
    ):
        assert (response.status_code, response.headers["Content-Type"]) == (404, "application/problem+json")


def test_too_late_to_cancel_is_a_conflict(client, nurse):
    link = f"/api/v1/bookings/{token_of(post(client, body()))}"
    with time_machine.travel(at(10, day=2), tick=False):
        response = client.delete(link)
    assert (response.status_code, response.json()["code"]) == (409, "too_late")


def test_it_can_be_cancelled_until_it_begins_and_says_until_when_it_can_be_moved(client, nurse):
    """P1, P4: no deadline that is past."""
    booked = post(client, body())
    assert booked.json()["changes_until"] == "2027-03-01T10:00:00+00:00"
    link = f"/api/v1/bookings/{token_of(booked)}"
    with time_machine.travel(at(9, 59, day=2), tick=False):
        assert client.get(link).json()["changes_until"] is None
        moved = client.post(f"{link}/move", {"starts_at": "2027-03-03T10:00:00+00:00"}, content_type="application/json")
        assert (moved.status_code, moved.json()["code"]) == (409, "too_late")
        response = client.delete(link)
    assert (response.status_code, response.json()["status"]) == (200, "cancelled")


def test_too_many_writes_are_told_when_to_come_back(client, nurse, settings, own_cache):
    settings.RATE_LIMITS = True
    answers = [post(client, {}) for _ in range(130)]

    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["Retry-After"]) >= 1
    assert answers[-1].headers["Content-Type"] == "application/problem+json"


def test_document_and_its_page_are_served(client):
    document = client.get("/api/v1/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    assert client.get("/api/v1/docs").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_thirty_two_parallel_posts_book_one_slot_once(nurse):
    barrier = Barrier(32, timeout=30)

    def attempt(n):
        connection.ensure_connection()
        barrier.wait()
        try:
            return post(Client(), body(n))
        finally:
            connections.close_all()

    with ThreadPoolExecutor(32) as pool:
        responses = list(pool.map(attempt, range(32)))

    assert sorted(response.status_code for response in responses) == [201] + [409] * 31
    assert all(len(r.json()["alternatives"]) == 3 for r in responses if r.status_code == 409)
    assert Appointment.objects.get().status == Status.BOOKED
    assert Appointment.objects.get().patient.date_of_birth == date(1990, 2, 28)


@pytest.mark.parametrize(
    "starts_at", ["2027-03-01T15:00:00-18:06", "2027-03-01T15:00:00+23:59", "0001-01-01T00:00:00+09:00"]
)
def test_an_offset_that_no_clock_shows_is_no_fault(client, nurse, starts_at):
    answer = post(client, body() | {"starts_at": starts_at})
    assert answer.status_code in {201, 409, 422}

"""Whatever is sent, the interface answers as its own OpenAPI document says, and never with a fault of the server."""

from __future__ import annotations

import json
from copy import deepcopy
from datetime import date, timedelta

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.config import GenerationConfig, ProjectConfig, ProjectsConfig, SchemathesisConfig
from schemathesis.specs.openapi import checks as openapi

from bookings.integrations import webhooks
from bookings.integrations.api_keys import make_key
from bookings.integrations.models import WebhookDelivery, WebhookEndpoint
from tests.bookings.moments import NOW, at
from tests.factories.bookings import AppointmentFactory

pytestmark = pytest.mark.django_db
PATH = "/api/v1/openapi.json"
OPERATIONS = [
    ("GET", "treatments"),
    ("GET", "practitioners"),
    ("GET", "availability"),
    ("GET", "availability/next"),
    ("GET", "availability/days"),
    ("POST", "bookings"),
    ("POST", "bookings/series"),
    ("GET", "bookings/{token}"),
    ("DELETE", "bookings/{token}"),
    ("POST", "bookings/{token}/move"),
]
FOR_STAFF = [
    ("GET", "diary"),
    ("POST", "staff/bookings"),
    ("POST", "staff/bookings/{reference}/move"),
    ("DELETE", "staff/bookings/{reference}"),
    ("POST", "staff/bookings/{reference}/status"),
    ("GET", "webhooks/deliveries"),
    ("POST", "webhooks/deliveries/{delivery_id}/replay"),
]
AS_DOCUMENTED = [
    not_a_server_error,
    openapi.status_code_conformance,
    openapi.content_type_conformance,
    openapi.response_headers_conformance,
    openapi.response_schema_conformance,
    openapi.negative_data_rejection,
    openapi.unsupported_method,
]
OF_GENERATED = {openapi.negative_data_rejection, openapi.unsupported_method}  # mean nothing once a part is changed
STEADY = settings(
    max_examples=20,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
BODY = {
    "treatment": "first-consultation",
    "practitioner": "nurse",
    "starts_at": at(10).isoformat(),
    "patient": {
        "full_name": "Sam Lee",
        "email": "sam@example.com",
        "phone": "07700 900123",
        "date_of_birth": "1990-02-28",
    },
    "note": "",
    "accept_terms": True,
}
LEAVES = [(name,) for name in BODY] + [("patient", name) for name in BODY["patient"]]
ODD = st.one_of(
    st.sampled_from(
        [
            None, True, 0, -1, 2**63, 10**40, 1.5, 1e308, [], {}, [[]], "", " ", "\x00", "a\x00b", "\ufffe", "0", "1e9",
            "🧖🏽‍♀️" * 20, "é" * 5000, "x" * 200_000, "\u202egnp.exe", "'; DROP TABLE x; --", "{{ 7*7 }}", "../../etc",
            "0001-01-01", "9999-12-31", "2027-02-29", "1900-01-01", "2027-03-02", "-0001-01-01",
            "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59.999999-12:00", "0001-01-01T00:00:00Z",
            "2027-03-28T01:30:00+00:00", "2027-10-31T01:30:00+01:00", "2027-03-02T10:00:00+23:59",
            "2027-03-02T10:00:00.000001Z", "2027-03-02T10:00:60Z", "2027-03-02T10:00:00Europe/London", "1803981600",
            "sam@exa\x00mple.com", "sam@" + "a" * 250, "\"sam lee\"@example.com", "sam@пример.рф", "+999999999999999999",
            "tel:+44-7700-900123", "07700 900123 ext. 5",
        ]
    ),
    st.text(max_size=40),
    st.datetimes().map(lambda moment: moment.isoformat() + "Z"),
    st.integers(),
)  # fmt: skip


@pytest.fixture
def visit(clinic):
    """A visit of tomorrow, and a webhook that was told of it."""
    WebhookEndpoint.objects.create(
        name="Accounts", url="https://example.com/", events=["booking.booked"], created_at=NOW
    )
    visit = AppointmentFactory(practitioner=clinic, starts_at=at(14))
    webhooks.plan(visit, "booking.booked", NOW)
    WebhookDelivery.objects.update(state="failed")
    return visit


@pytest.fixture
def document(clinic):
    steady = GenerationConfig(deterministic=True, database="none", max_examples=STEADY.max_examples)
    config = SchemathesisConfig(projects=ProjectsConfig(default=ProjectConfig(generation=steady)))
    ends = (request_started, request_finished)
    for signal in ends:  # as Django's own test client does: the test's transaction lives in this connection
        signal.disconnect(close_old_connections)
    yield schemathesis.openapi.from_wsgi(PATH, get_wsgi_application(), config=config)
    for signal in ends:
        signal.connect(close_old_connections)


def judged(case, *, is_as_generated=True):
    """Send it and hold the answer against the document; what it did to the database is undone."""
    checks = AS_DOCUMENTED if is_as_generated else [check for check in AS_DOCUMENTED if check not in OF_GENERATED]
    with transaction.atomic():
        response = case.call_and_validate(checks=checks)
        transaction.set_rollback(True)
    return response


@pytest.mark.parametrize("mode", list(GenerationMode))
@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_any_request_is_answered_as_documented(document, method, path, mode):
    operation = document[f"/api/v1/{path}"][method]
    if mode.is_negative and not list(operation.iter_parameters()):
        pytest.skip("This operation takes no parameter and no body, so no request of it can be malformed.")

    @given(case=operation.as_strategy(generation_mode=mode))
    @STEADY
    def judge(case):
        judged(case)

    judge()


@pytest.mark.parametrize("mode", list(GenerationMode))
@pytest.mark.parametrize(("method", "path"), FOR_STAFF)
def test_any_request_with_a_key_is_answered_as_documented(  # noqa: PLR0917
    document, secret_for, visit, method, path, mode
):
    """Half of them name a visit and a delivery that are there."""
    operation, secret = document[f"/api/v1/{path}"][method], secret_for()
    delivery = WebhookDelivery.objects.get()
    there = {"reference": visit.reference, "delivery_id": str(delivery.pk)}
    named = {name: value for name, value in there.items() if f"{{{name}}}" in path}

    @given(case=operation.as_strategy(generation_mode=mode), is_there=st.booleans())
    @STEADY
    def judge(case, is_there):
        case.headers["Authorization"] = f"Bearer {secret}"
        if is_there and named:
            case.path_parameters = named
        judged(case, is_as_generated=not (is_there and named))

    judge()


@pytest.mark.parametrize("authorization", [None, "Bearer jck_wrong", "Basic c2FtOmxlZQ==", "Bearer", "jck_"])
@pytest.mark.parametrize(("method", "path"), FOR_STAFF)
def test_without_a_valid_key_each_staff_operation_refuses_as_documented(document, method, path, authorization):
    operation = document[f"/api/v1/{path}"][method]
    case = operation.Case(
        path_parameters={"reference": "4F7K2MXQ", "delivery_id": "0d4a2b7e-6f0c-4f5e-9a57-6a4a0e3b9c11"},
        query={"day": "2027-03-02"} if path == "diary" else {},
        headers={"Authorization": authorization} if authorization else {},
    )

    assert judged(case, is_as_generated=False).status_code == 401


def test_no_operation_is_left_out(document):
    found = [(result.ok().method.upper(), result.ok().path) for result in document.get_all_operations()]
    assert sorted(found) == sorted((method, f"/api/v1/{path}") for method, path in OPERATIONS + FOR_STAFF)


KEYS = st.text(st.characters(max_codepoint=255, exclude_characters="\r\n"), max_size=300)


@pytest.mark.parametrize("path", ["bookings", "bookings/series", "staff/bookings"])
def test_a_good_booking_with_one_odd_value_is_answered_as_documented(document, secret_for, path):
    operation, secret = document[f"/api/v1/{path}"]["POST"], secret_for()

    @given(leaf=st.sampled_from(LEAVES), odd=ODD, key=st.none() | KEYS.filter(lambda key: not key[:1].isspace()))
    @settings(STEADY, max_examples=40)
    def judge(leaf, odd, key):
        body = deepcopy(BODY)
        where = body if len(leaf) == 1 else body["patient"]
        where[leaf[-1]] = odd
        if path == "bookings/series":
            body["starts_at"] = [at(9).isoformat(), body["starts_at"]]
        if path == "staff/bookings":
            del body["accept_terms"]
        case = operation.Case(body=body, media_type="application/json")
        case.headers["Authorization"] = f"Bearer {secret}"
        if key is not None:
            case.headers["Idempotency-Key"] = key
        assert judged(case).status_code in {201, 404, 409, 422}

    judge()


@pytest.mark.parametrize(("path", "others"), [("move", {}), ("status", {"status": "arrived"})])
@given(name=st.sampled_from(["starts_at", "status", "version", "practitioner"]), odd=ODD)
@settings(STEADY, max_examples=40)
def test_a_good_change_with_one_odd_value_is_answered_as_documented(  # noqa: PLR0917
    document, visit, path, others, name, odd
):
    body = (others or {"starts_at": at(18).isoformat(), "practitioner": "nurse"}) | {"version": 1, name: odd}
    case = document[f"/api/v1/staff/bookings/{{reference}}/{path}"]["POST"].Case(
        path_parameters={"reference": visit.reference}, body=body, media_type="application/json"
    )
    case.headers["Authorization"] = f"Bearer {make_key(name='Odd', scopes=['bookings:write'], by=None, now=NOW)[1]}"

    assert judged(case).status_code in {200, 404, 409, 422}


days = st.dates().map(str) | st.sampled_from(
    ["0001-01-01", "9999-12-31", "2027-03-28", "2199-12-31", "0", "-1", "", "1"]
)


@given(
    first=days, length=st.integers(-1, 70), last=st.none() | days, slug=ODD.filter(lambda value: isinstance(value, str))
)
@settings(STEADY, max_examples=50)
def test_any_day_of_history_can_be_asked_for(client, clinic, first, length, last, slug):  # noqa: PLR0917
    if last is None:
        try:
            last = str(date.fromisoformat(first) + timedelta(days=length))
        except (ValueError, OverflowError):
            last = first
    query = {"treatment": "first-consultation", "from": first, "to": last}
    for asked in (query, query | {"practitioner": slug}, query | {"treatment": ["first-consultation", slug]}):
        response = client.get("/api/v1/availability", asked)
        assert response.status_code in {200, 404, 422}
        assert (response.status_code == 200) is (response.headers["Content-Type"] == "application/json")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("PUT", "/api/v1/bookings", 405),
        ("PATCH", "/api/v1/bookings/nothing", 405),
        ("GET", "/api/v1/bookings/nothing/move", 405),
        ("GET", "/api/v1/nothing", 404),
        ("GET", f"/api/v1/bookings/{'x' * 101}", 422),
        ("GET", "/api/v1/bookings/%00", 404),
        ("GET", "/api/v1/bookings/%ff%fe", 404),
    ],
)
def test_what_is_not_there_is_a_problem_too(client, clinic, method, path, status):
    response = client.generic(method, path)

    assert (response.status_code, response.headers["Content-Type"]) == (status, "application/problem+json")
    assert response.json()["status"] == status
    assert ("Allow" in response.headers) is (status == 405)


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 5000, b"null", b"[]", b'{"a": 1e999}', b'"\\ud800"'])
def test_a_body_that_cannot_be_read_is_a_problem(client, clinic, body):
    response = client.post("/api/v1/bookings", body, content_type="application/json")

    assert response.status_code in {400, 422}
    assert response.headers["Content-Type"] == "application/problem+json"


def test_the_documents_own_example_books(document):
    operation = document["/api/v1/bookings"]["POST"]
    properties = operation.schema.raw_schema["components"]["schemas"]
    examples = {
        name: {
            field: rules["examples"][0]
            for field, rules in properties[name]["properties"].items()
            if "examples" in rules
        }
        for name in ("BookingIn", "PatientIn")
    }
    body = examples["BookingIn"] | {
        "patient": examples["PatientIn"],
        "accept_terms": True,
        "starts_at": at(10).isoformat(),
    }

    response = judged(operation.Case(body=json.loads(json.dumps(body)), media_type="application/json"))
    assert response.status_code == 201

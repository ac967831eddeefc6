"""An example of every request and answer, by operation; the document shows them and tests hold them to the schemas."""

from __future__ import annotations

from typing import Any

Json = Any

PATIENT = {"full_name": "Sam Lee", "email": "sam@example.com", "phone": "07700 900123", "date_of_birth": "1984-03-27"}
BOOKING = {
    "treatment": "first-consultation",
    "practitioner": None,
    "starts_at": "2027-03-30T09:00:00+01:00",
    "patient": PATIENT,
    "note": "",
    "accept_terms": True,
    "marketing_opt_in": False,
}
ONLY_PATIENTS_SAY = ("accept_terms", "marketing_opt_in")
STAFF_BOOKING = {name: value for name, value in BOOKING.items() if name not in ONLY_PATIENTS_SAY} | {
    "practitioner": "nurse"
}
MOVE = {"starts_at": "2027-03-30T11:30:00+01:00"}
SLOT = {
    "starts_at": "2027-03-30T09:00:00+01:00",
    "ends_at": "2027-03-30T09:30:00+01:00",
    "practitioner": "nurse",
}
BOOKED = {
    "reference": "4F7K2MXQ",
    "version": 1,
    "status": "booked",
    "treatment": "first-consultation",
    **SLOT,
    "location": "maidstone",
    "price": "60.00",
    "price_is_from": False,
    "changes_until": "2027-03-29T09:00:00+01:00",
    "visit_url": "https://clinic.example/visit/9bX0nJcGm1Qe5tZ8vRkUw2LyHs6Tf3Aa7Dp4Ci0oEgM/",
}
MOVED = BOOKED | {
    "version": 2,
    "starts_at": "2027-03-30T11:30:00+01:00",
    "ends_at": "2027-03-30T12:00:00+01:00",
    "changes_until": "2027-03-29T11:30:00+01:00",
}
VISIT = {
    "reference": "4F7K2MXQ",
    "version": 1,
    "status": "booked",
    "starts_at": SLOT["starts_at"],
    "ends_at": SLOT["ends_at"],
    "patient": "Sam Lee",
    "reached_by": ["email", "sms"],
    "treatment": "first-consultation",
    "treatment_name": "First consultation",
    "practitioner": "nurse",
    "location": "maidstone",
    "room": None,
    "price": "60.00",
    "price_is_from": False,
}
DELIVERY = {
    "id": "0d4a2b7e-6f0c-4f5e-9a57-6a4a0e3b9c11",
    "endpoint": "Accounts",
    "event": "booking.booked",
    "reference": "4F7K2MXQ",
    "state": "failed",
    "attempts": 10,
    "due_at": "2027-03-29T10:15:00+01:00",
    "answered_status": 500,
    "error": "Answered 500.",
    "created_at": "2027-03-26T08:00:00+00:00",
    "delivered_at": None,
}
EVENT = {
    "type": "booking.booked",
    "timestamp": "2027-03-01T08:00:00+00:00",
    "data": {
        "reference": "4F7K2MXQ",
        "version": 1,
        "status": "booked",
        "starts_at": SLOT["starts_at"],
        "ends_at": SLOT["ends_at"],
        "practitioner": "nurse",
        "location": "maidstone",
        "treatment": "first-consultation",
    },
}
TWO_STARTS = ["2027-03-30T09:00:00+01:00", "2027-04-27T09:00:00+01:00"]
LATER = {"starts_at": TWO_STARTS[1], "ends_at": "2027-04-27T09:30:00+01:00"}

REQUESTS: dict[str, Json] = {
    "create": BOOKING,
    "create_series": BOOKING | {"starts_at": TWO_STARTS},
    "move": MOVE | {"version": 1},
    "staff_create": STAFF_BOOKING,
    "staff_move": MOVE | {"practitioner": None, "version": 1},
    "staff_status": {"status": "arrived", "version": 1},
}
ANSWERS: dict[str, Json] = {
    "treatments": [
        {
            "slug": "first-consultation",
            "name": "First consultation",
            "kind": "consultation",
            "duration_minutes": 30,
            "price": "60.00",
            "bookable_online": True,
        }
    ],
    "practitioners": [
        {
            "slug": "nurse",
            "name": "Demo Nurse",
            "job_title": "Aesthetic nurse",
            "is_demo": True,
            "treatments": ["first-consultation"],
        }
    ],
    "availability": {"slots": [SLOT]},
    "next_times": {"slots": [SLOT]},
    "days_with_times": {"days": [{"day": "2027-03-30", "slots": 14}]},
    "create": BOOKED,
    "create_series": {
        "series": "3b0d7d0c-52f0-4f1e-8b39-53f1a6f1c2aa",
        "bookings": [BOOKED, BOOKED | LATER | {"reference": "7KQ2M4XF"}],
    },
    "read": BOOKED,
    "move": MOVED,
    "cancel": BOOKED | {"version": 2, "status": "cancelled"},
    "diary": {"day": "2027-03-30", "visits": [VISIT]},
    "staff_create": VISIT,
    "staff_move": VISIT | {"version": 2, "starts_at": MOVED["starts_at"], "ends_at": MOVED["ends_at"]},
    "staff_cancel": VISIT | {"version": 2, "status": "cancelled"},
    "staff_status": VISIT | {"version": 2, "status": "arrived"},
    "deliveries": {"deliveries": [DELIVERY]},
    "replay": DELIVERY | {"state": "planned", "attempts": 0, "answered_status": None, "error": ""},
}


def _problem(status: int, title: str, code: str, detail: str, **members: Json) -> Json:
    return {"type": "about:blank", "title": title, "status": status, "code": code, "detail": detail, **members}


TAKEN = _problem(409, "Conflict", "slot_taken", "Sorry, this time is taken.", reason="taken", alternatives=[SLOT])
PROBLEMS: dict[int, Json] = {
    400: _problem(400, "Bad Request", "bad_request", "Cannot parse request body"),
    401: _problem(401, "Unauthorized", "key_missing", "Send a key that is not revoked: Authorization: Bearer jck_…"),
    403: _problem(403, "Forbidden", "scope_missing", "This key lacks the scope diary:read."),
    404: _problem(404, "Not Found", "not_found", "There is no such visit."),
    409: _problem(409, "Conflict", "stale", "This visit was changed meanwhile. Here is how it stands now."),
    422: _problem(
        422,
        "Unprocessable Entity",
        "invalid",
        "Some of what was sent cannot be used.",
        errors=[{"field": "treatment", "message": "Field required"}],
    ),
    429: _problem(429, "Too Many Requests", "too_many_requests", "Please wait a little and try again."),
    503: _problem(503, "Service Unavailable", "busy", "We are busy for a moment. Please try again."),
}
PROBLEMS_OF: dict[str, dict[int, Json]] = {
    "create": {409: TAKEN},
    "create_series": {409: TAKEN | {"starts_at": TWO_STARTS[0]}},
    "move": {409: TAKEN},
    "staff_create": {409: TAKEN},
    "cancel": {
        409: _problem(
            409,
            "Conflict",
            "too_late",
            "This visit has begun, so it cannot be cancelled online any more. Please call us.",
        )
    },
    "replay": {409: _problem(409, "Conflict", "not_replayable", "This delivery is on its way already.")},
}

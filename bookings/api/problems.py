"""Every error of the interface as `application/problem+json` (RFC 9457)."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import HttpError, Throttled, ValidationError

from bookings.api.schemas import SlotOut
from bookings.visits.refusals import Busy, KeyReused, NotBookable, Refusal, SlotTaken, TooYoung
from clinic.core import clock
from clinic.core.errors import DomainError

PROBLEM_TYPE = "application/problem+json"
CODES: dict[int, str] = {401: "key_missing", 403: "scope_missing"}
BUSY_SECONDS = 5
UNPROCESSABLE: tuple[type[DomainError], ...] = (KeyReused, NotBookable, TooYoung)


def problem(
    api: NinjaAPI, request: HttpRequest, status: int, *, code: str, detail: str = "", **members: Any
) -> HttpResponse:
    title = HTTPStatus(status).phrase
    body = {"type": "about:blank", "title": title, "status": status, "code": code, "detail": detail or title, **members}
    response = api.create_response(request, body, status=status)
    response.headers["Content-Type"] = PROBLEM_TYPE
    return response


def add_handlers(api: NinjaAPI) -> None:
    """Answer refusals, bad input, unknown things and too many requests alike."""

    @api.exception_handler(DomainError)
    def refused(request: HttpRequest, refusal: DomainError) -> HttpResponse:
        status = _status_of(refusal)
        members = _what_else(refusal) if isinstance(refusal, SlotTaken) else {}
        if isinstance(refusal, Refusal) and refusal.reason:
            members["reason"] = refusal.reason.value
        response = problem(api, request, status, code=refusal.code, detail=str(refusal), **members)
        return _asked_again_later(response) if isinstance(refusal, Busy) else response

    @api.exception_handler(ValidationError)
    def invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
        errors = [{"field": _field(item["loc"]), "message": _message(item)} for item in error.errors]
        return problem(api, request, 422, code="invalid", detail="Some of what was sent cannot be used.", errors=errors)

    @api.exception_handler(Http404)
    def missing(request: HttpRequest, error: Http404) -> HttpResponse:
        return problem(api, request, 404, code="not_found", detail=str(error))

    @api.exception_handler(Throttled)
    def too_many(request: HttpRequest, error: Throttled) -> HttpResponse:
        response = problem(api, request, 429, code="too_many_requests", detail="Please wait a little and try again.")
        response.headers["Retry-After"] = str(max(1, int(error.wait or 60)))
        return response

    @api.exception_handler(HttpError)
    def failed(request: HttpRequest, error: HttpError) -> HttpResponse:
        code = CODES.get(error.status_code, "bad_request")
        response = problem(api, request, error.status_code, code=code, detail=str(error))
        if error.status_code == HTTPStatus.UNAUTHORIZED:
            response.headers["WWW-Authenticate"] = 'Bearer realm="clinic"'
        return response


def _asked_again_later(response: HttpResponse) -> HttpResponse:
    response.headers["Retry-After"] = str(BUSY_SECONDS)
    return response


def _status_of(refusal: DomainError) -> int:
    if isinstance(refusal, Busy):
        return HTTPStatus.SERVICE_UNAVAILABLE
    return 422 if isinstance(refusal, UNPROCESSABLE) else 409


def _what_else(taken: SlotTaken) -> dict[str, Any]:
    """What is near, and for a series which of its times is meant."""
    members: dict[str, Any] = {
        "alternatives": [SlotOut.of(slot).model_dump(mode="json") for slot in taken.alternatives]
    }
    return members | ({"starts_at": clock.local(taken.starts_at).isoformat()} if taken.starts_at else {})


def _field(location: Sequence[Any]) -> str:
    """`body.payload.patient.email` is the patient's email to who sent it."""
    skipped = {"body", "query", "header", "path", "booking", "wanted", "change"}
    return ".".join(str(part) for part in location if part not in skipped) or "body"


def _message(item: dict[str, Any]) -> str:
    return str(item["msg"]).removeprefix("Value error, ")

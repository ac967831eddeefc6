"""The OpenAPI document as the interface really answers: errors are problems, and their kinds are all told."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation

from bookings.api.examples import ANSWERS, EVENT, PROBLEMS, PROBLEMS_OF, REQUESTS
from bookings.api.problems import PROBLEM_TYPE, problem
from bookings.integrations.models import WebhookEndpoint

FIRST_ERROR, UNAUTHORIZED, FORBIDDEN, TOO_MANY, BUSY = 400, 401, 403, 429, 503
WAITS_FOR_A_LOCK = {
    "create",
    "create_series",
    "cancel",
    "move",
    "staff_create",
    "staff_move",
    "staff_cancel",
    "staff_status",
}
RETRY_AFTER = {
    "description": "Seconds to wait.",
    "required": True,
    "schema": {"type": "integer", "minimum": 1},
    "example": 42,
}
PROBLEM = {"schema": {"$ref": "#/components/schemas/Problem"}}


class ProblemAPI(NinjaAPI):
    """An interface whose every error is `application/problem+json`, in its document as in its answers."""

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None
    ) -> OpenAPISchema:
        """Give the document; made once a process for each prefix, as it takes longer than any answer."""
        prefix = self.get_root_path(path_params or {}) if path_prefix is None else path_prefix
        if prefix not in self._documents:
            self._documents[prefix] = self._document(prefix)
        return self._documents[prefix]

    @cached_property
    def _documents(self) -> dict[str, OpenAPISchema]:
        return {}

    def _document(self, prefix: str) -> OpenAPISchema:
        document = super().get_openapi_schema(path_prefix=prefix)
        for operations in document["paths"].values():
            for operation in operations.values():
                _tell_problems(operation)
                _show_examples(operation)
        document["webhooks"] = {event.value: _webhook(event) for event in WebhookEndpoint.Event}
        return document

    def get_openapi_operation_id(self, operation: Operation) -> str:
        return operation.view_func.__name__

    @property
    def urls(self) -> tuple[list[Any], str, str]:
        patterns, app, namespace = super().urls
        for pattern in patterns:
            if pattern.callback is not None:
                pattern.callback = self._with_problems(pattern.callback)
        return patterns, app, namespace

    def _with_problems(self, view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        """Django Ninja answers a wrong method before any of its error handlers is asked."""

        def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            response = view(request, *args, **kwargs)
            if not isinstance(response, HttpResponseNotAllowed):
                return response
            refusal = problem(self, request, 405, code="method_not_allowed")
            refusal.headers["Allow"] = response.headers["Allow"]
            return refusal

        answer.csrf_exempt = getattr(view, "csrf_exempt", False)  # type: ignore[attr-defined]  # as Django's decorator
        return answer


def _tell_problems(operation: dict[str, Any]) -> None:
    """Errors are problems. Any operation can be asked too often; those with a key can be asked without one."""
    responses = operation["responses"]
    for status, response in responses.items():
        if int(status) >= FIRST_ERROR:
            response["content"] = {PROBLEM_TYPE: response["content"].popitem()[1]}
    if operation.get("security"):
        responses[UNAUTHORIZED] = {
            "description": "No key, or one that is revoked",
            "content": {PROBLEM_TYPE: {**PROBLEM}},
            "headers": {"WWW-Authenticate": {"required": True, "schema": {"type": "string"}}},
        }
        responses[FORBIDDEN] = {"description": "The key lacks the scope", "content": {PROBLEM_TYPE: {**PROBLEM}}}
    if operation["operationId"] in WAITS_FOR_A_LOCK:
        responses[BUSY] = {
            "description": "The diary is locked for longer than is waited; nothing was changed",
            "content": {PROBLEM_TYPE: {**PROBLEM}},
            "headers": {"Retry-After": RETRY_AFTER},
        }
    responses[TOO_MANY] = {
        "description": "Too many requests",
        "content": {PROBLEM_TYPE: {**PROBLEM}},
        "headers": {"Retry-After": RETRY_AFTER},
    }


def _show_examples(operation: dict[str, Any]) -> None:
    name = operation["operationId"]
    for parameter in operation["parameters"]:
        if examples := parameter.pop("examples", None):  # a list in a schema, but not beside one
            parameter["example"] = examples[0]
    if name in REQUESTS:
        operation["requestBody"]["content"]["application/json"]["example"] = REQUESTS[name]
    for status, response in operation["responses"].items():
        for content in response["content"].values():
            if int(status) < FIRST_ERROR and name in ANSWERS:
                content["example"] = ANSWERS[name]
            elif example := PROBLEMS_OF.get(name, {}).get(int(status)) or PROBLEMS.get(int(status)):
                content["example"] = example


def _webhook(event: WebhookEndpoint.Event) -> dict[str, Any]:
    """What is posted to the addresses that the owner enters (OpenAPI 3.1 §4.8.1)."""
    text = {"type": "string"}
    moment = {"type": "string", "format": "date-time"}
    data = {
        "reference": text,
        "version": {"type": "integer", "description": "Grows with each change: what comes late is older."},
        "status": text,
        "starts_at": moment,
        "ends_at": moment,
        "practitioner": text,
        "location": text,
        "treatment": {"type": ["string", "null"], "description": "Null where it may not be named to the public."},
    }
    shape = {
        "type": "object",
        "required": ["type", "timestamp", "data"],
        "properties": {
            "type": {"const": event.value},
            "timestamp": moment,
            "data": {"type": "object", "required": list(data), "properties": data},
        },
    }
    names = {
        "webhook-id": "The same for each try and each replay.",
        "webhook-timestamp": "Seconds since 1970, of this try.",
        "webhook-signature": "`v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`.",
    }
    headers = [
        {"in": "header", "name": name, "required": True, "schema": text, "description": meaning}
        for name, meaning in names.items()
    ]
    operation = {
        "operationId": event.name.lower(),
        "summary": f"A visit was {event.label.lower()}",
        "description": "Signed as Standard Webhooks 1.0; no patient data. See docs/api.md.",
        "tags": ["Webhooks"],
        "parameters": headers,
        "requestBody": {"content": {"application/json": {"schema": shape, "example": EVENT | {"type": event.value}}}},
        "responses": {
            "2XX": {"description": "Taken"},
            "410": {"description": "Never again: the address is switched off"},
            "default": {"description": "Tried again later, `Retry-After` obeyed for 429 and 503"},
        },
    }
    return {"post": operation}

"""The OpenAPI document as the interface really answers: errors are problems, and their kinds are all told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation

from bookings.api.problems import PROBLEM_TYPE, problem

RETRY_AFTER = {"description": "Seconds to wait.", "required": True, "schema": {"type": "integer", "minimum": 1}}


class ProblemAPI(NinjaAPI):
    """An interface whose every error is `application/problem+json`, in its document as in its answers."""

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None
    ) -> OpenAPISchema:
        document = super().get_openapi_schema(path_prefix=path_prefix, path_params=path_params)
        for operations in document["paths"].values():
            for operation in operations.values():
                _tell_problems(operation["responses"])
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


def _tell_problems(responses: dict[int, dict[str, Any]]) -> None:
    for status, response in responses.items():
        if int(status) >= 400:  # noqa: PLR2004 -- the first status that is an error
            response["content"] = {PROBLEM_TYPE: response["content"].popitem()[1]}
    if 429 in responses:  # noqa: PLR2004 -- Too Many Requests
        responses[429]["headers"] = {"Retry-After": RETRY_AFTER}

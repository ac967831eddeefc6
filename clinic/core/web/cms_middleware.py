"""What Wagtail's admin needs of every request to it: a policy of its own, and refusals as messages to the editor."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from django.contrib import messages
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from psycopg.errors import UniqueViolation

from clinic.core.deletion import CannotDelete, why_refused

CMS_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; form-action 'self'; "
    "base-uri 'self'; object-src 'none'; frame-ancestors 'self'"
)


class CmsContentPolicy:
    """Wagtail's admin needs inline code (wagtail#1288), so it has a looser policy of its own: still nothing foreign.

    A preview comes with the policy of the page it shows, which lets nobody frame it: here the editor does.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.path.startswith("/cms/"):
            response.headers["Content-Security-Policy"] = CMS_POLICY
        return response


class DeletionRefused:
    """Inside Wagtail's admin a deletion that is refused, by whatever door, becomes a message to the editor."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, CannotDelete) or not is_in_cms(request):
            return None
        messages.error(request, why_refused(exception))
        return HttpResponseRedirect(back_in_cms(request))


class TakenMeanwhile:
    """Inside Wagtail's admin a name or slug that someone else saved between check and save is refused beside its field.

    The form is answered once more: its own check sees the other's row by now, and says what it says of any such name.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        is_taken = isinstance(exception, IntegrityError) and isinstance(exception.__cause__, UniqueViolation)
        found = request.resolver_match
        if not is_taken or found is None or request.method != "POST" or not is_in_cms(request):
            return None
        for _, files in request.FILES.lists():
            for file in files:
                file.seek(0)
        response: HttpResponse = found.func(request, *found.args, **found.kwargs)
        return response


def is_in_cms(request: HttpRequest) -> bool:
    return request.path.startswith(reverse("wagtailadmin_home"))


def back_in_cms(request: HttpRequest) -> str:
    """The page the editor came from; the first page of the CMS if that is this very one, or none of ours."""
    came_from = request.headers.get("Referer", "")
    is_ours = url_has_allowed_host_and_scheme(came_from, {request.get_host()}, require_https=request.is_secure())
    is_another = urlsplit(came_from).path != request.path
    return came_from if is_ours and is_another else reverse("wagtailadmin_home")

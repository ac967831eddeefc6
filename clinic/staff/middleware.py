"""Ask every member of staff for a second factor, on every path; allauth itself only offers one (its issue 3649).

Source: OWASP ASVS 5.0 6.3.3. Switched off by `STAFF_SECOND_FACTOR=off` in the demo and in tests; production refuses it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from allauth.account.adapter import get_adapter
from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.reauthentication import suspend_request
from django.conf import settings
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.middleware.csrf import CsrfViewMiddleware
from django.urls import reverse

from clinic.accounts.models import User
from clinic.accounts.rights import roles_of
from clinic.accounts.signing_in.proofs import PIN, SECOND_FACTOR
from clinic.core import clock
from clinic.staff.enrolment import Step, has_device, is_guarded, next_step
from clinic.staff.models import Invitation, Recovery
from clinic.staff.tablet.browser import tablet_of

ENROLLED = "staff_enrolled"  # in the session: the enrolment was seen to be complete
WAY_OUT = ("/accounts/logout/", "/healthz", "/readyz", "/metrics", "/static/", "/media/")
UNLOCKS = "/accounts/unlock/"  # by the PIN of a shared tablet
ASKS = ("/accounts/2fa/reauthenticate/", "/accounts/2fa/webauthn/reauthenticate/", UNLOCKS)
ENROLS = (
    "/accounts/start/",
    "/accounts/invitation/",
    "/accounts/recovery/",
    "/accounts/2fa/totp/activate/",
    "/accounts/2fa/webauthn/add/",
    "/accounts/confirm/code/",  # this and the next: a new passkey or app takes a fresh sign-in
    "/accounts/reauthenticate/",
)
RETURNS = ("/accounts/start/", "/accounts/recovery/")  # of whoever has a link of recovery to use first
API = "/api/"
UNAUTHORISED = 401
MOST_KEPT = 64_000  # bytes of a form that waits while its sender is asked


class SecondFactorOfStaff:
    """Answer in place of any view where staff have not enrolled, or used no second factor in this session."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self._first(request) or self.get_response(request)

    def _first(self, request: HttpRequest) -> HttpResponse | None:
        """The answer that comes before the view's, if a step is missing."""
        if settings.SESSION_COOKIE_NAME not in request.COOKIES or request.path_info.startswith(WAY_OUT):
            return None
        user = request.user
        if not isinstance(user, User) or not is_guarded(user) or not _is_asked(user):
            return None
        is_proved = used_second_factor(request, user)
        if request.session.get(ENROLLED) != user.pk:
            if next_step(user) == Step.DONE:
                request.session[ENROLLED] = user.pk
            elif is_proved or not has_device(user):
                waits = not is_proved and Recovery.objects.waits_for(user)
                return _lead(request, reverse("staff:start"), RETURNS if waits else ENROLS)
        if is_proved or not settings.STAFF_SECOND_FACTOR:
            return None
        return ask(request, user)


def used_second_factor(request: HttpRequest, user: User) -> bool:
    """Whether a passkey, an app's code or a recovery code was used in this session, or a PIN that still counts."""
    return proved_at(request, user) > 0


def proved_at(request: HttpRequest, user: User) -> float:
    """When that was last done, in seconds since 1970; 0 if never."""
    records = get_authentication_records(request, user)
    return max((one["at"] for one in records if _counts(request, one)), default=0.0)


def _counts(request: HttpRequest, record: dict[str, Any]) -> bool:
    """A second factor always; a PIN on the tablet that it was typed on, until the evening."""
    if record["method"] == SECOND_FACTOR:
        return True
    if record["method"] != PIN or record["until"] <= clock.now().timestamp():
        return False
    tablet = tablet_of(request)
    return tablet is not None and tablet.pk == record["tablet"]


def _is_asked(user: User) -> bool:
    """Everyone; with the switch off, only those whose invitation waits for the end of their enrolment."""
    if settings.STAFF_SECOND_FACTOR:
        return True
    return not roles_of(user) and Invitation.objects.pending().filter(user=user).exists()


def asking_page(user: User) -> str | None:
    """The page that asks for their passkey or a code; None if they have neither."""
    ways = {way["id"]: way["url"] for way in get_adapter().get_reauthentication_methods(user)}
    address: str | None = ways.get("mfa_reauthenticate:webauthn") or ways.get("mfa_reauthenticate")
    return address


def ask(request: HttpRequest, user: User, *, by_pin: bool = False) -> HttpResponse | None:
    """Lead to the page that asks for a passkey or a code, or for a PIN; a form that was sent is kept, and done afterwards."""
    address = UNLOCKS if by_pin else asking_page(user)
    if address is None:  # the last one was taken away meanwhile
        request.session.pop(ENROLLED, None)
        return _lead(request, reverse("staff:start"), ENROLS)
    sent = request.headers.get("Content-Length") or "0"
    is_small = sent.isdecimal() and int(sent) <= MOST_KEPT
    if request.path_info.startswith(ASKS) or request.headers.get("HX-Request") or request.path_info.startswith(API):
        return _lead(request, address, ASKS)
    if request.method != "POST" or not is_small:
        return HttpResponseRedirect(f"{address}?{urlencode({REDIRECT_FIELD_NAME: request.get_full_path()})}")
    return _refused_as_forged(request) or _keep(request, address)


def _refused_as_forged(request: HttpRequest) -> HttpResponse | None:
    """What Django's check of the form's token says, which comes after this middleware and is skipped by what is resumed."""
    check = CsrfViewMiddleware(lambda _: HttpResponse())
    refused: HttpResponse | None = check.process_view(request, lambda _: HttpResponse(), (), {})
    return refused


def _keep(request: HttpRequest, address: str) -> HttpResponse:
    """Keep what was sent. allauth does it if the page leads back to the address without its query."""
    suspend_request(request, address)
    return HttpResponseRedirect(f"{address}?{urlencode({REDIRECT_FIELD_NAME: request.path})}")


def _lead(request: HttpRequest, address: str, open_to: tuple[str, ...]) -> HttpResponse | None:
    """Lead to `address`; None where the request is for one of the pages that are `open_to` it."""
    if request.path_info.startswith(open_to):
        return None
    if request.path_info.startswith(API):
        problem = {"type": "about:blank", "title": "Use your second factor first.", "status": UNAUTHORISED}
        return JsonResponse(problem, status=UNAUTHORISED, content_type="application/problem+json")
    if request.headers.get("HX-Request"):
        response = HttpResponse(status=UNAUTHORISED)
        response.headers["HX-Redirect"] = address
        return response
    return HttpResponseRedirect(address)

"""What this browser may do by a link: open its page, and see what was said before once it has shown the date of birth."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.dateparse import parse_datetime

from clinic.accounts.permissions import account_of
from clinic.core import clock
from clinic.patients.models import PatientAccess
from clinic.records.links.models import Purpose, RecordLink

SESSION_KEY = "record_links"
MOST_OPENED = 20
SHOWN_LASTS = timedelta(hours=2)
P = ParamSpec("P")


def broken_link(request: HttpRequest) -> HttpResponse:
    """The same answer for a link that never was, that has ended, or that belongs to someone else."""
    return render(request, "records/links/broken_link.html", status=404)


def remember(request: HttpRequest, link: RecordLink) -> None:
    """Let this session open the link's page. Following the link again keeps the date of birth that was shown."""
    if opened_by(request, link):
        return
    _keep(request, link, {"digest": bytes(link.link_digest).hex()})


def remember_birthday(request: HttpRequest, link: RecordLink) -> None:
    """Let this session see what was said before, for two hours. Its key changes, as it may now do more."""
    request.session.cycle_key()
    _keep(request, link, {"digest": bytes(link.link_digest).hex(), "shown_at": clock.now().isoformat()})


def opened_link(request: HttpRequest, reference: str, purpose: Purpose | None = None) -> RecordLink | None:
    """The live link of this reference that this session opened."""
    if reference not in request.session.get(SESSION_KEY, {}):
        return None
    rows = RecordLink.objects.live(clock.now()).filter(reference=reference)
    link = (rows.filter(purpose=purpose) if purpose else rows).select_related("patient__merged_into").first()
    return link if link and opened_by(request, link) else None


def opened_by(request: HttpRequest, link: RecordLink) -> bool:
    kept = request.session.get(SESSION_KEY, {}).get(link.reference, {})
    return bool(kept.get("digest") == bytes(link.link_digest).hex())


def has_shown_birthday(request: HttpRequest, link: RecordLink) -> bool:
    """Whether this session has, within two hours, by this link as it is now."""
    shown = request.session.get(SESSION_KEY, {}).get(link.reference, {}).get("shown_at")
    at = parse_datetime(shown) if shown and opened_by(request, link) else None
    return at is not None and clock.now() - at < SHOWN_LASTS


def is_own_account(request: HttpRequest, link: RecordLink) -> bool:
    """Whether who is signed in is the patient. Those who help open visits, never the record."""
    account = account_of(request)
    if account is None:
        return False
    own = PatientAccess.objects.filter(user=account).live(clock.now()).own()
    return own.filter(patient__in={link.patient_id, link.patient.merged_into_id} - {None}).exists()


def may_see(request: HttpRequest, link: RecordLink) -> bool:
    """Whether what was said before may be shown here."""
    return has_shown_birthday(request, link) or is_own_account(request, link)


def by_link(
    purpose: Purpose, *, after_birthday: bool = False
) -> Callable[
    [Callable[Concatenate[HttpRequest, RecordLink, P], HttpResponse]],
    Callable[..., HttpResponse],
]:
    """Hand the link to the view, `after_birthday` once that was shown. Others learn only that the link does not work."""

    def guard(
        view: Callable[Concatenate[HttpRequest, RecordLink, P], HttpResponse],
    ) -> Callable[..., HttpResponse]:
        @wraps(view)
        def guarded(request: HttpRequest, reference: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            link = opened_link(request, reference, purpose)
            if link is None:
                return broken_link(request)
            if after_birthday and not may_see(request, link):
                return redirect("records:birthday", reference)
            return view(request, link, *args, **kwargs)

        return guarded

    return guard


def _keep(request: HttpRequest, link: RecordLink, state: dict[str, Any]) -> None:
    opened = {**request.session.get(SESSION_KEY, {})}
    opened.pop(link.reference, None)
    opened[link.reference] = state
    request.session[SESSION_KEY] = dict(list(opened.items())[-MOST_OPENED:])

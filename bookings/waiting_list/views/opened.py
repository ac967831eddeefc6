"""Which entries this browser has opened or made: kept in its session."""

from __future__ import annotations

from django.http import HttpRequest

from bookings.online.views.account import visits_open_to
from bookings.waiting_list.models import WaitingEntry
from clinic.accounts.permissions import account_of
from clinic.core import clock

SESSION_KEY = "waiting"


MOST_OPENED = 20


def opened_entries(request: HttpRequest) -> frozenset[str]:
    """References of the entries that this session opened by links that still hold."""
    opened = request.session.get(SESSION_KEY, {})
    entries = WaitingEntry.objects.filter(reference__in=opened) if opened else ()
    return frozenset(entry.reference for entry in entries if has_open(request, entry))


def has_open(request: HttpRequest, entry: WaitingEntry) -> bool:
    """Whether this session opened the entry by a link that still holds."""
    opened = request.session.get(SESSION_KEY, {}).get(entry.reference)
    return bool(opened == bytes(entry.link_digest).hex())


def remember_entry(request: HttpRequest, entry: WaitingEntry) -> None:
    opened = {**request.session.get(SESSION_KEY, {}), entry.reference: bytes(entry.link_digest).hex()}
    request.session[SESSION_KEY] = dict(list(opened.items())[-MOST_OPENED:])


def is_of_account(request: HttpRequest, entry: WaitingEntry) -> bool:
    """Whether the account that is signed in opens the visits of who waits."""
    account = account_of(request)
    return account is not None and visits_open_to(account, clock.now()).filter(patient=entry.patient_id).exists()

"""Who is counted, where somebody keeps a time or a place on the waiting list."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest

from bookings.visits.visitors import Visitor
from clinic.core.web.client_address import client_address


def visitor_of(request: HttpRequest, *, has_session: bool = True) -> Visitor | None:
    """None where nothing is limited (`RATE_LIMITS`).

    Who has no session yet is given none, or a program could fill the table of sessions: the address counts, and the
    browser from its next time on.
    """
    if not settings.RATE_LIMITS:
        return None
    return Visitor(client_address(request), (request.session.session_key or "") if has_session else "")

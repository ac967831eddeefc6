"""A browser in which somebody signed in a moment ago."""

from __future__ import annotations

from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.test import Client, RequestFactory


def just_signed_in(user, client: Client | None = None, *, method: str = "code", **about: object) -> Client:
    """In `client`, or a new one: as after a code, so that no page asks for a fresh sign-in for five minutes."""
    client = client or Client()
    client.force_login(user)
    session = client.session
    request = RequestFactory().get("/")
    request.session = session
    record_authentication(request, user, method=method, **about)
    session.save()
    return client


def code_for(secret: str) -> str:
    """What an authenticator app shows now; half a minute on it is still taken."""
    counters = list(yield_hotp_counters_from_time())
    return format_hotp_value(hotp_value(secret, counters[len(counters) // 2]))

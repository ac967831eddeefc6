"""Send a code to somebody who is signed in, with which they sign in afresh."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.code_verification import AbstractCodeVerificationProcess
from allauth.account.internal.flows.login import record_authentication
from allauth.account.models import EmailAddress
from allauth.core.internal.ratelimit import consume
from django.conf import settings
from django.http import HttpRequest

SESSION_KEY = "fresh_code"


class FreshCode(AbstractCodeVerificationProcess):  # type: ignore[misc]
    """One at a time for each session; kept there, as allauth keeps its own codes."""

    def __init__(self, request: HttpRequest, state: dict[str, Any]) -> None:
        self.request = request
        super().__init__(
            max_attempts=settings.ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS,
            timeout=settings.ACCOUNT_LOGIN_BY_CODE_TIMEOUT,
            state=state,
            user=request.user,
        )

    @classmethod
    def may_begin(cls, request: HttpRequest) -> bool:
        """Whether the limit of sign-in codes allows another now."""
        key = f"fresh:{request.user.pk}"
        return bool(consume(request, app="allauth.account", action="request_login_code", key=key, limit_get=True))

    @classmethod
    def begin(cls, request: HttpRequest) -> FreshCode | None:
        """Send a code to the proved address; None if there is none."""
        address = EmailAddress.objects.get_verified(request.user)
        if address is None:
            return None
        process = cls(request, cls.initial_state(user=request.user, email=address.email))
        process.send()
        process.persist()
        return process

    @classmethod
    def resume(cls, request: HttpRequest) -> FreshCode | None:
        state = request.session.get(SESSION_KEY)
        return cls(request, state).abort_if_invalid() if state else None

    def send(self) -> None:
        self.state["code"] = get_adapter().generate_login_code()
        get_adapter().send_mail("account/email/fresh_code", self.state["email"], {"code": self.state["code"]})

    def persist(self) -> None:
        self.request.session[SESSION_KEY] = self.state

    def abort(self) -> None:
        self.request.session.pop(SESSION_KEY, None)

    @property
    def can_resend(self) -> bool:
        return not self.is_resend_quota_reached(2)

    def resend(self) -> None:
        self.send()
        self.record_resend()
        self.persist()

    def finish(self) -> None:
        self.abort()
        record_authentication(self.request, self.request.user, method="code", reauthenticated=True)

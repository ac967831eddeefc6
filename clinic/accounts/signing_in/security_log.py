"""Log sign-ins and refused ones: the number of the account and how; no address and no name, which the log leaves out."""

from __future__ import annotations

import logging
from typing import Any

from allauth.mfa.signals import authentication_failed
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed

logger = logging.getLogger("clinic.security")


def note_refused(*, method: str, user: Any = None) -> None:
    """`user` is None where nobody is known by what was typed."""
    logger.warning("sign-in refused", extra={"method": method, "user": int(user) if user else None})


def connect() -> None:
    for signal, receiver in (
        (user_logged_in, _signed_in),
        (user_logged_out, _signed_out),
        (user_login_failed, _wrong_password),
        (authentication_failed, _wrong_second_step),
    ):
        signal.connect(receiver, dispatch_uid=f"security-log-{receiver.__name__}")


def _signed_in(user: Any, **_: Any) -> None:
    logger.info("signed in", extra={"user": user.pk})


def _signed_out(user: Any, **_: Any) -> None:
    logger.info("signed out", extra={"user": getattr(user, "pk", None)})


def _wrong_password(**_: Any) -> None:
    note_refused(method="password")


def _wrong_second_step(user: Any, authenticator: Any, **_: Any) -> None:
    note_refused(method=authenticator.type, user=user.pk)

"""Write the letters of accounts, allauth's among them, and put them in the outbox: no request waits for mail."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string

from clinic.accounts.signing_in import devices
from clinic.core import clock
from clinic.core.models import ClinicSettings
from clinic.sending import mail
from clinic.sending.post import post

CODES = {
    "account/email/login_code": settings.ACCOUNT_LOGIN_BY_CODE_TIMEOUT,
    "account/email/fresh_code": settings.ACCOUNT_LOGIN_BY_CODE_TIMEOUT,
    "account/email/password_reset_code": settings.ACCOUNT_PASSWORD_RESET_BY_CODE_TIMEOUT,
    "account/email/email_confirmation": settings.ACCOUNT_EMAIL_VERIFICATION_BY_CODE_TIMEOUT,
    "account/email/email_confirmation_signup": settings.ACCOUNT_EMAIL_VERIFICATION_BY_CODE_TIMEOUT,
    "staff/email/recovery": 3600,  # as long as its link is good: clinic.staff.models.recovery
}
NOTICE = timedelta(days=1)


def send(template: str, email: str, context: dict[str, Any], *, lasts: timedelta = NOTICE) -> str:
    """Post the letter `<template>_subject.txt` and `<template>_message.txt`, useful for as long as its code is.

    Gives its subject.
    """
    context = {
        **context,
        "email": email,
        "clinic": ClinicSettings.load(),
        "site_url": settings.SITE_URL,
        "device": devices.in_words(context.get("user_agent", "")),
        "minutes": CODES.get(template, 0) // 60,
    }
    words = render_to_string(f"{template}_message.txt", context).strip()
    subject = " ".join(render_to_string(f"{template}_subject.txt", context).split())
    paragraphs = [paragraph.strip() for paragraph in words.split("\n\n") if paragraph.strip()]
    letter = mail.render("account", {**context, "subject": subject, "paragraphs": paragraphs})
    lasts = timedelta(seconds=CODES[template]) if template in CODES else lasts
    post(letter, to=email, now=clock.now(), useful_for=lasts)
    return subject

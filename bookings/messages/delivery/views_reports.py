"""Where providers report what became of messages. No session, no cookie, no CSRF token: a signature or a secret."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from anymail.exceptions import AnymailWebhookValidationFailure
from anymail.signals import tracking
from anymail.webhooks.brevo import BrevoTrackingWebhookView
from anymail.webhooks.mailgun import MailgunTrackingWebhookView
from anymail.webhooks.postmark import PostmarkTrackingWebhookView
from anymail.webhooks.resend import ResendTrackingWebhookView
from anymail.webhooks.sendgrid import SendGridTrackingWebhookView
from django.conf import settings
from django.dispatch import receiver
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from bookings.messages.delivery.delivery_reports import record
from bookings.messages.models import Message
from clinic.core import clock
from clinic.sending import sms_reports
from clinic.sending.outcomes import Fate, Forged, Report

VIEWS = {
    "brevo": BrevoTrackingWebhookView,
    "mailgun": MailgunTrackingWebhookView,
    "postmark": PostmarkTrackingWebhookView,
    "resend": ResendTrackingWebhookView,
    "sendgrid": SendGridTrackingWebhookView,
}
# Of who opens or clicks, nothing is kept.
FATES = {
    "sent": Fate.SENT,
    "delivered": Fate.DELIVERED,
    "bounced": Fate.FAILED,
    "rejected": Fate.FAILED,
    "failed": Fate.FAILED,
    "deferred": Fate.OTHER,
    "complained": Fate.UNWANTED,
    "unsubscribed": Fate.UNWANTED,
}


@csrf_exempt
@require_http_methods(["HEAD", "POST"])
def emails(request: HttpRequest, provider: str) -> HttpResponse:
    """Reports of the provider that EMAIL_URL names, read by anymail: 403 without the secret or a right signature."""
    if provider not in VIEWS or provider != settings.EMAIL_PROVIDER:
        raise Http404
    if not settings.ANYMAIL.get("WEBHOOK_SECRET"):  # anymail alone would let anyone in
        return _plain_answer("No secret is set.", 403)
    try:
        return VIEWS[provider].as_view()(request)  # type: ignore[no-any-return] # anymail ships no types
    except AnymailWebhookValidationFailure:
        return _plain_answer("The secret or the signature is wrong.", 403)
    except (ValueError, LookupError, TypeError, AttributeError):
        return _plain_answer("This is not a report of this provider.", 400)


@receiver(tracking, dispatch_uid="bookings.reports")
def take_email_report(event: Any, **_: Any) -> None:
    """Anymail's tracking event (AnymailTrackingEvent), whatever the provider."""
    if event.event_type not in FATES:
        return
    reason = event.description or event.reject_reason or event.mta_response or ""
    report = Report(
        fate=FATES[event.event_type],
        words=f"{event.event_type}: {reason}" if reason else event.event_type,
        provider_id=str(event.message_id or ""),
        key=str((event.metadata or {}).get("message", "")),
        at=event.timestamp if isinstance(event.timestamp, datetime) and event.timestamp.tzinfo else None,
    )
    record(report, channel=Message.Channel.EMAIL, now=clock.now())


@csrf_exempt
@require_POST
def texts(request: HttpRequest, provider: str) -> HttpResponse:
    """Reports of the provider that SMS_URL names: 403 with a wrong signature, 200 for messages that are not ours."""
    if provider not in sms_reports.READERS or provider != settings.SMS_URL.partition(":")[0]:
        raise Http404
    try:
        report = sms_reports.read(
            provider,
            address=f"{settings.SITE_URL}{request.get_full_path()}",
            fields=_fields(request),
            signature=request.headers.get("X-Twilio-Signature", ""),
        )
    except Forged:
        return _plain_answer("The signature is wrong.", 403)
    record(report, channel=Message.Channel.SMS, now=clock.now())
    return _plain_answer("", 200)


def _fields(request: HttpRequest) -> dict[str, list[str]]:
    """Of a form, or of a JSON object as Vonage sends it if told so; what is neither has no signature."""
    if request.content_type != "application/json":
        return {name: [str(value) for value in values] for name, values in request.POST.lists()}
    try:
        found = json.loads(request.body)
    except ValueError:
        return {}
    return {name: [str(value)] for name, value in found.items()} if isinstance(found, dict) else {}


def _plain_answer(words: str, status: int) -> HttpResponse:
    return HttpResponse(words, status=status, content_type="text/plain; charset=utf-8")

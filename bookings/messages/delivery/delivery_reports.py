"""What providers report of messages they took: arrived, or never will. The same report again changes nothing."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce

from bookings.messages.models import Message
from bookings.messages.models.message import MessageQuerySet, forgetting
from bookings.messages.planning import invitations
from clinic.sending.outcomes import Fate, Report

State = Message.State
LONGEST = 200
TAKEN = (State.SENT, State.UNKNOWN, State.LEASED)


def record(report: Report, *, channel: str, now: datetime) -> bool:
    """Keep what is reported with the message it is about, and say whether there was one to change.

    A text message in doubt that the provider says it sent is sent. One that a loop has under its lease stays there: the
    loop is about to mark it. What failed stays failed, whatever comes late. Whoever calls one of our e-mails spam, or
    stops them at the provider, is invited no more.
    """
    about, words = _about(report, channel), _plain(report.words)
    found = about.filter(state__in=TAKEN)
    known = {"report": words} | ({"provider_id": _plain(report.provider_id)} if report.provider_id else {})
    if report.fate == Fate.FAILED:
        reason = words or "The provider could not deliver it."
        ended = {"error": reason, "lease_until": None, "retry_at": None, **forgetting(), **known}
        return bool(found.update(state=State.FAILED, **ended))
    if report.fate == Fate.UNWANTED:
        _stop_invitations(about)
        return bool(found.update(**known))
    if report.fate == Fate.OTHER:
        return bool(found.filter(delivered_at=None).update(**known))
    at = min(report.at, now) if report.at else now
    if report.fate == Fate.DELIVERED:
        changed = found.update(delivered_at=Coalesce(F("delivered_at"), Value(at)), **known)
    else:
        changed = found.filter(delivered_at=None).update(**known)
    found.filter(state=State.UNKNOWN).update(
        state=State.SENT, sent_at=Coalesce(F("sent_at"), F("started_at"), Value(at)), error=""
    )
    return bool(changed)


def _stop_invitations(rows: MessageQuerySet) -> None:
    """The withdrawal of a consent (PECR reg. 22): whatever the e-mail was, and also if its visit has left the record."""
    for message in rows.exclude(patient=None).select_related("patient"):
        if message.patient:
            invitations.opt_out(message.patient)


def _about(report: Report, channel: str) -> MessageQuerySet:
    """The message by our own key, unless the provider's id says that this was another of its parts; else by that id."""
    rows, provider_id = Message.objects.filter(channel=channel), _plain(report.provider_id)
    if key := _key(report.key):
        return rows.filter(Q(provider_id__in=("", provider_id)) if provider_id else Q(), pk=key)
    return rows.filter(provider_id=provider_id) if provider_id else rows.none()


def _key(written: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(written)
    except ValueError:
        return None


def _plain(words: str) -> str:
    return "".join(character for character in words if character.isprintable())[:LONGEST]

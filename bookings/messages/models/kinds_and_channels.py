"""The kinds of messages and the ways they go: one list each, for messages, their rules and the owner's own words."""

from __future__ import annotations

from django.db.models import TextChoices


class Kind(TextChoices):
    CONFIRMATION = "confirmation", "Confirmation"
    MOVED = "moved", "New time"
    CANCELLED = "cancelled", "Cancellation"
    REMINDER = "reminder", "Reminder"
    FOLLOW_UP = "follow_up", "Follow-up"
    REVIEW = "review", "How was it"
    RECALL = "recall", "Come again"
    OFFER = "offer", "Waiting-list offer"
    WAITING = "waiting", "Waiting-list link"
    STAFF_NOTICE = "staff_notice", "Staff notice"
    LINKS = "links", "Visit links"
    LATE = "late", "Running late"
    ACCOUNT = "account", "Account"
    JOINED = "joined", "Added to an account"
    FORMS = "forms", "Questions before a visit"
    FORMS_CHASE = "forms_chase", "Questions still open"


def kinds() -> list[tuple[str, str]]:
    """The choices of a message's kind; by reference in migrations, so that a new kind needs none."""
    return [(kind.value, str(kind.label)) for kind in Kind]


def channels() -> list[tuple[str, str]]:
    """The choices of a message's channel; by reference in migrations, so that a new channel needs none."""
    return [(channel.value, str(channel.label)) for channel in Channel]


class Channel(TextChoices):
    EMAIL = "email", "Email"
    SMS = "sms", "Text message"

    @property
    def may_repeat(self) -> bool:
        """Whether what may have gone already can go again: an e-mail bears the same Message-ID, a text comes twice."""
        return self is Channel.EMAIL

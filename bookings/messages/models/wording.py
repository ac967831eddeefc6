"""Words of the owner's own for what is sent to patients. What may stand in them is judged in `bookings.messages.wording.placeholders`."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from wagtail.models import PreviewableMixin

from bookings.messages.models.kinds_and_channels import Channel, Kind, channels
from clinic.core import clock
from clinic.core.abstract import OutsideCms

IN_OWNERS_WORDS = (
    Kind.CONFIRMATION,
    Kind.MOVED,
    Kind.CANCELLED,
    Kind.REMINDER,
    Kind.FOLLOW_UP,
    Kind.REVIEW,
    Kind.LATE,
)


def kinds_in_owners_words() -> list[tuple[str, str]]:
    """The choices of a wording's kind; by reference in migrations, so that a new kind needs none."""
    return [(kind.value, str(kind.label)) for kind in IN_OWNERS_WORDS]


class WordingQuerySet(models.QuerySet["Wording"]):
    def active(self) -> WordingQuerySet:
        return self.filter(is_active=True)


WordingManager = models.Manager.from_queryset(WordingQuerySet)


class Wording(PreviewableMixin, OutsideCms):  # type: ignore[misc]
    """What one message says by one channel, instead of the words that come with the software.

    Of a reminder there may be two, A and B, that run against each other: a visit gets one of them by chance.
    """

    Kind = Kind
    Channel = Channel

    class Variant(models.TextChoices):
        A = "A", "A"
        B = "B", "B"

    kind = models.CharField("message", max_length=20, choices=kinds_in_owners_words)
    channel = models.CharField(max_length=10, choices=channels, default=Channel.EMAIL)
    asks_to_confirm = models.BooleanField(
        "asks the patient to confirm",
        default=False,
        help_text="For reminders by a rule that asks. They have words of their own, with {{confirm_link}}.",
    )
    variant = models.CharField(
        max_length=1,
        choices=Variant.choices,
        default=Variant.A,
        help_text="A, unless two wordings of one reminder run against each other.",
    )
    name = models.CharField(max_length=60, help_text="For you, to tell wordings apart: “Names the cost”.")
    subject = models.CharField(max_length=120, blank=True, help_text="Of an email.")
    body = models.TextField("words", max_length=2000, help_text="An empty line begins a new paragraph.")
    is_active = models.BooleanField("in use", default=True)
    text_since = models.DateTimeField(editable=False, help_text="Since when these words are in use.")

    objects: ClassVar[WordingManager] = WordingManager()

    class Meta:
        ordering = ["kind", "channel", "asks_to_confirm", "variant"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "channel", "asks_to_confirm", "variant"],
                name="wording_once",
                violation_error_message="There are words for this message already: change those.",
            ),
            models.CheckConstraint(
                name="wording_only_reminders_ask",
                condition=Q(asks_to_confirm=False) | Q(kind="reminder"),
                violation_error_message="Only a reminder can ask the patient to confirm.",
            ),
            models.CheckConstraint(
                name="wording_only_reminders_have_two",
                condition=Q(variant="A") | Q(kind="reminder"),
                violation_error_message="Only reminders can have two wordings.",
            ),
            models.CheckConstraint(
                name="wording_confirmation_by_email",
                condition=~Q(kind="confirmation") | Q(channel="email"),
                violation_error_message="A confirmation goes out by email only.",
            ),
            models.CheckConstraint(
                name="wording_email_has_a_subject",
                condition=Q(channel="sms", subject="") | (Q(channel="email") & ~Q(subject="")),
                violation_error_message="An email needs a subject, and a text message has none.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.get_channel_display().lower()}: {self.name}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Other words, or words in use again, begin anew: `text_since` is now."""
        known = Wording.objects.filter(pk=self.pk).first()
        is_as_it_was = known and (known.subject, known.body) == (self.subject, self.body)
        if not (known and is_as_it_was and (known.is_active or not self.is_active)):
            self.text_since = clock.now()
        super().save(*args, **kwargs)

    def get_preview_template(self, request: object, mode_name: str) -> str:
        return "bookings/messages/wording_preview.html"

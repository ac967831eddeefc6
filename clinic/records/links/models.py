"""A link by which a patient answers, reads or takes one thing of their record."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from clinic.core.sealing.secret_links import LinkQuerySet, WithLink
from clinic.patients.models import Patient
from clinic.patients.references import new_reference

MOST_TRIES = 5


class Purpose(models.TextChoices):
    QUESTIONS = "questions", "Questions before a visit"
    CONSENT = "consent", "Something to read before a visit"
    COPY = "copy", "A copy of what was signed"


class RecordLinkQuerySet(LinkQuerySet["RecordLink"]):
    def live(self, now: datetime) -> RecordLinkQuerySet:
        return self.filter(revoked_at=None, expires_at__gt=now)


class RecordLink(WithLink):
    """For one purpose and one subject, named by its id: the rooms above know of what.

    `reference` is what the page is called in the address once the secret is swapped for it.
    """

    reference = models.CharField(max_length=12, unique=True, editable=False, default=new_reference)
    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="record_links")
    purpose = models.CharField(max_length=10, choices=Purpose.choices)
    subject = models.CharField(max_length=36, help_text="The id of what it leads to.")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    birthday_tries = models.PositiveSmallIntegerField(default=0, db_default=0, help_text="That did not fit.")

    objects: ClassVar[models.Manager[RecordLink]] = models.Manager.from_queryset(RecordLinkQuerySet)()

    class Meta:
        verbose_name = "link to a record"
        verbose_name_plural = "links to records"
        constraints = [
            models.UniqueConstraint(
                fields=["purpose", "subject"],
                condition=Q(revoked_at=None),
                name="record_link_is_the_only_one_to_its_subject",
                violation_error_message="There is a link to this already.",
            ),
            models.CheckConstraint(
                name="record_link_ends_after_it_is_made",
                condition=Q(expires_at__gt=F("made_at")),
                violation_error_message="A link must end after it is made.",
            ),
            models.CheckConstraint(
                name="birthday_is_tried_five_times_a_link",
                condition=Q(birthday_tries__lte=MOST_TRIES),
                violation_error_message="This link has no tries left.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference} ({self.get_purpose_display()})"

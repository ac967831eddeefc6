"""Who may open which record by signing in. There is no other road from an account to a patient."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import ClassVar

import pghistory
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Func, Q

from clinic.core import clock
from clinic.core.abstract import OutsideCms
from clinic.patients.models.patient import Patient, PatientQuerySet


class PatientAccessQuerySet(models.QuerySet["PatientAccess"]):
    def live(self, now: datetime) -> PatientAccessQuerySet:
        """Neither revoked nor ended, and begun."""
        return self.filter(Q(ends_at=None) | Q(ends_at__gt=now), revoked_at=None, starts_at__lte=now)

    def own(self) -> PatientAccessQuerySet:
        """To the record of the person who signs in, not of someone they help."""
        return self.filter(kind=PatientAccess.Kind.SELF)

    def helping(self) -> PatientAccessQuerySet:
        """To the record of someone they help."""
        return self.filter(kind=PatientAccess.Kind.CARER)

    def to_visits(self) -> PatientAccessQuerySet:
        return self.filter(may__contains=[PatientAccess.May.VISITS])

    def patients(self) -> PatientQuerySet:
        """The records that these open."""
        return PatientQuerySet(Patient).filter(pk__in=self.order_by().values("patient"))


PatientAccessManager = models.Manager.from_queryset(PatientAccessQuerySet)


def everything() -> list[str]:
    return [may.value for may in PatientAccess.May]


def may_choices() -> list[tuple[str, str]]:
    """Passed by reference, so that a new kind of access needs no migration."""
    return [(may.value, str(may.label)) for may in PatientAccess.May]


def a_year_after(moment: str) -> Func:
    """The same day next year, counted in UTC: a constraint must not depend on the session's time zone."""
    return Func(
        F(moment),
        template="((%(expressions)s AT TIME ZONE 'UTC' + interval '1 year') AT TIME ZONE 'UTC')",
        output_field=models.DateTimeField(),
    )


@pghistory.track()
class PatientAccess(OutsideCms):
    """One account may open one record: as its patient, or as someone who helps them until a day."""

    class Kind(models.TextChoices):
        SELF = "self", "The patient"
        CARER = "carer", "Someone who helps"

    class May(models.TextChoices):
        VISITS = "visits", "Visits"
        MESSAGES = "messages", "Messages"
        FORMS = "forms", "Forms"
        PAYMENTS = "payments", "Payments"

    class Source(models.TextChoices):
        BOOKING = "booking", "Booking"
        CLAIM = "claim", "Claim"
        STAFF = "staff", "Staff"
        PATIENT = "patient", "The patient"

    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="accesses")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="accesses")
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.SELF)
    may = ArrayField(models.CharField(max_length=10, choices=may_choices), default=everything)
    source = models.CharField(max_length=8, choices=Source.choices)
    evidence = models.CharField(
        max_length=200,
        blank=True,
        default="",
        help_text="What staff saw, such as a written authority or an LPA number.",
    )
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="Empty: the link in the letter that told of it.",
    )

    objects: ClassVar[PatientAccessManager[PatientAccess]] = PatientAccessManager()

    class Meta:
        ordering = ["starts_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "user"],
                condition=Q(revoked_at=None),
                name="one_live_access_of_an_account_to_a_record",
                violation_error_message="This account can open this record already.",
            ),
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(revoked_at=None, kind="self"),
                name="an_account_is_one_patient",
                violation_error_message="This account belongs to another record already.",
            ),
            models.UniqueConstraint(
                fields=["patient"],
                condition=Q(revoked_at=None, kind="self"),
                name="a_patient_has_one_account",
                violation_error_message="This record has an account already.",
            ),
            models.CheckConstraint(
                name="carer_access_has_evidence_and_ends_within_a_year",
                condition=~Q(kind="carer")
                | Q(evidence__regex=r"\S", ends_at__isnull=False, ends_at__lte=a_year_after("starts_at")),
                violation_error_message="Say what was seen, and an end within a year: someone who helps needs both.",
            ),
            models.CheckConstraint(
                name="carer_may_see_visits_messages_and_forms",
                condition=~Q(kind="carer") | Q(may__contained_by=["visits", "messages", "forms"]),
                violation_error_message="Someone who helps may see visits, messages and forms only.",
            ),
            models.CheckConstraint(
                name="access_ends_after_it_starts",
                condition=Q(ends_at=None) | Q(ends_at__gt=F("starts_at")),
                violation_error_message="Access must end after it starts.",
            ),
            models.CheckConstraint(
                name="access_revoked_by_someone_says_when",
                condition=Q(revoked_by=None) | Q(revoked_at__isnull=False),
                violation_error_message="Revoked access says when.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} to {self.patient.reference}"

    @property
    def last_day(self) -> date | None:
        """The last day, at the clinic, on which it opens the record; None without an end."""
        return clock.today(self.ends_at - timedelta(microseconds=1)) if self.ends_at else None

    def is_live(self, now: datetime) -> bool:
        """As `PatientAccessQuerySet.live`, of a row at hand."""
        return self.revoked_at is None and self.starts_at <= now and (self.ends_at is None or self.ends_at > now)

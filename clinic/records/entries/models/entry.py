"""Every signed thing of a record, whatever its kind; added to only, numbered and chained by the database."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from bookings.visits.models import Appointment
from clinic.core import clock
from clinic.core.abstract import AddedToOnly
from clinic.patients.models import Patient
from clinic.practitioners.models import Practitioner
from clinic.records.entries.fields import RecordText

AHEAD = timedelta(minutes=5)  # by which the clock of a tablet may differ


class Kind(models.TextChoices):
    QUESTIONNAIRE = "questionnaire", "Health answers"
    REVIEW = "review", "Review of health answers"
    ASSESSMENT = "assessment", "Consultation"
    CONSENT = "consent", "Consent"
    CONSENT_CONFIRMATION = "consent_confirmation", "Consent confirmed"
    CONSENT_WITHDRAWAL = "consent_withdrawal", "Consent withdrawn"
    IDENTITY_CHECK = "identity_check", "Identity seen"
    NOTE = "note", "Note"
    ADDENDUM = "addendum", "Addition"
    STRIKE = "strike", "Entered in error"
    COSIGNATURE = "cosignature", "Co-signature"
    # What issue by issue brings its own table; named here, since the database judges authors by kind.
    PRESCRIPTION = "prescription", "Prescription"
    DIRECTION = "direction", "Direction"
    DIRECTION_ACCEPTED = "direction_accepted", "Direction accepted"
    TREATMENT = "treatment", "Treatment"
    PHOTO_SET = "photo_set", "Photographs"
    PHOTO_CHOICE = "photo_choice", "Choice about photographs"
    INCIDENT = "incident", "Incident"
    CHECK_IN = "check_in", "Check-in"
    AFTERCARE = "aftercare", "Aftercare given"
    FILE = "file", "File"


class AuthorIs(models.TextChoices):
    PATIENT = "patient", "The patient"
    STAFF = "staff", "Staff"
    SYSTEM = "system", "The clinic’s program"


CORRECTING = (Kind.ADDENDUM, Kind.STRIKE, Kind.COSIGNATURE)
BY_A_PRACTITIONER = (Kind.ASSESSMENT, Kind.PRESCRIPTION, Kind.DIRECTION, Kind.TREATMENT, Kind.REVIEW)


class EntryQuerySet(models.QuerySet["Entry"]):
    def of(self, patient: Patient) -> EntryQuerySet:
        """Those of a patient, and of records that were merged into theirs, under the names they were written under."""
        return self.filter(
            patient__in=Patient.objects.filter(Q(pk=patient.pk) | Q(merged_into=patient.pk)).values("pk")
        )

    def standing(self) -> EntryQuerySet:
        """Without what was struck as entered in error."""
        return self.filter(~Exists(Entry.objects.filter(corrects=OuterRef("pk"), kind=Kind.STRIKE)))

    def in_order(self) -> EntryQuerySet:
        """The newest first, with who wrote it."""
        return self.select_related("author", "practitioner", "visit").order_by("-recorded_at", "-number")


EntryManager = models.Manager.from_queryset(EntryQuerySet)


class Entry(AddedToOnly):
    """One signed entry. Written by `entries.signing.add_entry` alone.

    `occurred_at` is when it happened, as its author says; `recorded_at` is the database's clock. `digest` is SHA-256 of
    the body in plain text, all other columns and the digest before; the body repeats the columns of its typed rows.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="entries")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=20, choices=Kind.choices)
    visit = models.ForeignKey(Appointment, null=True, blank=True, on_delete=models.PROTECT, related_name="entries")
    author_is = models.CharField(max_length=8, choices=AuthorIs.choices)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    practitioner = models.ForeignKey(
        Practitioner, null=True, blank=True, on_delete=models.PROTECT, related_name="entries"
    )
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    corrects = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="corrections")
    schema = models.PositiveSmallIntegerField(default=1)
    body = RecordText(about="entry")
    prev_digest = models.BinaryField(max_length=32, editable=False)
    digest = models.BinaryField(max_length=32, editable=False)

    objects: ClassVar[EntryManager[Entry]] = EntryManager()

    class Meta:
        ordering = ["-recorded_at", "-number"]
        verbose_name = "entry of a record"
        verbose_name_plural = "entries of records"
        constraints = [
            # What keys of typed rows and of corrections point to: an entry, and whose it is.
            models.UniqueConstraint(name="entry_and_its_patient", fields=["id", "patient"]),
            models.UniqueConstraint(
                name="entries_of_a_record_are_numbered",
                fields=["patient", "number"],
                violation_error_message="Somebody wrote in this record at the same time. Please sign once more.",
            ),
            models.CheckConstraint(
                name="entry_of_staff_names_its_author",
                condition=~Q(author_is=AuthorIs.STAFF) | Q(author__isnull=False),
                violation_error_message="Staff sign with their name.",
            ),
            models.CheckConstraint(
                name="entry_of_a_patient_names_no_staff",
                condition=Q(author_is=AuthorIs.STAFF) | Q(author=None),
                violation_error_message="What a patient wrote is not signed by staff.",
            ),
            models.CheckConstraint(
                name="clinical_entry_names_its_practitioner",
                condition=~Q(kind__in=BY_A_PRACTITIONER) | Q(practitioner__isnull=False, author_is=AuthorIs.STAFF),
                violation_error_message="A practitioner signs this.",
            ),
            models.CheckConstraint(
                name="entry_did_not_happen_later",
                condition=Q(occurred_at__lte=F("recorded_at") + AHEAD),
                violation_error_message="This time is still to come.",
            ),
            models.CheckConstraint(
                name="correcting_entry_names_what_it_corrects",
                condition=Q(kind__in=CORRECTING, corrects__isnull=False) | ~Q(kind__in=CORRECTING) & Q(corrects=None),
                violation_error_message="This needs the entry that it is about.",
            ),
            models.UniqueConstraint(
                name="entry_is_struck_once",
                fields=["corrects"],
                condition=Q(kind=Kind.STRIKE),
                violation_error_message="This entry is struck already.",
            ),
        ]
        indexes = [
            models.Index(fields=["visit", "kind"], name="entry_of_visit"),
            models.Index(fields=["patient", "-recorded_at"], name="entry_of_patient"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, entry {self.number}"

    @property
    def was_written_later(self) -> bool:
        """Whether it was signed on another day than it tells of. Source: REC-01, records are made at the time."""
        return clock.today(self.occurred_at) != clock.today(self.recorded_at)

    @property
    def signed_by(self) -> str:
        """Who signed, in words."""
        if self.practitioner:
            return self.practitioner.name
        return str(self.author) if self.author else str(AuthorIs(self.author_is).label)

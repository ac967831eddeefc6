"""Who read which record, when and why: written before anything is read."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from bookings.visits.models import Appointment
from clinic.core.abstract import AddedToOnly
from clinic.patients.models import Patient
from clinic.records.entries.models import Entry


class Purpose(models.TextChoices):
    CARE = "care", "To look after you"
    BREAK_GLASS = "break_glass", "For a stated reason, outside their own patients"
    SIGNING = "signing", "To check and sign what was written"
    SENDING = "sending", "To make your copy"
    VERIFYING = "verifying", "To make sure that the record is as it was signed"
    PATIENT = "patient", "You yourself"


class AccessLog(AddedToOnly):
    """One reading. A patient's own have no user. The row outlives the patient's, whom it names by number alone.

    The digests tell sessions and addresses apart, and say neither.
    """

    at = models.DateTimeField(db_default=Now(), editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    role = models.CharField(max_length=20, help_text="What they were then: practitioner, owner, patient, program.")
    patient = models.ForeignKey(
        Patient, on_delete=models.DO_NOTHING, db_constraint=False, related_name="record_accesses"
    )
    purpose = models.CharField(max_length=12, choices=Purpose.choices)
    page = models.CharField(max_length=40, help_text="Which kind of page.")
    entry = models.ForeignKey(Entry, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    visit = models.ForeignKey(
        Appointment, null=True, blank=True, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+"
    )
    session_digest = models.CharField(max_length=16, blank=True, default="")
    address_digest = models.CharField(max_length=16, blank=True, default="")

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["patient", "-at"], name="access_of_record"),
            models.Index(fields=["user", "-at"], name="access_by_user"),
        ]
        constraints = [
            models.CheckConstraint(
                name="access_by_staff_names_them",
                condition=models.Q(user__isnull=False) | models.Q(role__in=("patient", "program")),
                violation_error_message="Staff read by their name.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.page}: {self.get_purpose_display()}"

"""The key that seals one patient's record, and where the chain of its entries ends."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from clinic.core.abstract import OutsideCms
from clinic.core.sealing.fields import SealedField, index_of_keys
from clinic.patients.models import Patient
from clinic.patients.references import new_reference

NO_DIGEST = bytes(32)


class RecordKey(OutsideCms):
    """`head_number` and `head_digest` are those of the newest entry; the trigger of `Entry` alone moves them."""

    patient = models.OneToOneField(Patient, on_delete=models.PROTECT, primary_key=True, related_name="record_key")
    reference = models.CharField(max_length=12, unique=True, default=new_reference, editable=False)
    wrapped = SealedField("record key", about="record key", bound_to="patient_id", editable=False)
    head_number = models.PositiveIntegerField(default=0, editable=False)
    head_digest = models.BinaryField(max_length=32, default=NO_DIGEST, editable=False)
    retain_until = models.DateField(null=True, blank=True, help_text="Longer than the rule asks, if need be.")
    legal_hold = models.BooleanField(default=False, help_text="Nothing is erased while this stands.")

    class Meta:
        verbose_name = "record key"
        indexes = [index_of_keys("wrapped", "record_key_keys")]
        constraints = [
            models.CheckConstraint(
                name="record_key_is_sealed",
                condition=~Q(wrapped=""),
                violation_error_message="A record has a key.",
            ),
        ]

    def __str__(self) -> str:
        return f"Record {self.reference}"

from __future__ import annotations

from django.db import models

from bookings.visits.models.appointment import Appointment
from clinic.core.abstract import OutsideCms


class IdempotencyKey(OutsideCms):
    """What a client's `Idempotency-Key` led to; written in the booking's own transaction, kept 7 days."""

    key = models.CharField(max_length=255, unique=True)
    body_digest = models.BinaryField(max_length=32)
    appointment = models.ForeignKey(Appointment, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.key

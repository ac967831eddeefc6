from __future__ import annotations

from django.db import models
from django.db.models import Q

from bookings.visits.models.appointment import Appointment
from clinic.core.abstract import OutsideCms


class VisitorTally(OutsideCms):
    """Which visitor keeps a time or waits, by keyed digests; kept as long as that lasts: see `bookings.visits.visitors`."""

    hold = models.OneToOneField(Appointment, on_delete=models.CASCADE, null=True, related_name="+")
    entry = models.OneToOneField("bookings.WaitingEntry", on_delete=models.CASCADE, null=True, related_name="+")
    address = models.BinaryField(max_length=32)
    session = models.BinaryField(max_length=32, null=True)
    email = models.BinaryField(max_length=32, null=True)
    phone = models.BinaryField(max_length=32, null=True)

    class Meta:
        indexes = [
            models.Index(fields=["address"], name="kept_from_an_address"),
            models.Index(fields=["session"], name="kept_by_a_session", condition=Q(session__isnull=False)),
        ]
        constraints = [
            models.CheckConstraint(
                name="tally_is_of_a_hold_or_an_entry",
                condition=Q(hold__isnull=False, entry=None) | Q(hold=None, entry__isnull=False),
                violation_error_message="Count either a time that is kept or a place on the waiting list.",
            ),
        ]

    def __str__(self) -> str:
        return f"hold {self.hold_id}" if self.hold_id else f"waiting-list entry {self.entry_id}"

from __future__ import annotations

from typing import ClassVar

from django.db import models

from clinic.core.abstract import OutsideCms
from clinic.patients.models.access import PatientAccess


class AccessOpened(OutsideCms):
    """What someone who helps opened of the patient's record: once for each thing and day."""

    class What(models.TextChoices):
        VISITS = "visits", "Looked at the list of visits"
        VISIT = "visit", "Looked at a visit"
        CHANGED = "changed", "Changed or cancelled a visit"
        BOOKED = "booked", "Booked a visit"
        MESSAGES = "messages", "Looked at the list of messages"
        MESSAGE = "message", "Read a message"

    access = models.ForeignKey(PatientAccess, on_delete=models.CASCADE, related_name="opened")
    what = models.CharField(max_length=10, choices=What.choices)
    about = models.CharField(max_length=40, blank=True, default="", help_text="The visit's or the message's own name.")
    day = models.DateField(help_text="On the clinic's calendar.")
    opened_at = models.DateTimeField(help_text="For the first time that day.")

    objects: ClassVar[models.Manager[AccessOpened]] = models.Manager()

    class Meta:
        ordering = ["-opened_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["access", "day", "what", "about"],
                name="what_was_opened_is_noted_once_a_day",
                violation_error_message="This is noted already.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.access}: {self.what} {self.about}".strip()

from __future__ import annotations

from datetime import date
from typing import ClassVar

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import Value
from django.db.models.functions import Lower
from phonenumber_field.modelfields import PhoneNumberField

from clinic.core.abstract import OutsideCms


class PatientQuerySet(models.QuerySet["Patient"]):
    def same_person(self, *, full_name: str, email: str, date_of_birth: date) -> PatientQuerySet:
        """Patients who gave this name, address and birthday: a family may share the address."""
        # As the unique index has it: `iexact` would compare in capitals and read every record.
        return self.alias(email_key=Lower("email"), name_key=Lower("full_name")).filter(
            email_key=Lower(Value(email)), name_key=Lower(Value(full_name)), date_of_birth=date_of_birth
        )


PatientManager = models.Manager.from_queryset(PatientQuerySet)


@pghistory.track()
class Patient(OutsideCms):
    """Someone the clinic sees, with or without an account."""

    class Channel(models.TextChoices):
        EMAIL = "email", "Email"
        SMS = "sms", "Text message"
        BOTH = "both", "Email and text message"

    class LetterFormat(models.TextChoices):
        STANDARD = "standard", "Standard"
        LARGE_PRINT = "large_print", "Large print"
        TEXT_ONLY = "text_only", "Words only, for a screen reader or braille"

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="patient"
    )
    full_name = models.CharField(max_length=150)
    email = models.EmailField(max_length=254)
    phone = PhoneNumberField()
    date_of_birth = models.DateField()
    contact_by = models.CharField("reminders by", max_length=10, choices=Channel.choices, default=Channel.BOTH)
    letter_format = models.CharField(
        "emails as",
        max_length=12,
        choices=LetterFormat.choices,
        default=LetterFormat.STANDARD,
        db_default=LetterFormat.STANDARD,
    )
    marketing_opted_in_at = models.DateTimeField(
        "asked for invitations", null=True, blank=True, help_text="When she agreed to marketing by email; empty if not."
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[PatientManager] = PatientManager()

    class Meta:
        ordering = ["full_name"]
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                "date_of_birth",
                Lower("full_name"),
                name="one_record_for_each_patient",
                violation_error_message="There is already a record for this patient.",
            ),
            models.CheckConstraint(
                name="patient_was_born_after_1900",
                condition=models.Q(date_of_birth__gte=date(1900, 1, 1)),
                violation_error_message="Date of birth must be after 1900.",
            ),
        ]

    def __str__(self) -> str:
        return self.full_name

    @property
    def first_name(self) -> str:
        return self.full_name.split(" ")[0]

    @property
    def short_name(self) -> str:
        """Initial and surname, for a screen that others can see."""
        first, _, rest = self.full_name.partition(" ")
        return f"{first[0]}. {rest}" if rest else first

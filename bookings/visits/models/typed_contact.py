"""What someone typed who has not proved to be the patient whose record they named."""

from __future__ import annotations

from django.db import models
from phonenumber_field.modelfields import PhoneNumberField

from clinic.patients.models.patient import ways_to_remind


class WithTypedContact(models.Model):
    """Of a visit or a place on the waiting list: kept for staff, and never written to the record by itself."""

    is_unproven = models.BooleanField(
        default=False,
        db_default=False,
        help_text="Asked for under a record that was here already, by someone who only typed its name and birthday.",
    )
    typed_phone = PhoneNumberField(
        "number typed", blank=True, default="", db_default="", help_text="Where it is not the number of the record."
    )
    typed_contact_by = models.CharField(
        "way of reminding typed",
        max_length=10,
        choices=ways_to_remind,
        blank=True,
        default="",
        db_default="",
        help_text="Where it is not the choice on the record.",
    )

    class Meta:
        abstract = True

"""What the owner says of the clinic itself, and what was forgotten of its past.

The rules of booking are in `bookings.visits.models.BookingSettings`.
"""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from phonenumber_field.modelfields import PhoneNumberField
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.contrib.settings.models import BaseGenericSetting, register_setting

from clinic.core.abstract import OutsideCms
from clinic.core.advice import AdvicePanel, advises


@register_setting(icon="home")
class ClinicSettings(BaseGenericSetting):
    """Who the clinic is, and what it says in each confirmation."""

    name = models.CharField(max_length=100, default="Juvenology Clinic")
    strapline = models.CharField(max_length=160, blank=True)
    legal_details = models.TextField(
        "who stands behind the clinic",
        blank=True,
        help_text="In each confirmation. The name of the owner or company; of a company also its number, where it is "
        "registered and its registered office.",
    )
    booking_terms = models.TextField(
        "terms of booking",
        blank=True,
        max_length=4000,
        help_text="In each confirmation, after the price. Only what you always keep to; an empty line begins a new paragraph.",
    )
    before_visit = models.TextField(
        "before a visit",
        blank=True,
        max_length=2000,
        help_text="In each confirmation: what to bring, how to prepare. How to find you is written at the location.",
    )
    address = models.TextField(blank=True, help_text="One line of the address a line.")
    phone = PhoneNumberField(blank=True)
    email = models.EmailField(blank=True)
    lock_after_minutes = models.PositiveSmallIntegerField(
        "lock the screen after",
        default=15,
        db_default=15,
        validators=[MinValueValidator(1), MaxValueValidator(60)],
        help_text="Minutes, from 1 to 60. Whoever works here then has to use their passkey or app again.",
    )
    lock_tablet_after_minutes = models.PositiveSmallIntegerField(
        "lock a shared tablet after",
        default=3,
        db_default=3,
        validators=[MinValueValidator(1), MaxValueValidator(60)],
        help_text="Minutes, from 1 to 60. Whoever goes on uses the PIN that they chose for the day, or signs in.",
    )
    is_demo = models.BooleanField("demonstration", default=False, help_text="Shows on every page that this is a demo.")

    panels = [
        AdvicePanel(),
        MultiFieldPanel(
            [FieldPanel(name) for name in ("name", "strapline", "address", "phone", "email", "is_demo")], "The clinic"
        ),
        MultiFieldPanel(
            [FieldPanel(name) for name in ("lock_after_minutes", "lock_tablet_after_minutes")],
            "At the screens of staff",
        ),
        MultiFieldPanel(
            [FieldPanel(name) for name in ("legal_details", "booking_terms", "before_visit")], "In each confirmation"
        ),
    ]

    class Meta:
        verbose_name = "clinic settings"
        verbose_name_plural = "clinic settings"
        constraints = [
            models.CheckConstraint(
                name="screens_lock_within_an_hour",
                condition=Q(lock_after_minutes__range=(1, 60)),
                violation_error_message="Lock the screen after 1 to 60 minutes.",
            ),
            models.CheckConstraint(
                name="shared_tablets_lock_within_an_hour",
                condition=Q(lock_tablet_after_minutes__range=(1, 60)),
                violation_error_message="Lock a shared tablet after 1 to 60 minutes.",
            ),
        ]

    @property
    def address_lines(self) -> list[str]:
        return [line.strip() for line in self.address.splitlines() if line.strip()]


@advises(ClinicSettings)
def what_the_law_asks(clinic: ClinicSettings) -> list[str]:
    """Consumer Contracts Regulations 2013, Schedule 2 (b) and (c); Companies Act 2006 s. 1202."""
    asked = {
        "the address": clinic.address,
        "a telephone number": clinic.phone,
        "an email address": clinic.email,
        "who stands behind the clinic": clinic.legal_details,
    }
    missing = [what for what, said in asked.items() if not said]
    if not missing:
        return []
    return [f"Confirmations do not say everything that the law asks. Still missing: {', '.join(missing)}."]


class Forgotten(OutsideCms):
    """That words or rows went out of what is only added to. The database writes it; the app's role may but read it."""

    at = models.DateTimeField()
    trail = models.CharField(max_length=63, help_text="The table.")
    how = models.CharField(max_length=8)
    number = models.BigIntegerField(help_text="Rows that were changed.")
    role = models.CharField(max_length=63, help_text="Who was signed in to the database.")
    context = models.UUIDField(null=True, blank=True, help_text="Of pghistory: which request it was, and whose.")

    class Meta:
        verbose_name_plural = "forgotten"

    def __str__(self) -> str:
        return f"{self.trail}: {self.how}, {self.number}"

"""What the owner sets for the whole clinic: who it is, and the numbers of booking (notice, horizon, hold, offers …)."""

from __future__ import annotations

import re

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from phonenumber_field.modelfields import PhoneNumberField
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.contrib.settings.models import BaseGenericSetting, register_setting

from clinic.core.advice import AdvicePanel, advises

ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?", re.IGNORECASE)


@register_setting(icon="home")
class ClinicSettings(BaseGenericSetting):
    """Who the clinic is, and the booking rules that hold unless a treatment says otherwise."""

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
    is_demo = models.BooleanField("demonstration", default=False, help_text="Shows on every page that this is a demo.")

    slot_step_minutes = models.PositiveSmallIntegerField(
        default=15,
        validators=[MinValueValidator(5), MaxValueValidator(120)],
        help_text="Visits start every so many minutes, counted from when the working hours begin.",
    )
    minimum_notice_hours = models.PositiveSmallIntegerField(
        default=4, help_text="The latest that a visit can be booked online before it starts."
    )
    horizon_days = models.PositiveSmallIntegerField(default=90, help_text="How far ahead visits can be booked online.")
    change_window_hours = models.PositiveSmallIntegerField(
        "free changes until (hours)",
        default=24,
        help_text="Patients can move a visit online until so long before it. They can say that they can’t come until it "
        "begins; after this it is marked as late.",
    )
    hold_minutes = models.PositiveSmallIntegerField(
        default=10, help_text="How long a chosen time is kept while the details are filled in."
    )
    avoids_short_gaps = models.BooleanField(
        default=False, help_text="Offer online only times that leave no gap too short to sell."
    )
    last_start_at = models.TimeField(
        "last start of the day",
        null=True,
        blank=True,
        help_text="No visit booked online starts later, whatever the hours.",
    )
    closes_on_public_holidays = models.BooleanField(
        "closed on public holidays", default=True, help_text="Those of England; single ones can be opened in the diary."
    )
    offer_minutes = models.PositiveSmallIntegerField(
        "waiting list: time to answer (minutes)",
        default=120,
        help_text="How long a freed time is kept for the person it is offered to.",
    )
    embedding_sites = models.TextField(
        "sites that may show the booking page",
        blank=True,
        help_text="One origin a line, such as https://www.example.com. Only these may put the booking page in a frame.",
    )
    max_future_visits = models.PositiveSmallIntegerField(
        default=6, help_text="How many visits one patient can have booked online at once."
    )
    consultation_valid_days = models.PositiveSmallIntegerField(
        "a consultation counts for (days)",
        default=180,
        help_text="How long after a consultation the treatments that need it can still be booked online.",
    )

    panels = [
        AdvicePanel(),
        MultiFieldPanel(
            [FieldPanel(name) for name in ("name", "strapline", "address", "phone", "email", "is_demo")], "The clinic"
        ),
        MultiFieldPanel(
            [FieldPanel(name) for name in ("legal_details", "booking_terms", "before_visit")], "In each confirmation"
        ),
        MultiFieldPanel(
            [
                FieldPanel(name)
                for name in (
                    "slot_step_minutes",
                    "minimum_notice_hours",
                    "horizon_days",
                    "change_window_hours",
                    "hold_minutes",
                    "avoids_short_gaps",
                    "last_start_at",
                    "closes_on_public_holidays",
                    "offer_minutes",
                    "embedding_sites",
                    "max_future_visits",
                    "consultation_valid_days",
                )
            ],
            "Booking",
        ),
    ]

    class Meta:
        verbose_name = "clinic settings"
        verbose_name_plural = "clinic settings"
        constraints = [
            models.CheckConstraint(
                name="slot_step_is_5_to_120_minutes",
                condition=models.Q(slot_step_minutes__range=(5, 120)),
                violation_error_message="The slot step is between 5 and 120 minutes.",
            ),
            models.CheckConstraint(
                name="horizon_is_1_to_730_days",
                condition=models.Q(horizon_days__range=(1, 730)),
                violation_error_message="The booking horizon is between 1 and 730 days.",
            ),
            models.CheckConstraint(
                name="hold_is_1_to_60_minutes",
                condition=models.Q(hold_minutes__range=(1, 60)),
                violation_error_message="A time is held for between 1 and 60 minutes.",
            ),
            models.CheckConstraint(
                name="consultation_counts_for_1_to_730_days",
                condition=models.Q(consultation_valid_days__range=(1, 730)),
                violation_error_message="A consultation counts for between 1 and 730 days.",
            ),
            models.CheckConstraint(
                name="offer_is_10_minutes_to_2_days",
                condition=models.Q(offer_minutes__range=(10, 2880)),
                violation_error_message="An offer stands for between 10 minutes and 2 days.",
            ),
        ]

    def clean(self) -> None:
        super().clean()
        wrong = [line for line in self.embedding_origins if not ORIGIN.fullmatch(line)]
        if wrong:
            raise ValidationError(
                {
                    "embedding_sites": f"“{wrong[0]}” is not an origin. Write it like https://www.example.com, one a line."
                }
            )

    @property
    def embedding_origins(self) -> list[str]:
        return [line.strip() for line in self.embedding_sites.splitlines() if line.strip()]

    @property
    def address_lines(self) -> list[str]:
        return [line.strip() for line in self.address.splitlines() if line.strip()]


@advises
def what_the_law_asks(clinic: ClinicSettings) -> list[str]:
    """Consumer Contracts Regulations 2013, Schedule 2 (b) and (c); Companies Act 2006 s. 1202 (uk-rules CC-01)."""
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

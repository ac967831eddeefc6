"""The owner's rules of booking: notice, horizon, holds, offers, holidays."""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.contrib.settings.models import BaseGenericSetting, register_setting

from bookings.visits.origins import origin
from clinic.core.advice import AdvicePanel


@register_setting(icon="calendar")
class BookingSettings(BaseGenericSetting):
    """The booking rules that hold unless a treatment says otherwise; ask `policy_for` what holds for one."""

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
    feeds_may_name_patients = models.BooleanField(
        "calendar feeds may name patients",
        default=False,
        db_default=False,
        help_text="Lets practitioners put patients’ initials or names into a calendar of theirs. The company that runs "
        "that calendar then processes health data for you: name it in your privacy notice first.",
    )
    writes_day_sheets = models.BooleanField(
        "write the day’s sheets to a file each morning",
        default=False,
        db_default=False,
        help_text="At 7:00, for a day without internet or power for the server: with names and telephone numbers, on "
        "the server’s own disk, kept for two weeks.",
    )
    keeps_names_offline = models.BooleanField(
        "devices may keep names for when they are offline",
        default=False,
        db_default=False,
        help_text="A device on which the diary is open keeps the day’s sheet until its user signs out. With names, "
        "telephone numbers and notes only if you allow it: whoever holds the device can then read them.",
    )
    practitioners_share_visits = models.BooleanField(
        "practitioners may see and change each other’s visits",
        default=False,
        db_default=False,
        help_text="Otherwise they see the time, the patient’s name and the treatment of others’ visits, and the records "
        "of their own patients only. The desk and the owner see everything.",
    )

    panels = [
        AdvicePanel(),
        MultiFieldPanel(
            [
                FieldPanel(name)
                for name in (
                    "slot_step_minutes",
                    "minimum_notice_hours",
                    "horizon_days",
                    "last_start_at",
                    "avoids_short_gaps",
                    "closes_on_public_holidays",
                )
            ],
            "Which times are offered",
        ),
        MultiFieldPanel(
            [
                FieldPanel(name)
                for name in (
                    "hold_minutes",
                    "change_window_hours",
                    "max_future_visits",
                    "consultation_valid_days",
                    "offer_minutes",
                )
            ],
            "What patients can do online",
        ),
        FieldPanel("practitioners_share_visits", heading="Practitioners may see and change each other’s visits"),
        FieldPanel("embedding_sites"),
        MultiFieldPanel(
            [
                FieldPanel("feeds_may_name_patients"),
                FieldPanel("writes_day_sheets"),
                FieldPanel("keeps_names_offline"),
            ],
            "What leaves this program",
        ),
    ]

    class Meta:
        verbose_name = "booking rules"
        verbose_name_plural = "booking rules"
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
        written = [line.strip() for line in self.embedding_sites.splitlines()]
        if wrong := next((line for line in written if line and not origin(line, takes_localhost=settings.DEBUG)), ""):
            raise ValidationError(
                {"embedding_sites": f"“{wrong}” is not an origin. Write it like https://www.example.com, one a line."}
            )

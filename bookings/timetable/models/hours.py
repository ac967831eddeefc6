from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Func, Q

from bookings.timetable.models.location import Location
from bookings.timetable.ranges import SpanField, well_formed_constraint
from bookings.timetable.weeks import Weeks
from clinic.core.abstract import OutsideCms
from clinic.core.formats import desk_clock
from clinic.practitioners.models import Practitioner

WHEN = ("weekday", "valid_from", "valid_until", "every_weeks")


class Weekday(models.IntegerChoices):
    MONDAY = 1, "Monday"
    TUESDAY = 2, "Tuesday"
    WEDNESDAY = 3, "Wednesday"
    THURSDAY = 4, "Thursday"
    FRIDAY = 5, "Friday"
    SATURDAY = 6, "Saturday"
    SUNDAY = 7, "Sunday"


class Weekly(OutsideCms):
    """Hours that come again, in local wall time of Europe/London: 09:00 stays 09:00 through the clock change."""

    Weekday = Weekday

    weekday = models.PositiveSmallIntegerField(choices=Weekday.choices)
    starts_at = models.TimeField("from")
    ends_at = models.TimeField("to")
    valid_from = models.DateField("first day")
    valid_until = models.DateField("last day", null=True, blank=True)
    every_weeks = models.PositiveSmallIntegerField(
        "every … weeks",
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(8)],
        help_text="Counted from the week of the first day.",
    )

    class Meta:
        abstract = True

    @property
    def weeks(self) -> Weeks:
        return Weeks(self.valid_from, self.valid_until, self.every_weeks)

    @weeks.setter
    def weeks(self, weeks: Weeks) -> None:
        self.valid_from, self.valid_until, self.every_weeks = weeks.first_day, weeks.last_day, weeks.every


def weekly_constraints(of: str) -> list[models.BaseConstraint]:
    """The checks that every kind of `Weekly` carries."""
    return [
        models.CheckConstraint(
            name=f"{of}_end_after_they_start",
            condition=Q(ends_at__gt=F("starts_at")),
            violation_error_message="The hours must end after they start.",
        ),
        models.CheckConstraint(
            name=f"{of}_are_on_a_weekday",
            condition=Q(weekday__range=(1, 7)),
            violation_error_message="Choose a day from Monday to Sunday.",
        ),
        models.CheckConstraint(
            name=f"{of}_last_day_is_not_before_the_first",
            condition=Q(valid_until=None) | Q(valid_until__gte=F("valid_from")),
            violation_error_message="The last day cannot be before the first day.",
        ),
        models.CheckConstraint(
            name=f"{of}_repeat_every_1_to_8_weeks",
            condition=Q(every_weeks__range=(1, 8)),
            violation_error_message="Hours repeat every 1 to 8 weeks.",
        ),
    ]


class WorkingHours(Weekly):
    """Hours of a weekly rota.

    No two of a practitioner hold at one time, whatever their locations: at two they would be in two places, and at one
    the second says nothing, but keeps the time open when the first is taken away.
    """

    practitioner = models.ForeignKey(Practitioner, on_delete=models.CASCADE, related_name="working_hours")
    location = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="working_hours")

    class Meta:
        ordering = ["practitioner", "weekday", "starts_at"]
        verbose_name_plural = "working hours"
        constraints = [
            *weekly_constraints("working_hours"),
            ExclusionConstraint(
                name="working_hours_never_overlap",
                expressions=[
                    ("practitioner", "="),
                    ("weekday", "="),
                    (Func("starts_at", "ends_at", function="wall_span"), "&&"),
                    *((Func(*WHEN, function=of), "&&") for of in ("first_to_last_week", "which_weeks")),
                ],
                violation_error_message="There are other hours at this time already.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.practitioner}: {self.get_weekday_display()} {desk_clock(self.starts_at)} to {desk_clock(self.ends_at)}"


class ExtraHours(OutsideCms):
    """Hours added once, beside the rota."""

    practitioner = models.ForeignKey(Practitioner, on_delete=models.CASCADE, related_name="extra_hours")
    location = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="extra_hours")
    during = SpanField()

    class Meta:
        verbose_name_plural = "extra hours"
        constraints = [
            well_formed_constraint("during", of="extra_hours"),
            ExclusionConstraint(
                name="extra_hours_are_at_one_location_at_a_time",
                expressions=[("practitioner", "="), ("location", "<>"), ("during", "&&")],
                violation_error_message="There are extra hours at another location then.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.practitioner}: extra hours {self.during}"


class TimeOff(OutsideCms):
    """When a practitioner takes no visits; with no practitioner, when the whole clinic is closed."""

    practitioner = models.ForeignKey(
        Practitioner, null=True, blank=True, on_delete=models.CASCADE, related_name="time_off"
    )
    during = SpanField()
    reason = models.CharField(max_length=80, blank=True)

    class Meta:
        verbose_name_plural = "time off"
        constraints = [well_formed_constraint("during", of="time_off")]

    def __str__(self) -> str:
        return f"{self.practitioner or 'Everyone'}: {self.reason or 'time off'} {self.during}"


class RegularTimeOff(Weekly):
    """Time off that comes again, such as lunch or the school run; with no practitioner, for the whole clinic.

    Rows may overlap, unlike `WorkingHours`: who is off for two reasons is off, and each reason ends by itself.
    """

    practitioner = models.ForeignKey(
        Practitioner, null=True, blank=True, on_delete=models.CASCADE, related_name="regular_time_off"
    )
    reason = models.CharField(max_length=80, blank=True)

    class Meta:
        ordering = ["practitioner", "weekday", "starts_at"]
        verbose_name_plural = "regular time off"
        constraints = weekly_constraints("regular_time_off")

    def __str__(self) -> str:
        hours = f"{self.get_weekday_display()} {desk_clock(self.starts_at)} to {desk_clock(self.ends_at)}"
        return f"{self.practitioner or 'Everyone'}: {self.reason or 'time off'}, {hours}"


class OpenedHoliday(OutsideCms):
    """A public holiday on which the clinic works after all."""

    day = models.DateField(unique=True, error_messages={"unique": "The clinic already works on this day."})

    class Meta:
        ordering = ["day"]

    def __str__(self) -> str:
        return f"Open on {self.day:%-d %B %Y}"

"""When a reminder goes out. Pure: no database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from clinic.core.clock import LONDON, local


@dataclass(frozen=True, slots=True)
class ReminderRule:
    channel: str
    hours_before: int

    @property
    def label(self) -> str:
        return f"reminder-{self.hours_before}h"


REMINDERS = (ReminderRule("email", 48), ReminderRule("sms", 24))
QUIET_FROM, QUIET_UNTIL = time(21), time(8)  # on the clinic's wall clock
LAST_BEFORE_QUIET = time(20, 59)
USEFUL_NOTICE = timedelta(hours=2)


def reminder_due(rule: ReminderRule, *, starts_at: datetime, now: datetime) -> datetime | None:
    """When this reminder of a visit goes out; None if that time has passed already."""
    natural = starts_at - timedelta(hours=rule.hours_before)
    due = outside_quiet_hours(natural, starts_at=starts_at)
    return due if natural > now and due > now else None


def outside_quiet_hours(due: datetime, *, starts_at: datetime) -> datetime:
    """`due`, or the next 08:00 if it falls at night, or 20:59 that evening if 08:00 is under 2 hours before the visit.

    A visit may start before 08:00 and may be hours after a clock change: the hours are those of the wall clock.
    """
    if not is_quiet(due):
        return due
    morning = next_morning(due)
    if morning + USEFUL_NOTICE <= starts_at:
        return morning
    evening_day = local(morning).date() - timedelta(days=1)
    return datetime.combine(evening_day, LAST_BEFORE_QUIET, tzinfo=LONDON).astimezone(due.tzinfo)


def is_quiet(at: datetime) -> bool:
    wall = local(at).time()
    return wall >= QUIET_FROM or wall < QUIET_UNTIL


def next_morning(at: datetime) -> datetime:
    """The end of the quiet hours that `at` falls in."""
    wall = local(at)
    day = wall.date() + timedelta(days=1 if wall.time() >= QUIET_UNTIL else 0)
    return datetime.combine(day, QUIET_UNTIL, tzinfo=LONDON).astimezone(at.tzinfo)

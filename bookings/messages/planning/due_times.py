"""When what goes out around a visit goes out. Pure: no database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from clinic.core.clock import LONDON, local

FOLLOW_UP, REVIEW, RECALL = "follow_up", "review", "recall"
# how long after its time each is still of use
LASTS = {FOLLOW_UP: timedelta(days=3), REVIEW: timedelta(days=7), RECALL: timedelta(days=14)}
QUIET_FROM, QUIET_UNTIL = time(21), time(8)  # on the clinic's wall clock
LAST_BEFORE_QUIET = time(20, 59)
USEFUL_NOTICE = timedelta(hours=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What is sent `hours` before the start of a visit (a reminder) or after its end (every other kind)."""

    kind: str
    channel: str
    hours: int
    asks_to_confirm: bool = False
    only_for: frozenset[int] = frozenset()  # ids of treatments; none means all

    @property
    def label(self) -> str:
        """`reminder-48h`, `follow-up-24h`: what the message is, in its key."""
        return f"{self.kind.replace('_', '-')}-{self.hours}h"

    @property
    def lead(self) -> timedelta:
        return timedelta(hours=self.hours)

    def is_about(self, treatment_id: int) -> bool:
        return not self.only_for or treatment_id in self.only_for


def reminder_due(rule: Rule, *, starts_at: datetime, now: datetime) -> datetime | None:
    """When this reminder of a visit goes out; None if that time has passed already."""
    natural = starts_at - rule.lead
    due = outside_quiet_hours(natural, starts_at=starts_at)
    return due if natural > now and due > now else None


def after_due(rule: Rule, *, ends_at: datetime, now: datetime) -> tuple[datetime, datetime] | None:
    """When what follows a visit goes out, never at night nor before `now`, and until when; None if it is too late."""
    natural = ends_at + rule.lead
    expires_at = natural + LASTS[rule.kind]
    due = max(natural, now)
    due = next_morning(due) if is_quiet(due) else due
    return (due, expires_at) if due < expires_at else None


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

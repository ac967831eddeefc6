"""When a request about data has to be answered: UK GDPR Article 12(3), and what the ICO says of its days.

No database, and no time of its own: dates in, dates out.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from clinic.core import clock
from clinic.core.calendar.holidays import public_holidays

ACKNOWLEDGE_WITHIN = timedelta(days=30)  # a complaint: Data Protection Act 2018 s.164A
WORRIES_AFTER, RED_AFTER, A_MONTH = timedelta(days=14), timedelta(days=28), timedelta(days=31)
SATURDAY = 5
IsDayOff = Callable[[date], bool]


def is_day_off(day: date) -> bool:
    """A Saturday, a Sunday, or a public holiday in England."""
    return day.weekday() >= SATURDAY or day in public_holidays(day, day)


def due_on(received_on: date, *, paused_days: int = 0, is_off: IsDayOff = is_day_off) -> date:
    """The same day next month, put off by the days on which the clinic waited for a proof of identity.

    A month without that day ends it; a day off moves it to the next working day. Source: ICO, "Right of access".
    """
    day = clock.months_after(received_on, 1) + timedelta(days=paused_days)
    while is_off(day):
        day += timedelta(days=1)
    return day


def latest_extension(received_on: date, *, paused_days: int = 0) -> date:
    """Two further months, and never put off: the table of requests holds this too."""
    return clock.months_after(received_on, 3) + timedelta(days=paused_days)


def end_of_keeping(last_contact: date, *, years: int = 8) -> date:
    """The day until which a record is kept: the last of the year, eight years after that of the last contact (REC-06)."""
    return date(last_contact.year + years, 12, 31)

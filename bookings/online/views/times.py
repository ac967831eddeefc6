"""The page of days and times, for a first booking and for a move alike."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.http import HttpRequest

from bookings.engine.availability.free_times import free_slots
from bookings.engine.availability.nearest import nearest_slots
from bookings.engine.availability.open_days import DayCount, open_days
from bookings.online.forms.times import read_time
from bookings.online.views.booking.flow import address
from bookings.visits.models import Appointment, BookingSettings
from bookings.visits.policy import Policy, policy_for
from bookings.visits.refusals import Reason
from bookings.visits.slot import Slot
from clinic.catalogue.models import Treatment
from clinic.core import clock
from clinic.core.formats import clock_time, long_day
from clinic.patients.models import Patient
from clinic.practitioners.models import Practitioner

DAYS_A_PAGE = 10
ALL_DAYS = 800  # more than the longest horizon
NOON, EVENING = 12, 17


@dataclass(frozen=True, slots=True)
class TimeButton:
    value: str
    label: str
    day: str


@dataclass(frozen=True, slots=True)
class DayLink:
    day: date
    count: int
    href: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Times:
    """What the page shows. `day` is None where nothing is free up to the horizon.

    `first` is the soonest of all times, where its day is shown: elsewhere a link to that day costs no query.
    """

    days: list[DayLink]
    day: date | None
    count: int
    groups: list[tuple[str, list[TimeButton]]]
    first: TimeButton | None
    nearest: list[TimeButton]
    taken: bool
    why: str
    earlier: str
    later: str


@dataclass(frozen=True, slots=True)
class Search:
    """Which times are asked for, and which page (`view`, `args`, `params`) shows them.

    Times at which `patient` has another visit than `ignoring` are left out.
    """

    treatment: Treatment
    practitioner: Practitioner | None
    now: datetime
    view: str
    params: Mapping[str, str]
    args: tuple[str, ...] = ()
    ignoring: Appointment | None = None
    patient: Patient | None = None
    names_everyone: bool = False
    policy: Policy | None = None

    def days(self, limit: int) -> list[DayCount]:
        return open_days(
            treatment=self.treatment,
            now=self.now,
            practitioner=self.practitioner,
            limit=limit,
            ignoring=self.ignoring,
            patient=self.patient,
            policy=self.policy,
        )

    def slots(self, day: date) -> list[Slot]:
        return free_slots(
            treatment=self.treatment,
            first_day=day,
            last_day=day,
            now=self.now,
            practitioner=self.practitioner,
            ignoring=self.ignoring,
            patient=self.patient,
            policy=self.policy,
        )

    def nearest(self, starts_at: datetime) -> list[Slot]:
        return nearest_slots(
            treatment=self.treatment,
            starts_at=starts_at,
            now=self.now,
            practitioner=self.practitioner,
            ignoring=self.ignoring,
            patient=self.patient,
            policy=self.policy,
        )

    def href(self, **more: str) -> str:
        return address(self.view, {**self.params, **more}, *self.args)

    def buttons(self, slots: list[Slot]) -> list[TimeButton]:
        """A button a time; where two nurses are free at once, one button (the first by name)."""
        by_time = {slot.starts_at: slot for slot in reversed(slots)}
        times = sorted(by_time)
        twice = Counter(clock.local(at).replace(tzinfo=None) for at in times)
        return [self._button(by_time[at], twice[clock.local(at).replace(tzinfo=None)] > 1) for at in times]

    def _button(self, slot: Slot, is_ambiguous: bool) -> TimeButton:  # noqa: FBT001 -- private
        local = clock.local(slot.starts_at)
        label = clock_time(local) + (f" ({local:%Z})" if is_ambiguous else "")
        slug = slot.practitioner_slug if self.practitioner or self.names_everyone else ""
        return TimeButton(f"{local.isoformat()}|{slug}", label, long_day(local))


def policy_of(request: HttpRequest, treatment: Treatment) -> Policy:
    """The rules of booking for this treatment, read once a request."""
    return policy_for(treatment, BookingSettings.load(request_or_site=request))


def find_times(search: Search, query: Mapping[str, str]) -> Times:
    """Read `?day=&from=&taken=&why=` and find what to show. Values that make no sense are as good as absent."""
    today = clock.today(search.now)
    asked, first = _day(query.get("day"), today), _day(query.get("from"), today)
    days, earlier, later = _page_of_days(search, first, asked)
    listed = [row.day for row in days]
    day = asked if asked in listed else next(iter(listed), None)
    buttons = search.buttons(search.slots(day)) if day else []
    start = {"from": first.isoformat()} if first else {}
    taken = read_time(query.get("taken", ""))
    return Times(
        days=[DayLink(d.day, d.slots, search.href(**start, day=d.day.isoformat()), d.day == day) for d in days],
        day=day,
        count=len(buttons),
        groups=_groups(buttons),
        first=buttons[0] if buttons and day == listed[0] and not earlier else None,
        nearest=search.buttons(search.nearest(taken.starts_at)) if taken else [],
        taken=taken is not None,
        why=Reason(query["why"]).label if query.get("why") in Reason.values else "",
        earlier=search.href(**{"from": earlier.isoformat()}) if earlier else "",
        later=search.href(**{"from": later.isoformat()}) if later else "",
    )


def _page_of_days(
    search: Search, first: date | None, asked: date | None
) -> tuple[list[DayCount], date | None, date | None]:
    """Ten open days from `first` on, and where the ten before and after begin."""
    days = search.days(ALL_DAYS if first else DAYS_A_PAGE + 1)
    if not first and asked and days and asked > days[-1].day:
        first, days = asked, search.days(ALL_DAYS)
    start = next(
        (n for n, row in enumerate(days) if first is None or row.day >= first), max(0, len(days) - DAYS_A_PAGE)
    )
    after = start + DAYS_A_PAGE
    earlier = days[max(0, start - DAYS_A_PAGE)].day if start else None
    return days[start:after], earlier, days[after].day if len(days) > after else None


def _day(written: str | None, today: date) -> date | None:
    try:
        day = date.fromisoformat(written or "")
    except ValueError:
        return None
    return day if today <= day <= today + timedelta(days=ALL_DAYS) else None


def _groups(buttons: list[TimeButton]) -> list[tuple[str, list[TimeButton]]]:
    groups: dict[str, list[TimeButton]] = {"Morning": [], "Afternoon": [], "Evening": []}
    for button in buttons:
        hour = datetime.fromisoformat(button.value.partition("|")[0]).hour
        groups["Morning" if hour < NOON else "Afternoon" if hour < EVENING else "Evening"].append(button)
    return [(name, some) for name, some in groups.items() if some]

"""The seven days of a week as boxes: from when to when, twice a day or as often as the week has it, and where."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from django import forms

from bookings.timetable.edits import WeekStretch
from bookings.timetable.models import Location
from bookings.timetable.models.hours import Weekday
from clinic.core.date_fields import TimeField
from clinic.core.formats import desk_clock

FEWEST, MOST = 2, 6  # stretches of a day


@dataclass(frozen=True, slots=True)
class Boxes:
    """Of one stretch: names of fields, or the fields bound to their form."""

    starts: Any
    ends: Any
    place: Any


def boxes(weekday: int, number: int) -> Boxes:
    return Boxes(f"starts-{weekday}-{number}", f"ends-{weekday}-{number}", f"place-{weekday}-{number}")


def how_many(stretches: Iterable[WeekStretch], sent: Mapping[str, Any]) -> int:
    """Boxes for each day: as many as the fullest day has stretches, or as the page that was sent had."""
    a_day = [0] * 8
    for one in stretches:
        a_day[one.weekday] += 1
    shown = [number + 1 for number in range(MOST) if any(boxes(day, number).starts in sent for day in Weekday.values)]
    return min(MOST, max(FEWEST, *a_day, *shown))


def add_boxes(form: forms.Form, number: int, places: Sequence[Location]) -> None:
    for weekday in Weekday:
        for n in range(number):
            names, again = boxes(weekday, n), f", {n + 1}" if n else ""
            form.fields[names.starts] = TimeField(label=f"{weekday.label} from{again}", required=False)
            form.fields[names.ends] = TimeField(label=f"{weekday.label} to{again}", required=False)
            if len(places) > 1:
                choices = [(place.slug, place.name) for place in places]
                form.fields[names.place] = forms.ChoiceField(
                    label=f"{weekday.label} at{again}", choices=choices, required=False
                )


def filled(stretches: Iterable[WeekStretch], places: Sequence[Location]) -> dict[str, Any]:
    """What the boxes hold before anything is typed."""
    found: dict[str, Any] = {}
    slugs = {place.pk: place.slug for place in places}
    counted = dict.fromkeys(Weekday.values, 0)
    for one in sorted(stretches):
        names = boxes(one.weekday, counted[one.weekday])
        counted[one.weekday] += 1
        found |= {names.starts: one.starts_at, names.ends: one.ends_at, names.place: slugs.get(one.location_id)}
    return found


def read_boxes(form: forms.Form, number: int, places: Sequence[Location]) -> tuple[WeekStretch, ...]:
    """The hours that were typed; says beside the box what is wrong with them."""
    by_slug = {place.slug: place.pk for place in places}
    found = []
    for weekday in Weekday:
        day = [
            (
                names,
                WeekStretch(weekday.value, *times, by_slug.get(form.cleaned_data.get(names.place, ""), places[0].pk)),
            )
            for n in range(number)
            if (times := _times(form, names := boxes(weekday.value, n), weekday.label))
        ]
        day.sort(key=lambda pair: pair[1])
        for (_, former), (names, one) in pairwise(day):
            if one.starts_at < former.ends_at:
                said = f"{weekday.label}: these hours begin before those until {desk_clock(former.ends_at)} end"
                form.add_error(names.starts, said)
        found += [one for _, one in day]
    return tuple(found)


def _times(form: forms.Form, names: Boxes, day: str) -> tuple[Any, Any] | None:
    starts, ends = form.cleaned_data.get(names.starts), form.cleaned_data.get(names.ends)
    is_wrong = names.starts in form.errors or names.ends in form.errors
    if is_wrong or (starts is None and ends is None):
        return None
    if starts is None or ends is None:
        form.add_error(names.starts if starts is None else names.ends, f"{day}: enter both times, or leave both empty")
        return None
    if ends <= starts:
        form.add_error(names.ends, f"{day}: the end must be after the start")
        return None
    return starts, ends


def days_of(form: forms.Form, number: int) -> list[tuple[str, list[Boxes]]]:
    """Each weekday with its boxes bound, for the template."""
    return [
        (
            weekday.label,
            [
                Boxes(form[names.starts], form[names.ends], form[names.place] if names.place in form.fields else None)
                for names in (boxes(weekday, n) for n in range(number))
            ],
        )
        for weekday in Weekday
    ]

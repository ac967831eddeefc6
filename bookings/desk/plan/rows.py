"""The visits of a plan as its page lists them: what can be chosen for each, in words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bookings.desk.plan.forms import choice_value
from bookings.engine.plans.block import Block
from bookings.engine.plans.choices import CANCEL, KEEP, Action, Choice, move_to
from bookings.engine.plans.plan import Row
from bookings.visits.models import Appointment, DiaryChange
from clinic.core import clock
from clinic.core.formats import desk_clock, desk_time, short_desk_time

MOST_NAMED = 5  # times off that are said to be there already


@dataclass(frozen=True, slots=True)
class Option:
    value: str
    label: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class ShownRow:
    visit: Appointment
    facts: str
    options: list[Option]
    refusal: str
    told: str


def shown(rows: Iterable[Row]) -> list[ShownRow]:
    return [ShownRow(row.visit, _facts(row.visit), _options(row), row.refusal, row.told) for row in rows]


def time_span(starts_at: datetime, ends_at: datetime | None) -> str:
    """Tue 1 Dec 10:00 to 17:00; with both days where they differ; Mon 30 Nov to Sun 13 Dec for whole days, with the years where
    they differ.

    Without an end: from Mon 30 Nov on.
    """
    if ends_at is None:
        first = clock.local(starts_at)
        return f"from {first:%a} {first.day} {first:%b} on"
    first, last = clock.local(starts_at), clock.local(ends_at) - timedelta(minutes=1)
    if (first.hour, first.minute, last.hour, last.minute) == (0, 0, 23, 59):
        year = " %Y" if first.year != last.year else ""
        return " to ".join(dict.fromkeys(day.strftime(f"%a {day.day} %b{year}") for day in (first, last)))
    is_one_day = clock.today(starts_at) == clock.today(ends_at)
    end = desk_clock(ends_at) if is_one_day else short_desk_time(ends_at)
    return f"{short_desk_time(starts_at)} to {end}"


def blocked_already(block: Block) -> list[str]:
    """`Mon 30 Nov 14:00 to 16:00, Training`: each time off that covers some of what is to be blocked; the first few."""
    found = block.blocked_already()
    named = [
        ", ".join(filter(None, [time_span(one.during.lower, one.during.upper), one.reason]))
        for one in found[:MOST_NAMED]
    ]
    return [*named, f"and {len(found) - MOST_NAMED} more"] if len(found) > MOST_NAMED else named


def _facts(visit: Appointment) -> str:
    when, what, whose = short_desk_time(visit.starts_at), visit.treatment.name, visit.practitioner.name
    return f"{when}, {what}, {visit.minutes} minutes, {whose}"


def _options(row: Row) -> list[Option]:
    moves = [move_to(slot) for slot in row.proposals]
    chosen = choice_value(row.choice)
    if row.choice.action == Action.MOVED and chosen not in map(choice_value, moves):
        moves.append(row.choice)
    choices = [*moves, *([CANCEL] if row.can_move else []), KEEP]
    return [Option(choice_value(choice), _label(choice, row), choice_value(choice) == chosen) for choice in choices]


def _label(choice: Choice, row: Row) -> str:
    if choice.action == Action.MOVED and choice.starts_at and choice.practitioner:
        is_same = choice.practitioner.pk == row.visit.practitioner_id
        with_whom = "" if is_same else f", with {choice.practitioner.name}"
        return f"Move to {short_desk_time(choice.starts_at)}{with_whom}"
    if choice.action == Action.CANCELLED:
        return "Cancel the visit"
    return "Leave it for now: I ring first" if row.can_move else "Stays: the patient is here"


def stays_blocked(change: DiaryChange) -> str:
    """What of an undone block stays, because it had passed; nothing if none of it had."""
    if change.undone_at is None or change.time_off is None:
        return ""
    return f"What had passed stays blocked: {time_span(change.starts_at, change.time_off.during.upper)}."


def said_of(change: DiaryChange) -> str:
    """What was done, in a sentence or two."""
    rows = list(change.visits.exclude(appointment__patient=None).select_related("appointment__patient"))
    counts = {
        action: sum(row.action == action for row in rows) for action in (Action.MOVED, Action.CANCELLED, Action.KEPT)
    }
    words = {Action.MOVED: "moved", Action.CANCELLED: "cancelled", Action.KEPT: "left where they are"}
    parts = [f"{number} {words[action]}" for action, number in counts.items() if number]
    if change.kind == DiaryChange.Kind.BLOCK:
        whose = change.practitioner.name if change.practitioner else "The clinic"
        start = f"{whose} is blocked, {time_span(change.starts_at, change.ends_at)}."
    elif change.kind == DiaryChange.Kind.HOURS:
        whose = change.practitioner.name if change.practitioner else "The whole clinic"
        start = f"{whose}: {change.reason}, {time_span(change.starts_at, change.ends_at)}."
    else:
        own = next((row.appointment for row in rows if row.action == Action.RESIZED), None)
        start = f"{own.whose if own else 'The visit'} lasts until {desk_time(change.ends_at or change.starts_at)}."
    told = (
        " Patients who can be reached are told in three minutes."
        if counts[Action.MOVED] or counts[Action.CANCELLED]
        else ""
    )
    return f"{start}{' Visits: ' + ', '.join(parts) + '.' if parts else ''}{told}"

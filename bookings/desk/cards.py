"""What the card of a visit says on the day's page, as plain values.

Equal cards look the same, so the page may keep what it has written of one: see `templatetags.cards` and ADR 12.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from bookings.desk.now_next import Mark, NowNext
from bookings.desk.ripple import whole_minute
from bookings.engine import eligibility, resize, status_changes
from bookings.engine.status_changes import Step
from bookings.openings.day_marks import DayMark
from bookings.visits.models import Appointment
from bookings.visits.models.statuses import Status
from clinic.core import clock
from clinic.core.formats import desk_clock

STATUS_ICONS: dict[str, str] = {
    Status.HELD: "hourglass",
    Status.BOOKED: "calendar",
    Status.CONFIRMED: "check",
    Status.ARRIVED: "user-check",
    Status.IN_PROGRESS: "play",
    Status.COMPLETED: "check-circle",
    Status.NO_SHOW: "user-x",
    Status.CANCELLED: "calendar-x",
    Status.EXPIRED: "hourglass",
}


class Card(NamedTuple):
    """A visit as whoever reads the page may see it, at the time at which they read it."""

    reference: str
    version: int
    status: str
    icon: str
    word: str
    who: str
    treatment: str
    room: str
    is_withheld: bool
    is_someones: bool  # and that someone may be shown
    age: int | None  # on the day of the visit; None where the birthday was not asked yet
    is_first_visit: bool
    has_access_need: bool
    has_note: bool
    asks_birthday: bool  # before it can start
    can_be_moved: bool
    can_be_resized: bool
    next_step: Step | None
    at_once: Step | None  # arrived and started in one, for someone who is taken straight in
    is_current: bool
    mark: Mark | None
    expected: str  # about when it starts, where that is later than planned
    day_marks: tuple[DayMark, ...]  # of programs above


class CardPage(NamedTuple):
    """What the cards of one page have in common."""

    here: str  # its address
    place: str  # the same, quoted
    may_act: bool
    least: int  # minutes that a card of the grid must last to hold a button


def card_of(visit: Appointment, state: NowNext, now: datetime) -> Card:
    """Read `visit`, from which was taken what its reader may not see."""
    read: Any = visit  # with what the statement of the day adds to a row
    patient = None if visit.is_withheld else visit.patient
    born = patient.date_of_birth if patient else None
    expected = state.delays.get(visit.pk)
    return Card(
        reference=visit.reference,
        version=visit.version,
        status=visit.status,
        icon=STATUS_ICONS[visit.status],
        word=status_word(visit),
        who=who(visit),
        treatment=read.treatment_name,
        room=read.room_name or "",
        is_withheld=visit.is_withheld,
        is_someones=patient is not None,
        age=clock.age_on(born, clock.today(visit.starts_at)) if born else None,
        is_first_visit=read.is_first_visit,
        has_access_need=bool(patient and read.has_access_need),
        has_note=bool((read.has_note and not visit.is_withheld) or read.note_count),
        asks_birthday=eligibility.needs_birthday(visit),
        can_be_moved=status_changes.can_change_time(visit),
        can_be_resized=bool(visit.patient_id) and resize.can_be_resized(visit),
        next_step=status_changes.next_step(visit),
        at_once=status_changes.start_at_once(visit),
        is_current=state.current is not None and state.current.pk == visit.pk,
        mark=state.marks.get(visit.pk),
        expected=desk_clock(whole_minute(expected.starts_at)) if expected and expected.starts_at > now else "",
        day_marks=getattr(visit, "day_marks", ()),
    )


def who(visit: Appointment) -> str:
    """`S. Lee`, or what a hold is for."""
    is_offered = visit.patient is None and getattr(visit, "offer", None)
    return "From the waiting list" if is_offered else visit.whose


def status_word(visit: Appointment) -> str:
    """`Arrived 9:24`, `Held to 15:42`, `Cancelled late`, `Confirmed`."""
    if visit.status == Status.ARRIVED and visit.arrived_at:
        return f"Arrived {desk_clock(visit.arrived_at)}"
    if visit.status == Status.HELD and visit.hold_expires_at:
        until = desk_clock(visit.hold_expires_at)
        offer = getattr(visit, "offer", None) if visit.patient is None else None
        return f"Offered to {offer.entry.patient.short_name}, to {until}" if offer else f"Held to {until}"
    if visit.status == Status.CANCELLED and visit.was_cancelled_late:
        return "Cancelled late"
    return Status(visit.status).label

"""The booking rules (docs/booking-engine.md) over plain lists: what the state machine compares the real engine with."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from bookings.domain.refusals import (
    HoldGone,
    IllegalMove,
    KeyReused,
    NeedsConsultation,
    NotBookable,
    PatientBusy,
    SlotTaken,
    Stale,
    TooLate,
    TooManyVisits,
    TooYoung,
)
from bookings.domain.reminders import REMINDERS, is_quiet, next_morning, reminder_due
from clinic.core.clock import LONDON
from tests.bookings.domain import naive

UTC = naive.UTC
NOTICE, HORIZON, CHANGES, HOLD = timedelta(hours=2), timedelta(days=5), timedelta(hours=24), timedelta(minutes=10)
MOST_VISITS, STEP = 2, timedelta(minutes=15)
LEGAL = {
    "held": (),
    "expired": (),
    "cancelled": (),
    "booked": ("confirmed", "arrived", "no_show"),
    "confirmed": ("booked", "arrived", "no_show"),
    "arrived": ("booked", "confirmed", "in_progress"),
    "in_progress": ("arrived", "completed"),
    "completed": ("in_progress",),
    "no_show": ("booked", "confirmed", "arrived"),
}
ENDED = ("cancelled", "no_show", "expired")
COMING = ("booked", "confirmed")


@dataclass(frozen=True)
class Care:
    """A treatment's rules, and how long each nurse takes; who is not named does not give it."""

    pk: int
    minutes: dict[int, int]
    usual: int = 30
    before: timedelta = timedelta()
    after: timedelta = timedelta()
    needs_room: bool = False
    is_online: bool = True
    is_consultation: bool = False
    reflection: timedelta | None = None
    notice: timedelta = NOTICE
    changes: timedelta = CHANGES


@dataclass(frozen=True)
class Person:
    born: date
    channels: tuple[str, ...]


@dataclass
class Visit:
    pk: int
    care: Care
    nurse: int
    starts: datetime
    ends: datetime
    room: int | None
    status: str = "held"
    person: int | None = None
    hold_until: datetime | None = None
    version: int = 1
    told: tuple[datetime, int] | None = None  # the time and the nurse that a message last told

    @property
    def during(self):
        return self.starts, self.ends

    @property
    def occupied(self):
        return self.starts - self.care.before, self.ends + self.care.after

    def is_dead(self, now):
        return self.status == "held" and self.hold_until <= now

    def stands(self, now):
        return self.status not in ENDED and not self.is_dead(now)


@dataclass
class Note:
    """A message: `visit` and what it was to tell when it was planned."""

    visit: Visit
    kind: str
    channel: str
    due: datetime
    expires: datetime
    nurse: int
    state: str = "planned"


@dataclass
class ClinicModel:
    now: datetime
    nurses: list[int]  # in the order of their names, which is also the order of ties
    rooms: list[int]
    people: list[Person]
    hours: list[Any]
    visits: list[Visit] = field(default_factory=list)
    off: list[tuple[int | None, tuple[datetime, datetime]]] = field(default_factory=list)
    keys: dict[str, tuple[bytes, Visit]] = field(default_factory=dict)
    notes: dict[str, Note] = field(default_factory=dict)
    refused_for_age: int = 0

    # What is free

    def free_with(self, nurse, care, day, *, ignoring=None):
        """Every start a patient may have with `nurse` on the local `day`."""
        if nurse not in care.minutes:
            return set()
        others = [visit for visit in self.visits if visit is not ignoring and visit.stands(self.now)]
        starts = naive.free_starts(
            opening=self.opening(nurse, day),
            occupied=[visit.occupied for visit in others if visit.nurse == nurse],
            off=[span for who, span in self.off if who in {nurse, None}],
            length=timedelta(minutes=care.minutes[nurse]),
            before=care.before,
            after=care.after,
            step=STEP,
            earliest=self.now + care.notice,
            latest=self.now + HORIZON,
        )
        length = timedelta(minutes=care.minutes[nurse])
        return {
            start
            for start in starts
            if day_of(start) == day
            and (not care.needs_room or self.free_room((start - care.before, start + length + care.after), ignoring))
        }

    def opening(self, nurse, day):
        return naive.opening_spans([row for row in self.hours if row.nurse == nurse], [], day, day)

    def free_room(self, occupied, ignoring=None):
        taken = {
            visit.room
            for visit in self.visits
            if visit is not ignoring and visit.stands(self.now) and naive.overlap(visit.occupied, occupied)
        }
        return next((room for room in self.rooms if room not in taken), None)

    def choose(self, care, nurse, starts, *, by_staff=False, ignoring=None):
        """The nurse, the end and the room of a visit at `starts`, or SlotTaken."""
        asked = [nurse] if nurse is not None else self.nurses
        free = [one for one in asked if starts in self.free_with(one, care, day_of(starts), ignoring=ignoring)]
        if free:
            chosen = min(free, key=lambda one: (self._booked_on(one, day_of(starts), ignoring), self.nurses.index(one)))
        elif by_staff and nurse is not None:
            chosen = nurse
        else:
            return SlotTaken
        ends = starts + timedelta(minutes=care.minutes.get(chosen) or care.usual)
        occupied = (starts - care.before, ends + care.after)
        room = self.free_room(occupied, ignoring) if care.needs_room else None
        is_busy = any(
            visit.nurse == chosen and naive.overlap(visit.occupied, occupied)
            for visit in self.visits
            if visit is not ignoring and visit.stands(self.now)
        )
        return SlotTaken if is_busy or (care.needs_room and room is None) else (chosen, ends, room)

    def _booked_on(self, nurse, day, ignoring):
        bounds = tuple(datetime(one.year, one.month, one.day, tzinfo=LONDON) for one in (day, day + timedelta(days=1)))
        return sum(
            visit.nurse == nurse and visit.stands(self.now) and naive.overlap(visit.occupied, bounds)
            for visit in self.visits
            if visit is not ignoring
        )

    # Who may

    def wrong_time(self, care, starts):
        return NotBookable if not self.now + care.notice <= starts < self.now + HORIZON or starts <= self.now else None

    def too_young(self, person, starts):
        """Eighteen on the day of booking and on the day of the visit."""
        born = self.people[person].born
        of_age = born.replace(year=born.year + 18)
        if min(day_of(self.now), day_of(starts)) >= of_age:
            return None
        self.refused_for_age += 1
        return TooYoung

    def refused_patient(self, person, care, starts):
        own = [visit for visit in self.visits if visit.person == person]
        if sum(visit.status in COMING and visit.starts > self.now for visit in own) >= MOST_VISITS:
            return TooManyVisits
        return self.too_soon_after_consultation(person, care, starts)

    def too_soon_after_consultation(self, person, care, starts):
        if care.reflection is None:
            return None
        had = (
            visit.person == person
            and visit.care.is_consultation
            and visit.status == "completed"
            and visit.ends + care.reflection <= starts
            for visit in self.visits
        )
        return None if any(had) else NeedsConsultation

    def patient_busy(self, person, during, ignoring=None):
        own = [visit for visit in self.visits if visit.person == person and visit is not ignoring]
        return any(visit.status not in ENDED and naive.overlap(visit.during, during) for visit in own)

    def either(self, care, nurse, starts, person, ignoring=None):
        """Where both the nurse and the patient are taken, it is the database that says which it saw first."""
        ends = starts + timedelta(minutes=care.minutes.get(nurse) or care.usual)
        is_busy = self.patient_busy(person, (starts, ends), ignoring)
        return (SlotTaken, PatientBusy) if is_busy else SlotTaken

    # What each request leads to: a refusal's class, or what changes

    def new(self, care, nurse, starts, *, person=None, by_staff=False, giving_up=None):
        """What to hold or book leads to: a refusal, or where the visit goes."""
        if not by_staff and (refusal := NotBookable if not care.is_online else self.wrong_time(care, starts)):
            return refusal
        if person is not None and (refusal := self.too_young(person, starts)):
            return refusal
        place = self.choose(care, nurse, starts, by_staff=by_staff, ignoring=giving_up)
        if person is None:
            return place
        if place is SlotTaken:
            return self.either(care, nurse, starts, person) if by_staff else place
        if not by_staff and (refusal := self.refused_patient(person, care, starts)):
            return refusal
        return PatientBusy if self.patient_busy(person, (starts, place[1])) else place

    def keyed(self, key, digest):
        if key not in self.keys:
            return None
        known, visit = self.keys[key]
        return visit if known == digest else KeyReused

    def confirm(self, visit, person):  # noqa: PLR0911 -- a refusal each
        if refusal := self.too_young(person, visit.starts):
            return refusal
        if visit.person is not None:
            return visit
        if visit.status not in {"held", "expired"}:
            return HoldGone
        if visit.starts <= self.now:
            return NotBookable
        place = (visit.nurse, visit.ends, visit.room)
        if not visit.stands(self.now):
            found = self.choose(visit.care, visit.nurse, visit.starts, ignoring=visit)
            if found is SlotTaken:
                return found
            place = found
        if refusal := self.refused_patient(person, visit.care, visit.starts):
            return refusal
        return PatientBusy if self.patient_busy(person, visit.during) else place

    def move(self, visit, starts, nurse, *, by_staff, version):  # noqa: PLR0911 -- a refusal each
        if not by_staff and (refusal := self.wrong_time(visit.care, starts)):
            return refusal
        if version not in {None, visit.version}:
            return Stale
        to = visit.nurse if nurse is None else nurse
        if (visit.starts, visit.nurse) == (starts, to):
            return visit
        if visit.status not in COMING:
            return IllegalMove
        if not by_staff and self.now > visit.starts - visit.care.changes:
            return TooLate
        place = self.choose(visit.care, to, starts, by_staff=by_staff, ignoring=visit)
        if place is SlotTaken:
            return self.either(visit.care, to, starts, visit.person, visit) if by_staff else place
        soon = self.too_soon_after_consultation(visit.person, visit.care, starts) if starts < visit.starts else None
        if soon and not by_staff:
            return soon
        return PatientBusy if self.patient_busy(visit.person, (starts, place[1]), ignoring=visit) else place

    def cancel(self, visit, *, by_staff, version):
        if version not in {None, visit.version}:
            return Stale
        if visit.status == "cancelled":
            return visit
        if visit.status not in {*COMING, "arrived"}:
            return IllegalMove
        return TooLate if not by_staff and self.now > visit.starts - visit.care.changes else None

    def become(self, visit, status, *, version):
        if version not in {None, visit.version}:
            return Stale
        if visit.status == status:
            return visit
        if status not in LEGAL[visit.status]:
            return IllegalMove
        others = [one for one in self.visits if one is not visit and one.stands(self.now)]
        if visit.status == "no_show" and any(
            naive.overlap(one.occupied, visit.occupied)
            and (one.nurse == visit.nurse or (one.room is not None and one.room == visit.room))
            for one in others
        ):
            return self.either(visit.care, visit.nurse, visit.starts, visit.person, visit)
        return PatientBusy if self.patient_busy(visit.person, visit.during, ignoring=visit) else None

    # What changes

    def clear_dead_holds(self, place):
        """Dead holds are let go when a visit comes to lie on them."""
        for one in self.visits:
            same = one.nurse == place.nurse or (one.room is not None and one.room == place.room)
            if one is not place and one.is_dead(self.now) and same and naive.overlap(one.occupied, place.occupied):
                one.status = "expired"

    def note(self, visit, kind, channel, label, due):
        key = f"visit:{visit.pk}:v{visit.version}:{label}:{channel}"
        self.notes[key] = Note(visit, kind, channel, due, visit.starts, visit.nurse)

    def tell(self, visit, kind, channels, *, by_staff=False):
        if visit.starts > self.now:
            later = self.now + timedelta(minutes=3)
            due = later if by_staff and later < visit.starts else self.now
            for channel in channels:
                self.note(visit, kind, channel, kind, due)

    def remind(self, visit):
        for rule in REMINDERS:
            due = reminder_due(rule, starts_at=visit.starts, now=self.now)
            if due and rule.channel in self.people[visit.person].channels:
                self.note(visit, "reminder", rule.channel, f"reminder-{rule.hours_before}h", due)

    def withdraw(self, visit):
        """Take back what is not sent yet; gives its kinds."""
        waiting = [note for note in self.notes.values() if note.visit is visit and note.state == "planned"]
        for note in waiting:
            note.state = "withdrawn"
        return {note.kind for note in waiting}

    def tell_booked(self, visit):
        self.tell(visit, "confirmation", ["email"])
        self.remind(visit)

    def tell_moved(self, visit, *, by_staff):
        waiting = self.withdraw(visit)
        is_undo = by_staff and waiting & {"confirmation", "moved"} and visit.told == (visit.starts, visit.nurse)
        if not is_undo:
            kind = "confirmation" if "confirmation" in waiting else "moved"
            channels = self.people[visit.person].channels if by_staff and kind == "moved" else ["email"]
            self.tell(visit, kind, channels, by_staff=by_staff)
        self.remind(visit)

    def tell_cancelled(self, visit, *, by_staff):
        self.withdraw(visit)
        self.tell(visit, "cancelled", self.people[visit.person].channels if by_staff else ["email"], by_staff=by_staff)

    def send_due(self):
        """What one run of the loop makes of each message; gives the keys of those sent."""
        sent = set()
        for key, note in self.notes.items():
            if note.state == "planned" and note.due <= self.now:
                self._settle(note)
                if note.state == "sent":
                    sent.add(key)
        return sent

    def _settle(self, note):
        visit = note.visit
        is_true = visit.status == "cancelled"
        if note.kind != "cancelled":
            is_true = visit.status in COMING and visit.starts == note.expires
        if note.expires <= self.now:
            note.state = "expired"
        elif not is_true:
            note.state = "withdrawn"
        elif note.kind == "reminder" and is_quiet(self.now) and is_quiet(self.now - timedelta(minutes=15)):
            morning = next_morning(self.now)
            note.state, note.due = ("planned", morning) if morning < note.expires else ("expired", note.due)
        else:
            note.state = "sent"
            if note.kind in {"confirmation", "moved"}:
                visit.told = (note.expires, note.nurse)


def day_of(moment):
    return moment.astimezone(LONDON).date()

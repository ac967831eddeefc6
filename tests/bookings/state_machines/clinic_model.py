"""The booking rules (docs/booking-engine.md) over plain lists: what the state machine compares the real engine with."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from bookings.engine.eligibility import MOST_ALIKE
from bookings.messages.planning.due_times import LASTS, Rule, is_quiet, next_morning, reminder_due
from bookings.visits.refusals import (
    IllegalMove,
    KeyReused,
    NeedsConsultation,
    NewPatientsOnly,
    NotBookable,
    PatientBusy,
    ReturningPatientsOnly,
    SlotTaken,
    Stale,
    TooLate,
    TooManyVisits,
    TooYoung,
)
from clinic.core.calendar.holidays import public_holidays
from clinic.core.clock import LONDON
from tests.bookings.engine.availability import naive

UTC = naive.UTC
NOTICE, HORIZON, CHANGES, HOLD = timedelta(hours=2), timedelta(days=5), timedelta(hours=24), timedelta(minutes=10)
CONSULTATION_COUNTS = timedelta(days=2)
MOST_VISITS, STEP, LAST_START = 3, timedelta(minutes=15), time(15)
LEGAL = {
    "held": (),
    "expired": (),
    "cancelled": (),
    "booked": ("confirmed", "arrived", "in_progress", "no_show"),
    "confirmed": ("booked", "arrived", "in_progress", "no_show"),
    "arrived": ("booked", "confirmed", "in_progress"),
    "in_progress": ("booked", "confirmed", "arrived", "completed"),
    "completed": ("in_progress",),
    "no_show": ("booked", "confirmed", "arrived"),
}
ENDED = ("cancelled", "no_show", "expired")
COMING = ("booked", "confirmed")
STANDING = (*COMING, "arrived", "in_progress", "completed")
BOOKED, MOVED, CANCELLED = "booking.booked", "booking.moved", "booking.cancelled"
RULES = [
    Rule(kind="reminder", channel="email", hours=48, asks_to_confirm=True),
    Rule(kind="reminder", channel="sms", hours=24),
    Rule(kind="follow_up", channel="email", hours=2),
    Rule(kind="review", channel="sms", hours=20),
]
AFTER = ("follow_up", "review", "recall")


@dataclass(frozen=True)
class Care:
    """A treatment's rules, and how long each nurse takes; who is not named does not give it."""

    pk: int
    minutes: dict[int, int]
    usual: int = 30
    before: timedelta = timedelta()
    after: timedelta = timedelta()
    needs_room: bool = False
    needs_device: bool = False
    last_start: time | None = None
    open_to: str = "everyone"
    follow_up: str = ""
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
    device: int | None
    status: str = "held"
    person: int | None = None
    hold_until: datetime | None = None
    version: int = 1
    told: tuple[datetime, int] | None = None  # the time and the nurse that a message last told
    follows: int | None = None
    is_offered: bool = False  # a hold of the waiting list: no visitor has it
    made_at: datetime | None = None  # by the clock on the computer

    @property
    def during(self):
        return self.starts, self.ends

    @property
    def occupied(self):
        return self.starts - self.care.before, self.ends + self.care.after

    def shares_with(self, other):
        """The nurse, the room or the device."""
        same_room = self.room is not None and self.room == other.room
        return self.nurse == other.nurse or same_room or (self.device is not None and self.device == other.device)

    def is_dead(self, now):
        return self.status == "held" and self.hold_until <= now

    def stands(self, now):
        return self.status not in ENDED and not self.is_dead(now)


@dataclass(eq=False)
class Entry:
    """A wish on the waiting list."""

    pk: int
    care: Care
    person: int
    since: datetime
    nurses: frozenset[int]
    first: date
    last: date
    weekdays: list[int]
    parts: list[str]
    state: str = "waiting"
    offers: list[Offer] = field(default_factory=list)
    known: set[datetime] = field(default_factory=set)

    @property
    def came(self):
        return (self.since, self.pk)

    @property
    def open_offer(self):
        return next((offer for offer in self.offers if offer.state == "open"), None)

    def suits(self, nurse, starts):
        wall = starts.astimezone(LONDON)
        part = "morning" if wall.hour < 12 else "afternoon" if wall.hour < 17 else "evening"
        is_wished = self.first <= wall.date() <= self.last and wall.isoweekday() in self.weekdays and part in self.parts
        return is_wished and (not self.nurses or nurse in self.nurses)

    def was_offered(self, nurse, starts):
        return any((offer.nurse, offer.starts) == (nurse, starts) for offer in self.offers)


@dataclass(eq=False)
class Offer:
    pk: int
    entry: Entry
    visit: Visit  # the hold, and what it becomes
    nurse: int
    starts: datetime
    expires: datetime
    state: str = "open"


@dataclass
class Note:
    """A message: `visit` and what it was to tell when it was planned; or the offer it tells of."""

    visit: Visit | Offer | Course
    kind: str
    channel: str
    due: datetime
    expires: datetime
    nurse: int
    state: str = "planned"


@dataclass(eq=False)
class Course:
    """Visits booked at once, of which staff are told at once."""

    visits: list[Visit]
    nurse: int


@dataclass
class ClinicModel:
    now: datetime
    nurses: list[int]  # in the order of their names, which is also the order of ties
    rooms: list[int]
    devices: dict[int, bool]  # whether it is in service
    people: list[Person]
    hours: list[Any]
    care_of_all: list[Care]
    avoids_gaps: bool = False
    closes_on_holidays: bool = False
    visits: list[Visit] = field(default_factory=list)
    off: list[tuple[int | None, tuple[datetime, datetime]]] = field(default_factory=list)
    extra: list[tuple[int, tuple[datetime, datetime]]] = field(default_factory=list)
    pauses: list[Any] = field(default_factory=list)
    opened: set[date] = field(default_factory=set)
    keys: dict[str, tuple[bytes, list[Visit]]] = field(default_factory=dict)
    notes: dict[str, Note] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)
    posts: set[tuple[str, int, int]] = field(default_factory=set)  # event, visit, version
    refused_for_age: int = 0

    # What is free

    def free_with(self, nurse, care, day, *, ignoring=None, by_staff=False):
        """Every start a patient may have with `nurse` on the local `day`; staff need no notice and know no horizon."""
        if nurse not in care.minutes:
            return set()
        others = [visit for visit in self.visits if visit is not ignoring and visit.stands(self.now)]
        midnights = naive.wall(day, time()), naive.wall(day + timedelta(days=1), time())
        length = timedelta(minutes=care.minutes[nurse])
        starts = naive.free_starts(
            opening=self.opening(nurse, day),
            occupied=[visit.occupied for visit in others if visit.nurse == nurse],
            off=self.time_off(nurse, day),
            length=length,
            before=care.before,
            after=care.after,
            step=STEP,
            earliest=max(midnights[0], self.now + (timedelta(0) if by_staff else care.notice)),
            latest=midnights[1] if by_staff else min(midnights[1], self.now + HORIZON),
            last_start=None if by_staff else care.last_start or LAST_START,
            device=[],
            avoids_gaps=self.avoids_gaps and not by_staff,
            shortest=self.shortest(nurse),
        )
        around = {start: (start - care.before, start + length + care.after) for start in starts}
        return {start for start, occupied in around.items() if self.is_equipped(care, occupied, ignoring)}

    def spans_of(self, person):
        """When this person is with a nurse, or comes to be."""
        own = [visit for visit in self.visits if visit.person == person and visit.stands(self.now)]
        return [(visit.starts, visit.ends) for visit in own]

    def opening(self, nurse, day):
        closed = set(public_holidays(day, day)) - self.opened if self.closes_on_holidays else ()
        extra = [span for who, span in self.extra if who == nurse]
        return naive.opening_spans([row for row in self.hours if row.nurse == nurse], extra, day, day, closed)

    def time_off(self, nurse, day):
        once = [span for who, span in self.off if who in {nurse, None}]
        return once + naive.weekly_spans([row for row in self.pauses if row.nurse in {nurse, None}], day, day)

    def shortest(self, nurse):
        """The shortest visit with `nurse` that is sold online, with its buffers."""
        own = [care for care in self.care_of_all if care.is_online and nurse in care.minutes]
        return min(timedelta(minutes=care.minutes[nurse]) + care.before + care.after for care in own)

    def is_equipped(self, care, occupied, ignoring=None):
        return not (
            (care.needs_room and self.free_room(occupied, ignoring) is None)
            or (care.needs_device and self.free_device(occupied, ignoring) is None)
        )

    def free_room(self, occupied, ignoring=None):
        taken = {visit.room for visit in self._standing_at(occupied, ignoring)}
        return next((room for room in self.rooms if room not in taken), None)

    def free_device(self, occupied, ignoring=None):
        taken = {visit.device for visit in self._standing_at(occupied, ignoring)}
        in_service = [device for device, is_active in self.devices.items() if is_active]
        return next((device for device in in_service if device not in taken), None)

    def _standing_at(self, occupied, ignoring):
        return [
            visit
            for visit in self.visits
            if visit is not ignoring and visit.stands(self.now) and naive.overlap(visit.occupied, occupied)
        ]

    def choose(self, care, nurse, starts, *, by_staff=False, ignoring=None):
        """The nurse, the end, the room and the device of a visit at `starts`, or SlotTaken."""
        asked = [nurse] if nurse is not None else self.nurses
        known = {"ignoring": ignoring, "by_staff": by_staff}
        free = [one for one in asked if starts in self.free_with(one, care, day_of(starts), **known)]
        if free:
            chosen = min(free, key=lambda one: (self._booked_on(one, day_of(starts), ignoring), self.nurses.index(one)))
        elif by_staff and nurse is not None:
            chosen = nurse
        else:
            return SlotTaken
        ends = starts + timedelta(minutes=care.minutes.get(chosen) or care.usual)
        occupied = (starts - care.before, ends + care.after)
        is_busy = any(visit.nurse == chosen for visit in self._standing_at(occupied, ignoring))
        if is_busy or not self.is_equipped(care, occupied, ignoring):
            return SlotTaken
        room = self.free_room(occupied, ignoring) if care.needs_room else None
        return chosen, ends, room, self.free_device(occupied, ignoring) if care.needs_device else None

    def _booked_on(self, nurse, day, ignoring):
        bounds = tuple(datetime(one.year, one.month, one.day, tzinfo=LONDON) for one in (day, day + timedelta(days=1)))
        return sum(
            visit.nurse == nurse and visit.stands(self.now) and naive.overlap(visit.occupied, bounds)
            for visit in self.visits
            if visit is not ignoring
        )

    # Who may

    def wrong_time(self, care, starts):
        return NotBookable if not self.now + care.notice <= starts < self.now + HORIZON or starts < self.now else None

    def too_young(self, person, starts):
        """Eighteen on the day of booking and on the day of the visit."""
        born = self.people[person].born
        of_age = born.replace(year=born.year + 18)
        if min(day_of(self.now), day_of(starts)) >= of_age:
            return None
        self.refused_for_age += 1
        return TooYoung

    def refused_patient(self, person, care, starts, *, follows=None, series_from=None, until=None):
        own = [visit for visit in self.visits if visit.person == person]
        before = [visit for visit in self.visits[:series_from] if visit.person == person]
        if care.open_to == "new" and follows is None and any(visit.status in STANDING for visit in before):
            return NewPatientsOnly
        if care.open_to == "returning" and follows is None and all(visit.status != "completed" for visit in own):
            return ReturningPatientsOnly
        if sum(visit.status in COMING and visit.starts > self.now for visit in own) >= MOST_VISITS:
            return TooManyVisits
        alike = sum(visit.status in COMING and visit.starts > self.now and visit.care is care for visit in before)
        if follows is None and alike >= MOST_ALIKE:
            return TooManyVisits
        return self.not_consulted(person, care, starts, until)

    def not_consulted(self, person, care, starts, until=None):
        """Refused unless a consultation counts at `starts`, or at some time from then `until`."""
        if care.reflection is None:
            return None
        had = (
            visit.person == person
            and visit.care.is_consultation
            and visit.status == "completed"
            and visit.ends + care.reflection <= (until or starts)
            and starts <= visit.ends + CONSULTATION_COUNTS
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

    def new(self, care, nurse, starts, *, person=None, by_staff=False, giving_up=None, follows=None):
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
        if not by_staff and (refusal := self.refused_patient(person, care, starts, follows=follows)):
            return refusal
        return PatientBusy if self.patient_busy(person, (starts, place[1])) else place

    def series(self, care, nurse, starts, person, *, by_staff):
        """What several visits at once lead to: a refusal, or where each goes; nothing stands before all do."""
        if not by_staff and any(not care.is_online or self.wrong_time(care, start) for start in starts):
            return NotBookable
        if refusal := self.too_young(person, starts[0]):
            return refusal
        places = self._places(care, nurse, starts, person, by_staff=by_staff)
        if places is SlotTaken or isinstance(places, tuple):
            return places
        before = len(self.visits)
        try:
            for start, place in zip(starts, places, strict=True):
                if not by_staff and (refusal := self.refused_patient(person, care, start, series_from=before)):
                    return refusal
                visit = Visit(-1, care, place[0], start, *place[1:], status="booked", person=person)
                if refusal := self._collides(visit, self.visits[before:]):
                    return refusal
                self.visits.append(visit)
        finally:
            del self.visits[before:]
        return places

    def _places(self, care, nurse, starts, person, *, by_staff):
        places = []
        for start in starts:
            place = SlotTaken
            if nurse is None and places:  # the same one, where she is free
                place = self.choose(care, places[0][0], start)
            if place is SlotTaken:
                place = self.choose(care, nurse, start, by_staff=by_staff)
            if place is SlotTaken:
                return (SlotTaken, PatientBusy) if by_staff and nurse is not None else place
            places.append(place)
        return places

    def _collides(self, visit, fellows):
        """Places were free of other visits; those of the same series may have been given one place."""
        is_busy = self.patient_busy(visit.person, visit.during)
        if any(one.shares_with(visit) and naive.overlap(one.occupied, visit.occupied) for one in fellows):
            return (SlotTaken, PatientBusy) if is_busy else SlotTaken
        return PatientBusy if is_busy else None

    def keyed(self, key, digest):
        if key not in self.keys:
            return None
        known, visits = self.keys[key]
        return visits if known == digest else KeyReused

    def follow_up_of(self, visit):
        found = [one for one in self.visits if one.follows == visit.pk and one.status in STANDING]
        return min(found, key=lambda one: one.starts, default=None)

    def confirm(self, visit, person):
        if refusal := self.too_young(person, visit.starts):
            return refusal
        if visit.person is not None:
            return visit
        if visit.starts < self.now:
            return NotBookable
        place = (visit.nurse, visit.ends, visit.room, visit.device)
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
        to = visit.nurse if nurse is None else nurse
        if (visit.starts, visit.nurse) == (starts, to):
            return visit
        if version not in {None, visit.version}:
            return Stale
        if visit.status not in COMING:
            return IllegalMove
        if not by_staff and self.now > visit.starts - visit.care.changes:
            return TooLate
        place = self.choose(visit.care, to, starts, by_staff=by_staff, ignoring=visit)
        if place is SlotTaken:
            return self.either(visit.care, to, starts, visit.person, visit) if by_staff else place
        may = starts >= visit.starts and self.not_consulted(visit.person, visit.care, visit.starts)
        soon = None if may else self.not_consulted(visit.person, visit.care, starts)
        if soon and not by_staff:
            return soon
        return PatientBusy if self.patient_busy(visit.person, (starts, place[1]), ignoring=visit) else place

    def cancel(self, visit, *, by_staff, version):
        if visit.status == "cancelled":
            return visit
        if version not in {None, visit.version}:
            return Stale
        if visit.status not in ({*COMING, "arrived"} if by_staff else COMING):
            return IllegalMove
        return TooLate if not by_staff and self.now >= visit.starts else None

    def restore(self, visit, *, version):
        if version not in {None, visit.version}:
            return Stale
        if visit.status in COMING:
            return visit
        if visit.status != "cancelled":
            return IllegalMove
        is_busy = any(one.nurse == visit.nurse for one in self._standing_at(visit.occupied, visit))
        if is_busy or not self.is_equipped(visit.care, visit.occupied, visit):
            return self.either(visit.care, visit.nurse, visit.starts, visit.person, visit)
        if self.patient_busy(visit.person, visit.during, ignoring=visit):
            return PatientBusy
        room = self.free_room(visit.occupied, visit) if visit.care.needs_room else None
        device = self.free_device(visit.occupied, visit) if visit.care.needs_device else None
        return visit.nurse, visit.ends, room, device

    def is_too_early(self, visit, status):
        is_back = visit.status in {"in_progress", "completed"} and status != "completed"
        if status in {"arrived", "in_progress", "completed"} and not is_back:
            return day_of(visit.starts) > day_of(self.now)
        return status == "no_show" and visit.starts > self.now

    def become(self, visit, status, *, version):
        if version not in {None, visit.version}:
            return Stale
        if visit.status == status:
            return visit
        if status not in LEGAL[visit.status] or self.is_too_early(visit, status):
            return IllegalMove
        others = [one for one in self.visits if one is not visit and one.stands(self.now)]
        if visit.status == "no_show" and any(
            naive.overlap(one.occupied, visit.occupied) and one.shares_with(visit) for one in others
        ):
            return self.either(visit.care, visit.nurse, visit.starts, visit.person, visit)
        return PatientBusy if self.patient_busy(visit.person, visit.during, ignoring=visit) else None

    def join(self, care, person, first, last):
        """What joining the waiting list leads to: a refusal, or the days that are left."""
        first, last = max(first, day_of(self.now)), min(last, day_of(self.now + HORIZON))
        if refusal := self.too_young(person, naive.wall(first, time(12))):
            return refusal
        if not care.is_online or last < first:
            return NotBookable
        dawn, midnight = naive.wall(first, time()), naive.wall(last + timedelta(days=1), time())
        return self.refused_patient(person, care, dawn, until=midnight) or (first, last)

    def answer_until(self, care, starts):
        """When an offer made now of this time ends; None if too little time is left to answer in."""
        begins = self.offers_begin
        ends = min(begins + timedelta(hours=2), starts - max(care.notice, timedelta(hours=1)))
        return ends if ends - begins >= timedelta(minutes=10) else None

    @property
    def offers_begin(self):
        return next_morning(self.now) if is_quiet(self.now) else self.now

    def waiting(self):
        """Who waits and has no open offer, the longest waiting first."""
        found = [one for one in self.entries if one.state == "waiting" and not one.open_offer]
        return sorted(found, key=lambda one: (one.since, one.pk))

    def on_sale(self, entry):
        """The starts that suit and that visitors can book, or just hold."""
        visits, self.visits = self.visits, [visit for visit in self.visits if visit.status != "held"]
        try:
            days = naive.days_between(max(entry.first, day_of(self.now)), entry.last)
            free = ((nurse, self.free_with(nurse, entry.care, day)) for nurse in entry.care.minutes for day in days)
            return {start for nurse, starts in free for start in starts if entry.suits(nurse, start)}
        finally:
            self.visits = visits

    def forget_what_was_taken(self):
        for entry in self.entries:
            if entry.state == "waiting" and entry.known:
                entry.known &= self.on_sale(entry)

    def could_be_offered(self, entry, *, by_staff=False):
        """Every time that suits and came free, the soonest first; for staff, every free one."""
        days = naive.days_between(max(entry.first, day_of(self.now)), entry.last)
        return sorted(
            (start, nurse)
            for nurse in entry.care.minutes
            for day in days
            for start in self.free_with(nurse, entry.care, day)
            if entry.suits(nurse, start)
            and (by_staff or start not in entry.known)
            and not entry.was_offered(nurse, start)
            and self.answer_until(entry.care, start)
            and not self.patient_busy(entry.person, (start, start + timedelta(minutes=entry.care.minutes[nurse])))
            and not self.refused_patient(entry.person, entry.care, start)
        )

    # What changes

    def lapse(self):
        for offer in [offer for entry in self.entries for offer in entry.offers]:
            if offer.state == "open" and offer.expires <= self.now:
                self.answer(offer, "lapsed")
                if offer.visit.is_dead(self.now):
                    offer.visit.status = "expired"
        for entry in self.waiting():
            if any(self._meets(visit, entry) for visit in self.visits):
                entry.state = "booked"
            elif entry.last < day_of(self.now):
                entry.state = "ended"

    def _meets(self, visit, entry):
        is_wished = visit.person == entry.person and visit.care is entry.care and visit.made_at >= entry.since
        return is_wished and visit.status in STANDING and entry.first <= day_of(visit.starts) <= entry.last

    def answer(self, offer, state):
        offer.state = state
        self.withdraw(offer)

    def decline(self, offer):
        if offer.state == "open":
            self.answer(offer, "declined")
            if offer.visit.status == "held":
                offer.visit.status = "expired"

    def take(self, offer):
        """As `confirm`; the time of another offer that is open to her does not stand in her way."""
        others = [one.visit for one in offer.entry.offers if one is not offer and one.state == "open"]
        held = [visit for visit in others if visit.status == "held"]
        for visit in held:
            visit.status = "expired"
        place = self.confirm(offer.visit, offer.entry.person)
        for visit in held:
            visit.status = "held"
        return place

    def tell_offer(self, offer):
        for channel in {"email", *self.people[offer.entry.person].channels}:
            key = f"offer:{offer.pk}:{channel}"
            self.notes[key] = Note(offer, "offer", channel, self.offers_begin, offer.expires, offer.nurse)

    def clear_dead_holds(self, place):
        """Dead holds are let go when a visit comes to lie on them."""
        for one in self.visits:
            lies_there = one.shares_with(place) and naive.overlap(one.occupied, place.occupied)
            if one is not place and one.is_dead(self.now) and lies_there:
                one.status = "expired"

    def note(self, visit, kind, channel, label, due, *, expires=None):
        key = f"visit:{visit.pk}:v{visit.version}:{label}:{channel}"
        self.notes[key] = Note(visit, kind, channel, due, expires or visit.starts, visit.nurse)

    def tell_staff(self, visit, what):
        if visit.starts > self.now:
            self.note(visit, "staff_notice", "email", f"staff-{what}", self.now)

    def tell_completed(self, visit):
        """What follows a visit, unless it was sent when the visit was completed before."""
        sent = {
            key.split(":", 3)[3] for key, note in self.notes.items() if note.visit is visit and note.state == "sent"
        }
        for rule in RULES:
            label = f"{rule.kind.replace('_', '-')}-{rule.hours}h"
            is_new = rule.kind in AFTER and f"{label}:{rule.channel}" not in sent
            if is_new and rule.channel in self.people[visit.person].channels:
                natural = visit.ends + timedelta(hours=rule.hours)
                due = max(natural, self.now)
                due = next_morning(due) if is_quiet(due) else due
                if due < natural + LASTS[rule.kind]:
                    self.note(visit, rule.kind, rule.channel, label, due, expires=natural + LASTS[rule.kind])

    def tell(self, visit, kind, channels, *, by_staff=False):
        if visit.starts > self.now:
            later = self.now + timedelta(minutes=3)
            due = later if by_staff and later < visit.starts else self.now
            for channel in channels:
                self.note(visit, kind, channel, kind, due)

    def remind(self, visit):
        for rule in RULES[:2]:
            due = reminder_due(rule, starts_at=visit.starts, now=self.now)
            if due and rule.channel in self.people[visit.person].channels:
                self.note(visit, "reminder", rule.channel, f"reminder-{rule.hours}h", due)

    def withdraw(self, visit, kinds=None):
        """Take back what is not sent yet, all of it or only some kinds; gives its kinds."""
        waiting = [note for note in self.notes.values() if note.visit is visit and note.state == "planned"]
        waiting = [note for note in waiting if kinds is None or note.kind in kinds]
        for note in waiting:
            note.state = "withdrawn"
        return {note.kind for note in waiting}

    def post(self, event, visit):
        self.posts.add((event, visit.pk, visit.version))

    def tell_course(self, visits):
        """The nurses of the test have no login, so the clinic's address is told of all."""
        if len(visits) == 1:
            self.tell_staff(visits[0], "booked")
        else:
            first, last = visits[0], visits[-1]
            note = Note(Course(visits, first.nurse), "staff_notice", "email", self.now, last.starts, first.nurse)
            self.notes[f"course:{first.pk}:v1:staff-booked:email"] = note

    def tell_booked(self, visit, *, by_staff=False, is_of_course=False):
        self.post(BOOKED, visit)
        if not by_staff and not is_of_course:
            self.tell_staff(visit, "booked")
        self.tell(visit, "confirmation", ["email"])
        self.remind(visit)

    def tell_moved(self, visit, *, by_staff):
        self.post(MOVED, visit)
        waiting = self.withdraw(visit)
        is_undo = by_staff and waiting & {"confirmation", "moved"} and visit.told == (visit.starts, visit.nurse)
        if not is_undo:
            kind = "confirmation" if "confirmation" in waiting else "moved"
            channels = self.people[visit.person].channels if by_staff and kind == "moved" else ["email"]
            self.tell(visit, kind, channels, by_staff=by_staff)
        if not by_staff:
            self.tell_staff(visit, "moved")
        self.remind(visit)

    def tell_cancelled(self, visit, *, by_staff):
        self.post(CANCELLED, visit)
        self.withdraw(visit)
        self.tell(visit, "cancelled", self.people[visit.person].channels if by_staff else ["email"], by_staff=by_staff)
        if not by_staff:
            self.tell_staff(visit, "cancelled")

    def tell_restored(self, visit):
        self.post(BOOKED, visit)
        self.withdraw(visit)
        if visit.told != (visit.starts, visit.nurse):
            self.tell(visit, "confirmation", ["email"])
        self.remind(visit)

    def send_due(self):
        """What one run of the loop makes of each message; gives the keys of those sent."""
        sent = set()
        for key, note in self.notes.items():
            if note.state == "planned" and note.due <= self.now:
                self._settle(note, is_off=note.kind == "cancelled" or ":staff-cancelled:" in key)
                if note.state == "sent":
                    sent.add(key)
        return sent

    def _is_true(self, note, *, is_off):
        visit = note.visit
        if note.kind == "offer":
            return visit.state == "open"
        if isinstance(visit, Course):
            return any(one.status in COMING for one in visit.visits)
        if note.kind in AFTER:
            return visit.status == "completed"
        if is_off:
            return visit.status == "cancelled"
        return visit.status in COMING and visit.starts == note.expires

    def _settle(self, note, *, is_off):
        visit, is_true = note.visit, self._is_true(note, is_off=is_off)
        if note.expires <= self.now:
            note.state = "expired"
        elif not is_true:
            note.state = "withdrawn"
        elif (
            note.kind in {"reminder", "offer", *AFTER}
            and is_quiet(self.now)
            and is_quiet(self.now - timedelta(minutes=15))
        ):
            morning = next_morning(self.now)
            note.state, note.due = ("planned", morning) if morning < note.expires else ("expired", note.due)
        else:
            note.state = "sent"
            if note.kind in {"confirmation", "moved"}:
                visit.told = (note.expires, note.nurse)
            elif note.kind == "cancelled":
                visit.told = None


def day_of(moment):
    return moment.astimezone(LONDON).date()

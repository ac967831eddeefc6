"""Visits for the demo's diary: made up, yet as the booking rules would have allowed them. Nothing here writes.

Each patient follows a course: a consultation, a day or more to think, a treatment, a review two weeks later. Visits are
packed into the opening hours one after the other, so none overlap. The same moment always gives the same diary.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from random import Random

from bookings.demo.story import Story, tell_story
from bookings.desk import day as diary
from bookings.engine.placement import at_its_price
from bookings.timetable.day_intervals import without
from bookings.timetable.models import Location, Room
from bookings.timetable.ranges import span
from bookings.visits.models import Appointment
from clinic.catalogue.models import Treatment
from clinic.catalogue.seed_treatments import OPENED_BY, TREATMENTS
from clinic.core import clock
from clinic.patients.models import Patient, PatientAccess
from clinic.practitioners.models import Practitioner

SEED = 20270328
BEHIND, BUSY_BEHIND, AHEAD = 35, 14, 14  # days: the first weeks only hold the consultations that courses began with
STEP = timedelta(minutes=15)
REST, REST_TODAY = timedelta(days=5), timedelta(days=1)  # today is to look busy on any weekday
NEWCOMERS = 4  # one in so many patients is new, and has not been here before these days
REVIEW_AFTER = timedelta(days=13)
MOST_AHEAD = 3
RARE = {"filler-correction-consultation": 0.3}
LEADS_TO: dict[str, Collection[str]] = {  # what is not on offer after just any consultation
    **{slug: OPENED_BY[facts["category"]] for slug, facts in TREATMENTS.items() if facts.get("requires_consultation")},
    "botulinum-toxin": {"first-consultation", "lines-and-wrinkles-consultation"},
    "filler-dissolving": {"filler-correction-consultation"},
}
Kind = Treatment.Kind


@dataclass(frozen=True, slots=True)
class Visit:
    appointment: Appointment
    story: Story


@dataclass(slots=True)
class Course:
    """What a patient has had so far, and has booked."""

    patient: Patient
    consulted_until: datetime | None = None
    consulted_about: str = ""
    treated_at: datetime | None = None
    last_start: datetime | None = None
    had: set[int] = field(default_factory=set)
    days: set[date] = field(default_factory=set)
    ahead: int = 0
    comes_from: datetime | None = None
    signs_in: bool = False

    def wants(self, starts_at: datetime, offered: Sequence[Treatment]) -> list[Treatment]:
        if self.consulted_until is None:
            return [treatment for treatment in offered if treatment.kind == Kind.CONSULTATION]
        if self.treated_at and starts_at >= self.treated_at + REVIEW_AFTER:
            return [treatment for treatment in offered if treatment.kind == Kind.REVIEW]
        return [
            treatment
            for treatment in offered
            if treatment.kind == Kind.TREATMENT
            and treatment.pk not in self.had
            and self.consulted_about in LEADS_TO.get(treatment.slug, {self.consulted_about})
            and starts_at >= self.consulted_until + timedelta(hours=treatment.reflection_hours)
        ]

    def may_come(self, starts_at: datetime, now: datetime) -> bool:
        rest = REST_TODAY if clock.today(starts_at) == clock.today(now) else REST
        is_rested = self.last_start is None or starts_at - self.last_start >= rest
        if self.comes_from and starts_at < self.comes_from:
            return False
        return is_rested and clock.today(starts_at) not in self.days and (starts_at <= now or self.ahead < MOST_AHEAD)

    def note(self, visit: Appointment, story: Story, now: datetime) -> None:
        self.days.add(clock.today(visit.starts_at))
        if not story.takes_place:
            return
        self.last_start = visit.starts_at
        self.ahead += visit.starts_at > now
        self.had.add(visit.treatment_id)
        if visit.treatment.kind == Kind.CONSULTATION:
            self.consulted_until, self.consulted_about = visit.ends_at, visit.treatment.slug
        if visit.treatment.kind == Kind.TREATMENT:
            self.treated_at = self.treated_at or visit.starts_at
        elif visit.treatment.kind == Kind.REVIEW:
            self.treated_at = None


def plan_visits(people: Sequence[Practitioner], place: Location, now: datetime) -> list[Visit]:
    """Unsaved visits from five weeks back to two weeks ahead, some of them right now."""
    return Planner(people, place, now).plan()


class Planner:
    def __init__(self, people: Sequence[Practitioner], place: Location, now: datetime) -> None:
        self.rng = Random(SEED)  # noqa: S311 -- a diary, not a secret
        self.now, self.today, self.place = now, clock.today(now), place
        self.people = sorted(people, key=lambda person: person.position)
        self.offered = {person.pk: list(person.treatments.all()) for person in people}
        self.rooms = list(Room.objects.filter(location=place, is_active=True).order_by("pk"))
        signs_in = set(PatientAccess.objects.live(now).own().values_list("patient", flat=True))
        self.courses = [
            Course(patient, comes_from=self._first_seen(number), signs_in=patient.pk in signs_in)
            for number, patient in enumerate(Patient.objects.filter(waiting_entries=None).order_by("pk"), start=1)
        ]
        self.visits: list[Visit] = []

    def plan(self) -> list[Visit]:
        for offset in range(-BEHIND, AHEAD + 1):
            day = self.today + timedelta(days=offset)
            for column in diary.day(day=day, practitioners=self.people, now=self.now).columns:
                for hours in without(column.hours, column.off):
                    self._fill(column.practitioner, _moment(day, hours.start), _moment(day, hours.end), offset)
        return self.visits

    def _first_seen(self, number: int) -> datetime | None:
        return None if number % NEWCOMERS else self.now + timedelta(days=self.rng.randint(-2, AHEAD - 2))

    def _fill(self, person: Practitioner, opens: datetime, closes: datetime, offset: int) -> None:
        for opens_at, closes_at in self._parts(person, opens, closes):
            at = opens_at if offset == 0 else opens_at + self._gap(offset)
            while at < closes_at:
                visit = self._choose(person, at, closes_at)
                at = _on_step(visit.occupied.upper, opens) + self._gap(offset) if visit else at + STEP

    def _parts(self, person: Practitioner, opens: datetime, closes: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The hours, parted so that someone's visit spans this moment and someone else's begins in a moment."""
        if not opens <= self.now < closes:
            yield opens, closes
            return
        steps = (self.now - opens) // STEP + (1 if self.people.index(person) % 2 else 0)
        parting = min(opens + steps * STEP, closes)
        yield opens, parting
        yield parting, closes

    def _gap(self, offset: int) -> timedelta:
        """Free time after a visit: none to speak of today, more and more further off."""
        if offset == 0:
            quarters = self.rng.choice((0, 0, 0, 1))
        elif offset < -BUSY_BEHIND:
            quarters = self.rng.choice((12, 16, 20))
        else:
            quarters = self.rng.choice((0, 2, 3, 4, 6)) + max(0, offset // 2)
        return quarters * STEP

    def _choose(self, person: Practitioner, starts_at: datetime, closes: datetime) -> Appointment | None:
        """Whoever has waited longest and may have something that fits here."""
        for course in sorted(self.courses, key=self._patience):
            if not course.may_come(starts_at, self.now):
                continue
            fitting = [
                visit
                for treatment in course.wants(starts_at, self.offered[person.pk])
                if (visit := self._visit(person, treatment, starts_at, closes))
            ]
            if fitting:
                weights = [RARE.get(visit.treatment.slug, 1.0) for visit in fitting]
                return self._keep(self.rng.choices(fitting, weights)[0], course)
        return None

    def _patience(self, course: Course) -> float:
        last = course.last_start.timestamp() if course.last_start else 0.0
        return last + self.rng.random() * timedelta(days=4).total_seconds()

    def _visit(
        self, person: Practitioner, treatment: Treatment, starts_at: datetime, closes: datetime
    ) -> Appointment | None:
        ends_at = starts_at + timedelta(minutes=treatment.duration_minutes)
        busy_from = starts_at - timedelta(minutes=treatment.buffer_before_minutes)
        busy_until = ends_at + timedelta(minutes=treatment.buffer_after_minutes)
        room = self._free_room(treatment, busy_from, busy_until)
        if busy_until > closes or (treatment.room_kind and room is None):
            return None
        return at_its_price(
            treatment,
            practitioner=person,
            location=self.place,
            room=room,
            during=span(starts_at, ends_at),
            occupied=span(busy_from, busy_until),
        )

    def _free_room(self, treatment: Treatment, starts_at: datetime, ends_at: datetime) -> Room | None:
        taken = {
            visit.appointment.room_id
            for visit in self.visits
            if visit.appointment.occupied.lower < ends_at and starts_at < visit.appointment.occupied.upper
        }
        free = (room for room in self.rooms if room.kind == treatment.room_kind and room.pk not in taken)
        return next(free, None)

    def _keep(self, appointment: Appointment, course: Course) -> Appointment:
        story = tell_story(
            self.rng,
            starts_at=appointment.starts_at,
            ends_at=appointment.ends_at,
            earliest_booking=course.last_start or appointment.starts_at - timedelta(days=30),
            now=self.now,
            only_by_desk=not appointment.treatment.is_bookable_online,
            goes_well=course.signs_in,
        )
        appointment.patient, appointment.source, appointment.note = course.patient, story.source, story.note
        course.note(appointment, story, self.now)
        self.visits.append(Visit(appointment, story))
        return appointment


def _moment(day: date, minute: int) -> datetime:
    return datetime.combine(day, time(minute // 60, minute % 60), tzinfo=clock.LONDON).astimezone(UTC)


def _on_step(at: datetime, opens: datetime) -> datetime:
    """`at`, or the next start on the slot step counted from when the hours begin."""
    return opens + -((opens - at) // STEP) * STEP

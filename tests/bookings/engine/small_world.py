"""A random small clinic, as rows and as plain spans that a naive reader can judge."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from hypothesis import strategies as st

from bookings.timetable.models import Device, ExtraHours, OpenedHoliday, RegularTimeOff, TimeOff
from bookings.timetable.ranges import span
from bookings.visits.models import Appointment, BookingSettings
from bookings.visits.models.statuses import ACTIVE, Status
from bookings.visits.policy import policy_for
from bookings.visits.refusals import Reason
from clinic.catalogue.models import DeviceKind, RoomKind
from clinic.core import clock
from tests.bookings.engine.availability import naive
from tests.factories.bookings import AppointmentFactory, LocationFactory, RoomFactory, WorkingHoursFactory
from tests.factories.clinic import PractitionerFactory, TreatmentFactory

DAYS = (date(2027, 3, 28), date(2027, 3, 30))  # the clocks go forward, Easter Monday, a Tuesday
NOW = datetime(2027, 3, 28, 11, 20, tzinfo=clock.LONDON)
HOLIDAY = date(2027, 3, 29)

minutes = st.sampled_from([15, 20, 30, 45, 75])
buffers = st.sampled_from([0, 0, 10, 15])
hours = st.tuples(st.integers(8, 12), st.integers(13, 20)).map(lambda pair: (time(pair[0]), time(pair[1], 30)))
openings = st.tuples(st.integers(8, 16), st.integers(1, 8)).map(
    lambda pair: (time(pair[0]), time(min(sum(pair), 20), 30))
)
moments = st.tuples(st.integers(0, 2), st.integers(8 * 12, 21 * 12)).map(
    lambda pair: datetime.combine(
        DAYS[0] + timedelta(days=pair[0]), time(pair[1] // 12, pair[1] % 12 * 5), clock.LONDON
    )
)
spans = st.tuples(moments, minutes)

worlds = st.fixed_dictionaries(
    {
        "treatments": st.lists(
            st.tuples(minutes, buffers, buffers, st.booleans(), st.booleans(), st.sampled_from([None, 10, 30])),
            min_size=2,
            max_size=2,
        ),
        "hours": st.lists(st.tuples(st.booleans(), st.sampled_from([7, 1, 2]), openings), min_size=2, max_size=5),
        "extra": st.lists(spans, max_size=1),
        "off": st.lists(st.tuples(st.booleans(), spans), max_size=2),
        "pauses": st.lists(st.tuples(st.booleans(), hours), max_size=1),
        "visits": st.lists(
            st.tuples(st.booleans(), spans, buffers, st.booleans(), st.sampled_from(["booked", "held", "dead"])),
            max_size=7,
        ),
        "step": st.sampled_from([15, 15, 20]),
        "notice": st.sampled_from([0, 4, 30]),
        "horizon": st.sampled_from([1, 10]),
        "last_start": st.sampled_from([None, time(16)]),
        "closes": st.booleans(),
        "opened": st.booleans(),
        "avoids_gaps": st.booleans(),
    }
)


@dataclass
class World:
    people: list = field(default_factory=list)
    treatments: list = field(default_factory=list)
    hours: list = field(default_factory=list)
    extra: list = field(default_factory=list)
    off: list = field(default_factory=list)  # (person or None, start, end)
    pauses: list = field(default_factory=list)
    room: object = None
    device: object = None
    closed: tuple = ()

    def opening(self, person):
        mine = [row for row in self.hours if row.practitioner_id == person.pk]
        extra = [during for whose, during in self.extra if whose == person]
        return naive.opening_spans(mine, extra, *DAYS, self.closed)

    def away(self, person):
        single = [(start, end) for whose, start, end in self.off if whose in (None, person)]
        return single + naive.weekly_spans(
            [row for row in self.pauses if row.practitioner_id in (None, person.pk)], *DAYS
        )


def build(drawn) -> World:
    BookingSettings.objects.update_or_create(
        defaults={
            "slot_step_minutes": drawn["step"],
            "minimum_notice_hours": drawn["notice"],
            "horizon_days": drawn["horizon"],
            "last_start_at": drawn["last_start"],
            "closes_on_public_holidays": drawn["closes"],
            "avoids_short_gaps": drawn["avoids_gaps"],
        }
    )
    world, place, lasers = World(), LocationFactory(), DeviceKind.objects.create(name="Laser")
    world.room = RoomFactory(location=place)
    world.device = Device.objects.create(location=place, name="One", kind=lasers)
    for lasts, before, after, needs_room, needs_device, step in drawn["treatments"]:
        world.treatments.append(
            TreatmentFactory(
                duration_minutes=lasts,
                buffer_before_minutes=before,
                buffer_after_minutes=after,
                room_kind=RoomKind.TREATMENT_ROOM if needs_room else "",
                device_kind=lasers if needs_device else None,
                slot_step_minutes=step,
            )
        )
    first, second = world.treatments
    world.people = [PractitionerFactory(offers=[first, second]), PractitionerFactory(offers=[first])]
    _fill_rota(world, drawn, place)
    _fill_visits(world, drawn, place)
    return world


def _fill_rota(world, drawn, place):
    for is_second, weekday, (opens, closes) in drawn["hours"]:
        row = {"practitioner": world.people[is_second], "weekday": weekday}
        if not any(
            (one.practitioner, one.weekday) == tuple(row.values()) and opens < one.ends_at and one.starts_at < closes
            for one in world.hours
        ):
            world.hours.append(WorkingHoursFactory(**row, location=place, starts_at=opens, ends_at=closes))
    for start, lasts in drawn["extra"]:
        during = (start, start + timedelta(minutes=lasts + 60))
        ExtraHours.objects.create(practitioner=world.people[0], location=place, during=span(*during))
        world.extra.append((world.people[0], during))
    for is_everyone, (start, lasts) in drawn["off"]:
        whose = None if is_everyone else world.people[0]
        world.off.append((whose, start, start + timedelta(minutes=lasts)))
        TimeOff.objects.create(practitioner=whose, during=span(*world.off[-1][1:]))
    for is_everyone, (begins, _) in drawn["pauses"]:
        row = {"practitioner": None if is_everyone else world.people[0], "weekday": 2, "valid_from": date(2027, 1, 1)}
        world.pauses.append(RegularTimeOff.objects.create(**row, starts_at=begins, ends_at=time(begins.hour, 45)))
    if drawn["opened"]:
        OpenedHoliday.objects.create(day=HOLIDAY)
    world.closed = (HOLIDAY,) if drawn["closes"] and not drawn["opened"] else ()


def _fill_visits(world, drawn, place):
    for is_second, (start, lasts), buffer, needs_both, status in drawn["visits"]:
        around = span(start - timedelta(minutes=buffer), start + timedelta(minutes=lasts + buffer))
        clash = Appointment.objects.filter(status__in=ACTIVE, occupied__overlap=around)
        person = world.people[is_second]
        if clash.filter(practitioner=person).exists() or (needs_both and clash.filter(room=world.room).exists()):
            continue
        held = {} if status == "booked" else {"status": Status.HELD, "patient": None, "hold_expires_at": NOW}
        if status == "held":
            held["hold_expires_at"] = NOW + timedelta(minutes=5)
        AppointmentFactory(
            practitioner=person,
            location=place,
            starts_at=start,
            minutes=lasts,
            occupied=around,
            room=world.room if needs_both else None,
            device=world.device if needs_both else None,
            **held,
        )


def true_reasons(world, treatment, person, start, *, by_staff=False) -> set[Reason]:
    """Every reason that holds against this time, as one would first write them down."""
    before = timedelta(minutes=treatment.buffer_before_minutes)
    after = timedelta(minutes=treatment.buffer_after_minutes)
    visit = (start, start + timedelta(minutes=treatment.duration_minutes))
    whole = (start - before, visit[1] + after)
    found = set() if by_staff else _of_the_rules(world, treatment, person, visit)
    for row in _standing():
        if row.practitioner_id == person.pk and naive.overlap(_pair(row.occupied), whole):
            is_visit = naive.overlap(_pair(row.during), visit)
            found |= {Reason.TAKEN} if is_visit else {Reason.CLEANING_TIME}
            if is_visit and not naive.overlap(_pair(row.during), (start, start + timedelta(microseconds=1))):
                found.add(Reason.CLEANING_TIME)  # both are true where the start lies in the buffer of that visit
        if row.room_id and treatment.room_kind and naive.overlap(_pair(row.occupied), whole):
            found.add(Reason.NO_ROOM)
        if row.device_id and treatment.device_kind_id and naive.overlap(_pair(row.occupied), whole):
            found.add(Reason.NO_DEVICE)
    return found


def _of_the_rules(world, treatment, person, visit) -> set[Reason]:
    policy, start = policy_for(treatment), visit[0]
    around = [open_ for open_ in world.opening(person) if open_[0] <= visit[0] and visit[1] <= open_[1]]
    off = any(naive.overlap(visit, away) for away in world.away(person))
    is_between = bool(around) and all((start - opens) % policy.slot_step for opens, _ in around)
    checks = {
        Reason.PAST: start < NOW,
        Reason.TOO_SOON: NOW <= start < NOW + policy.minimum_notice,
        Reason.TOO_FAR_AHEAD: start >= NOW + policy.horizon,
        Reason.CLOSED: not around or off,
        Reason.TOO_LATE_IN_THE_DAY: bool(policy.last_start_at and clock.local(start).time() > policy.last_start_at),
        Reason.BETWEEN_STARTS: is_between,
        Reason.NOT_OFFERED: not person.offered.filter(treatment=treatment).exists(),
    }
    return {reason for reason, holds in checks.items() if holds}


def _standing():
    return Appointment.objects.filter(status__in=ACTIVE).exclude(status=Status.HELD, hold_expires_at__lte=NOW)


def _pair(during):
    return during.lower, during.upper

"""Anything the desk, patients and the clock may do, in any order, against real Postgres and a model in memory.

Hypothesis draws the steps; the model says for each whether it must succeed or which refusal it must meet; after each
step every row of visits and messages is compared. `HYPOTHESIS_STEPS=10000` walks further;
`HYPOTHESIS_SHRINK=1` takes the minutes to find the shortest walk that fails.
"""

from __future__ import annotations

import os
from datetime import date, datetime, time, timedelta
from hashlib import sha256
from types import SimpleNamespace

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from bookings.domain import booking, delivery
from bookings.domain.idempotency import Idempotency
from bookings.domain.patients import PatientDetails
from bookings.models import AgeRefusal, Appointment, Message, TimeOff, WorkingHours
from bookings.models.ranges import span
from clinic.catalogue.models import RoomKind
from clinic.core.clock import LONDON
from clinic.core.errors import DomainError
from clinic.core.models import ClinicSettings
from clinic.core.sending import Sent
from tests.bookings.clinic_model import LEGAL, MOST_VISITS, UTC, Care, ClinicModel, Person, Visit, day_of
from tests.bookings.domain import naive
from tests.factories.bookings import LocationFactory, OfferedTreatmentFactory, RoomFactory, WorkingHoursFactory
from tests.factories.clinic import PractitionerFactory, TreatmentFactory

STEPS = int(os.environ.get("HYPOTHESIS_STEPS", "2000"))
STEPS_EACH = 40
THURSDAYS = [date(2027, 3, 25), date(2027, 10, 28)]  # on the Sunday after, the clocks change
NURSES = ("Ada", "Bea", "Cleo")
PEOPLE = [
    Person(date(1990, 2, 28), ("email", "sms")),
    Person(date(1971, 6, 1), ("email",)),
    Person(date(2004, 1, 9), ("sms",)),
    Person(date(2009, 3, 27), ("email", "sms")),  # comes of age on the Saturday in March
]
OVERLAPS = """
SELECT count(*) FROM bookings_appointment a JOIN bookings_appointment b ON a.id < b.id AND (
    a.practitioner_id = b.practitioner_id AND a.occupied && b.occupied
    OR a.room_id = b.room_id AND a.occupied && b.occupied
    OR a.patient_id = b.patient_id AND a.during && b.during)
WHERE a.status NOT IN ('cancelled', 'no_show', 'expired') AND b.status NOT IN ('cancelled', 'no_show', 'expired')
"""

few = st.integers(0, 40)
times = st.tuples(
    st.sampled_from([3, 3, 1, 1, 2, 0, 4, 5, -1]),  # days from today; the third is the Sunday
    st.one_of(
        st.sampled_from(range(9 * 60, 12 * 60, 30)),
        st.sampled_from(range(9 * 60, 12 * 60 + 30, 15)),
        st.sampled_from([0, 30, 45, 60, 90, 105, 120, 180, 545, 8 * 60]),
    ),
    st.integers(0, 1),  # which of the two, where the wall clock shows a time twice
    st.sampled_from(["free", "as asked", "where a visit is", "free", "free"]),
    few,
)
nurses = st.sampled_from([None, 0, 1, 2])
cares = st.sampled_from(["consultation", "facial", "peel", "facial", "telephone"])
persons = st.sampled_from([0, 1, 2, 0, 1, 2, 3])
versions = st.sampled_from(["none", "none", "right", "stale"])
who_asks = st.booleans()


def build_clinic():
    """The rows every walk starts from."""
    ClinicSettings.objects.update_or_create(
        defaults={
            "slot_step_minutes": 15,
            "minimum_notice_hours": 2,
            "horizon_days": 5,
            "change_window_hours": 24,
            "hold_minutes": 10,
            "max_future_visits": MOST_VISITS,
        }
    )
    location = LocationFactory()
    rooms = [RoomFactory(location=location, kind=RoomKind.TREATMENT_ROOM) for _ in range(2)]
    nurses = [PractitionerFactory(name=name) for name in NURSES]
    rows = {
        "consultation": TreatmentFactory(kind="consultation", buffer_after_minutes=10, change_window_hours=3),
        "facial": TreatmentFactory(
            duration_minutes=45, buffer_before_minutes=5, buffer_after_minutes=5, room_kind=RoomKind.TREATMENT_ROOM
        ),
        "peel": TreatmentFactory(requires_consultation=True, reflection_hours=3, minimum_notice_hours=0),
        "telephone": TreatmentFactory(is_bookable_online=False),
    }
    own = {"consultation": {0: None, 1: None}, "facial": {0: None, 1: 60, 2: None}, "peel": {0: None, 1: None}}
    for name, minutes in {**own, "telephone": {0: None}}.items():
        for nurse, taken in minutes.items():
            OfferedTreatmentFactory(practitioner=nurses[nurse], treatment=rows[name], duration_minutes=taken)
    for nurse, (opens, closes) in enumerate([(9, 16), (10, 13), (9, 11)]):
        for weekday in range(1, 8):
            WorkingHoursFactory(
                practitioner=nurses[nurse],
                location=location,
                weekday=weekday,
                starts_at=time(opens),
                ends_at=time(closes),
            )
    WorkingHoursFactory(
        practitioner=nurses[0], location=location, weekday=7, starts_at=time(0, 30), ends_at=time(4)
    )  # through both clock changes
    minute = timedelta(minutes=1)
    models = {
        "consultation": Care(
            rows["consultation"].pk, {0: 30, 1: 30}, after=10 * minute, is_consultation=True, changes=180 * minute
        ),
        "facial": Care(
            rows["facial"].pk, {0: 45, 1: 60, 2: 45}, usual=45, before=5 * minute, after=5 * minute, needs_room=True
        ),
        "peel": Care(rows["peel"].pk, {0: 30, 1: 30}, reflection=180 * minute, notice=0 * minute),
        "telephone": Care(rows["telephone"].pk, {0: 30}, is_online=False),
    }
    return SimpleNamespace(location=location, rooms=rooms, nurses=nurses, treatments=rows, cares=models)


ACTS: list[tuple[int, str, st.SearchStrategy]] = []


def act(weight, **choices):
    """One thing that may happen, `weight` times as often as others; what it chooses is drawn with it."""

    def remember(method):
        ACTS.append((weight, method.__name__, st.fixed_dictionaries(choices)))
        return method

    return remember


def any_act():
    """Not one Hypothesis rule for each act: it would leave out whole kinds of them from most walks."""
    acts = [st.tuples(st.just(name), choices) for weight, name, choices in ACTS for _ in range(weight)]
    return st.integers(0, len(acts) - 1).flatmap(acts.__getitem__)


class Clinic(RuleBasedStateMachine):
    rows: SimpleNamespace  # set by the test
    steps = 0
    outcomes: dict[str, int]

    def __init__(self):
        super().__init__()
        self.walk = transaction.atomic()
        self.walk.__enter__()
        self.persons: dict[int, int] = {}
        self.keyed: list[tuple] = []
        self.sent_ids: list = []

    def teardown(self):
        transaction.set_rollback(True)
        self.walk.__exit__(None, None, None)

    @initialize(thursday=st.sampled_from(THURSDAYS))
    def open(self, thursday):
        numbers = {nurse.pk: index for index, nurse in enumerate(self.rows.nurses)}
        names = ("pk", "weekday", "starts_at", "ends_at", "valid_from", "valid_until", "every_weeks")
        hours = [
            SimpleNamespace(nurse=numbers[row.practitioner_id], **{name: getattr(row, name) for name in names})
            for row in WorkingHours.objects.all()
        ]
        self.model = ClinicModel(
            now=datetime.combine(thursday, time(7), tzinfo=LONDON).astimezone(UTC),
            nurses=[0, 1, 2],
            rooms=[room.pk for room in self.rows.rooms],
            people=PEOPLE,
            hours=hours,
        )

    # Helpers

    @property
    def now(self):
        return self.model.now

    def moment(self, when, care=None, nurse=None):
        days, minutes, fold, aim, number = when
        day = day_of(self.now) + timedelta(days=days)
        if aim == "where a visit is" and self.model.visits:
            return self.pick(number, ["no_show", "held", "cancelled"] if number % 2 else None).starts
        if aim == "free" and care:
            free = sorted(self.model.free_with(0 if nurse is None else nurse, care, day))
            if free:
                return free[number % len(free)]
        return (
            datetime.combine(day, time(minutes // 60, minutes % 60), tzinfo=LONDON).replace(fold=fold).astimezone(UTC)
        )

    def nurse(self, number):
        return None if number is None else self.rows.nurses[number]

    def details(self, person):
        both = {("email", "sms"): "both"}
        return PatientDetails(
            full_name=f"Sam Lee {person}",
            email=f"sam{person}@example.com",
            phone="+447700900123",
            date_of_birth=PEOPLE[person].born,
            contact_by=both.get(PEOPLE[person].channels, PEOPLE[person].channels[0]),
        )

    def pick(self, number, statuses=None):
        found = [visit for visit in self.model.visits if statuses is None or visit.status in statuses]
        found = found or self.model.visits
        return found[number % len(found)] if found else None

    def row(self, visit):
        return Appointment.objects.with_details().get(pk=visit.pk)

    def version(self, visit, kind):
        return {"none": None, "right": visit.version, "stale": visit.version + 1}[kind]

    def attempt(self, expected, call):
        """Do it; None if it was refused as the model foresaw."""
        refusals = expected if isinstance(expected, tuple) else (expected,)
        refusals = tuple(one for one in refusals if isinstance(one, type))
        name = call.__qualname__.split(".")[1]
        try:
            done = call()
        except DomainError as raised:
            met = raised
        else:
            met = None
        assert type(met) in (refusals or {type(None)}), f"{met!r} where the model foresaw {expected}"
        if met:
            self.count(f"{name}: {type(met).__name__}")
            return None
        self.count(f"{name}: done")
        return done

    def count(self, what):
        self.outcomes[what] = self.outcomes.get(what, 0) + 1

    def put(self, visit, place, starts):
        visit.nurse, visit.ends, visit.room = place
        visit.starts = starts
        self.model.clear_dead_holds(visit)

    def lies_in_open_hours(self, visit):
        opening = self.model.opening(visit.nurse, day_of(visit.starts))
        assert any(opens <= visit.starts and visit.ends <= closes for opens, closes in opening)
        mine = [off for who, off in self.model.off if who in {visit.nurse, None}]
        assert not any(naive.overlap(visit.during, off) for off in mine)

    # Booking

    @act(3, care=cares, nurse=nurses, when=times, former=few, gives_up=st.booleans())
    def hold(self, *, care, nurse, when, former, gives_up):
        held = [visit for visit in self.model.visits if visit.status == "held"]
        giving_up = held[former % len(held)] if held and gives_up else None
        model = self.rows.cares[care]
        starts = self.moment(when, model, nurse)
        place = self.model.new(model, nurse, starts, giving_up=giving_up)
        made = self.attempt(
            place,
            lambda: booking.hold(
                treatment=self.rows.treatments[care],
                practitioner=self.nurse(nurse),
                starts_at=starts,
                now=self.now,
                instead_of=self.row(giving_up) if giving_up else None,
            ),
        )
        if made is None:
            return
        if giving_up:
            giving_up.status = "expired"
        visit = Visit(made.pk, model, place[0], starts, *place[1:], hold_until=self.now + timedelta(minutes=10))
        self.model.visits.append(visit)
        self.model.clear_dead_holds(visit)
        self.lies_in_open_hours(visit)

    @act(1, which=few, all_at_once=st.booleans())
    def renew_or_release(self, *, which, all_at_once):
        dead = [visit for visit in self.model.visits if visit.is_dead(self.now)]
        if all_at_once:
            assert booking.release_dead_holds(self.now) == len(dead)
        else:
            visit = self.pick(which, ["held", "expired"])
            if visit is None:
                return
            booking.renew(hold=self.row(visit), now=self.now)
            dead = [visit] if visit in dead else []
            if visit.status == "held":
                visit.hold_until = self.now + timedelta(minutes=10)
        for visit in dead:
            visit.status = "expired"

    @act(3, which=few, person=persons, again=st.booleans())
    def confirm(self, *, which, person, again):
        visit = self.pick(which, None if again else ["held", "expired"])
        if visit is None:
            return
        was_live = visit.stands(self.now)
        place = self.model.confirm(visit, person)
        done = self.attempt(
            place, lambda: booking.confirm(hold=self.row(visit), details=self.details(person), now=self.now)
        )
        if done is None or place is visit:
            return
        visit.status, visit.person, visit.hold_until = "booked", person, None
        self.put(visit, place, visit.starts)
        self.model.tell_booked(visit)
        if not was_live:
            self.lies_in_open_hours(visit)

    @act(
        5,
        care=cares,
        nurse=nurses,
        when=times,
        person=persons,
        by_staff=who_asks,
        key=st.sampled_from([None, None, None, "a", "b"]),
    )
    def book(self, *, care, nurse, when, person, by_staff, key):
        self._book((care, nurse, self.moment(when, self.rows.cares[care], nurse), person, by_staff, key))

    @act(1, which=few, other_key=st.booleans())
    def book_again(self, *, which, other_key):
        if self.keyed:
            request = self.keyed[which % len(self.keyed)]
            self._book((*request[:-1], "c") if other_key else request)

    def _book(self, request):
        care, nurse, starts, person, by_staff, key = request
        model, digest = self.rows.cares[care], sha256(repr(request[:-1]).encode()).digest()
        place = self.model.keyed(key, digest) or self.model.new(model, nurse, starts, person=person, by_staff=by_staff)
        made = self.attempt(
            place,
            lambda: booking.book(
                treatment=self.rows.treatments[care],
                practitioner=self.nurse(nurse),
                starts_at=starts,
                details=self.details(person),
                now=self.now,
                by_staff=by_staff,
                idempotency=Idempotency(key, digest) if key else None,
            ),
        )
        if made is None:
            return
        if isinstance(place, Visit):
            assert made.pk == place.pk
            return
        visit = Visit(made.pk, model, place[0], starts, *place[1:], status="booked", person=person)
        self.model.visits.append(visit)
        self.model.clear_dead_holds(visit)
        self.model.tell_booked(visit)
        if key:
            self.model.keys[key] = digest, visit
            self.keyed.append(request)
        if not by_staff:
            self.lies_in_open_hours(visit)

    # Changing

    @act(
        4,
        which=few,
        when=times,
        nurse=nurses,
        by_staff=who_asks,
        version=versions,
        same=st.sampled_from([0, 0, 0, 1, 2]),
    )
    def move(self, *, which, when, nurse, by_staff, version, same):
        visit = self.pick(which, ["booked", "confirmed"] if which % 5 else None)
        if visit is None:
            return
        to = visit.nurse if nurse is None else nurse
        starts, version = self.moment(when, visit.care, to), self.version(visit, version)
        if same:  # where it is, or back to where the patient was last told
            starts, nurse = (visit.told if same == 2 and visit.told else None) or (visit.starts, visit.nurse)
        place = self.model.move(visit, starts, nurse, by_staff=by_staff, version=version)
        moved = self.attempt(
            place,
            lambda: booking.move(
                appointment=self.row(visit),
                starts_at=starts,
                now=self.now,
                practitioner=self.nurse(nurse),
                by_staff=by_staff,
                version=version,
            ),
        )
        if moved is None or place is visit:
            return
        visit.status, visit.version = "booked", visit.version + 1
        self.put(visit, place, starts)
        self.model.tell_moved(visit, by_staff=by_staff)
        if not by_staff:
            self.lies_in_open_hours(visit)

    @act(2, which=few, by_staff=who_asks, version=versions)
    def cancel(self, *, which, by_staff, version):
        visit = self.pick(which)
        if visit is None:
            return
        version = self.version(visit, version)
        expected = self.model.cancel(visit, by_staff=by_staff, version=version)
        done = self.attempt(
            expected,
            lambda: booking.cancel(appointment=self.row(visit), now=self.now, by_staff=by_staff, version=version),
        )
        if done is None or expected is visit:
            return
        assert done.was_cancelled_late is (self.now > visit.starts - visit.care.changes)
        visit.status, visit.version = "cancelled", visit.version + 1
        self.model.tell_cancelled(visit, by_staff=by_staff)

    @act(3, which=few, status=st.sampled_from(sorted(LEGAL)), legal=few, version=versions)
    def change_status(self, *, which, status, legal, version):
        visit = self.pick(which, None if which % 4 == 0 else [status for status, to in LEGAL.items() if to])
        if visit is None:
            return
        if legal % 4 and LEGAL[visit.status]:
            status = LEGAL[visit.status][legal % len(LEGAL[visit.status])]
        elif legal % 4:
            status = "booked"
        version = self.version(visit, version)
        expected = self.model.become(visit, status, version=version)
        done = self.attempt(
            expected,
            lambda: booking.change_status(appointment=self.row(visit), status=status, now=self.now, version=version),
        )
        if done is None or expected is visit:
            return
        if visit.status == "no_show":
            self.model.clear_dead_holds(visit)
        visit.status, visit.version = status, visit.version + 1

    # What takes several steps to come about, each checked as above

    @act(3, when=times, then=st.sampled_from(["confirm", "renew", "day off", "any nurse"]), person=persons, nurse=few)
    def let_a_hold_run_out(self, *, when, then, person, nurse):
        care, nurse = ["consultation", "facial"][nurse % 2], nurse % 2
        known = len(self.model.visits)
        self.hold(care=care, nurse=nurse, when=(*when[:3], "free", when[4]), former=0, gives_up=False)
        if len(self.model.visits) == known:
            return
        held = self.model.visits[-1]
        self.time_passes(minutes=11)
        if then == "any nurse":  # who has the least booked: a dead hold does not count
            later = (day_of(held.starts) - day_of(self.now)).days, 11 * 60, 0, "as asked", 0
            self._book(("facial", None, self.moment(later), person, True, None))
            return
        if then == "day off" and len(self.model.off) < 3:
            TimeOff.objects.create(practitioner=self.nurse(nurse), during=span(held.starts, held.ends))
            self.model.off.append((nurse, held.during))
        if then == "renew":
            self.renew_or_release(
                which=[v for v in self.model.visits if v.person is None].index(held), all_at_once=False
            )
        self.confirm(which=self.model.visits.index(held), person=person, again=True)

    @act(1, which=few, dead=st.booleans())
    def miss_a_visit_and_come_after_all(self, *, which, dead):
        visit = self.pick(which, ["booked", "confirmed"])
        if visit is None or visit.status not in {"booked", "confirmed"}:
            return
        self._become(visit, "no_show")
        name = next(name for name, care in self.rows.cares.items() if care is visit.care)
        day = (day_of(visit.starts) - day_of(self.now)).days
        wall = visit.starts.astimezone(LONDON)
        self.hold(
            care=name,
            nurse=visit.nurse,
            when=(day, wall.hour * 60 + wall.minute, wall.fold, "as asked", 0),
            former=0,
            gives_up=False,
        )
        if dead:
            self.time_passes(minutes=11)
        self._become(visit, "booked")

    @act(1, person=st.sampled_from([0, 1, 2]), later=few, sooner=few)
    def treat_soon_after_a_consultation(self, *, person, later, sooner):
        known = len(self.model.visits)
        self._book(("consultation", 0, self.moment((0, 13 * 60, 0, "as asked", 0)), person, True, None))
        if len(self.model.visits) == known:
            return
        for status in ("arrived", "in_progress", "completed"):
            self._become(self.model.visits[known], status)
        peel = self.rows.cares["peel"]
        self._book(("peel", 0, self.moment((3, 0, 0, "free", later), peel, 0), person, False, None))
        if len(self.model.visits) == known + 1:
            return
        self.move(
            which=5 * (known + 1), when=(0, 14 * 60 + 15 * (sooner % 8), 0, "as asked", 0), nurse=0, by_staff=False,
            version="none", same=0,
        )  # fmt: skip

    def _become(self, visit, status):
        expected = self.model.become(visit, status, version=None)
        done = self.attempt(
            expected, lambda: booking.change_status(appointment=self.row(visit), status=status, now=self.now)
        )
        if done is None or expected is visit:
            return
        if visit.status == "no_show":
            self.model.clear_dead_holds(visit)
        visit.status, visit.version = status, visit.version + 1

    # The clinic, the clock and the loops

    @act(1, which=few, nurse=nurses, when=times, minutes=st.sampled_from([30, 60, 24 * 60]), end=st.booleans())
    def time_off(self, *, which, nurse, when, minutes, end):
        if self.model.off and (end or len(self.model.off) > 2):
            nurse, (starts, ends) = self.model.off.pop(which % len(self.model.off))
            row = TimeOff.objects.filter(practitioner=self.nurse(nurse), during=span(starts, ends)).first()
            assert row is not None
            row.delete()
            return
        starts = self.moment(when)
        ends = starts + timedelta(minutes=minutes)
        TimeOff.objects.create(practitioner=self.nurse(nurse), during=span(starts, ends))
        self.model.off.append((nurse, (starts, ends)))

    @act(1, which=few, opens=st.sampled_from([(8, 0), (9, 30), (10, 5)]), closes=st.integers(11, 14))
    def change_hours(self, *, which, opens, closes):
        row = self.model.hours[which % len(self.model.hours)]
        row.starts_at, row.ends_at = time(*opens), time(closes)
        WorkingHours.objects.filter(pk=row.pk).update(starts_at=row.starts_at, ends_at=row.ends_at)

    @act(2, minutes=st.sampled_from([1, 3, 5, 11, 60, 240, 13 * 60, 24 * 60]))
    def time_passes(self, *, minutes):
        self.model.now += timedelta(minutes=minutes)

    @act(2)
    def send_messages(self):
        sent = []

        def send(message, at):
            sent.append(message)
            return Sent("subject", "text")

        expected = self.model.send_due()
        delivery.run_once(now=self.now, send=send)
        assert {message.key for message in sent} == expected
        self.sent_ids += [message.pk for message in sent]
        assert len(set(self.sent_ids)) == len(self.sent_ids), "a message went out twice"

    @rule(chosen=any_act())
    def step(self, chosen):
        name, choices = chosen
        getattr(self, name)(**choices)

    # After every step

    @invariant()
    def all_is_as_foreseen(self):
        type(self).steps += 1
        self.nothing_is_in_two_places()
        self.every_visit_is_as_foreseen()
        self.every_message_is_as_foreseen()

    def nothing_is_in_two_places(self):
        with connection.cursor() as cursor:
            cursor.execute(OVERLAPS)
            assert cursor.fetchone() == (0,)

    def every_visit_is_as_foreseen(self):
        numbers = {nurse.pk: index for index, nurse in enumerate(self.rows.nurses)}
        found = {}
        names = ("pk", "status", "practitioner_id", "during", "occupied", "room_id", "patient__full_name")
        rows = Appointment.objects.order_by().values_list(*names, "hold_expires_at", "version")
        for pk, status, nurse, during, occupied, room, name, hold_until, version in rows:
            found[pk] = (
                status, numbers[nurse], during.lower, during.upper, room, int(name[-1]) if name else None,
                hold_until if status == "held" else None, version, (occupied.lower, occupied.upper),
            )  # fmt: skip
        assert found == {
            visit.pk: (
                visit.status, visit.nurse, visit.starts, visit.ends, visit.room, visit.person,
                visit.hold_until if visit.status == "held" else None, visit.version, visit.occupied,
            )
            for visit in self.model.visits
        }  # fmt: skip
        assert AgeRefusal.objects.count() == self.model.refused_for_age

    def every_message_is_as_foreseen(self):
        names = ("key", "kind", "channel", "due_at", "expires_at", "state")
        found = {row[0]: row[1:] for row in Message.objects.values_list(*names)}
        assert found == {
            key: (note.kind, note.channel, note.due, note.expires, note.state) for key, note in self.model.notes.items()
        }
        for note in self.model.notes.values():
            if note.state == "planned":
                assert note.due < note.expires == note.visit.starts, "a message tells of a time that is no more"
                assert (note.kind == "cancelled") is (note.visit.status == "cancelled")


@pytest.mark.django_db
@pytest.mark.timeout(0 if STEPS > 2000 else 180)
def test_any_walk_through_the_clinic_ends_as_the_rules_say(monkeypatch):
    monkeypatch.setattr("bookings.domain.locking.time.sleep", lambda seconds: None)
    Clinic.rows, Clinic.steps, Clinic.outcomes = build_clinic(), 0, {}
    run_state_machine_as_test(
        Clinic,
        settings=settings(
            max_examples=STEPS * 5 // 4 // STEPS_EACH,  # some walks end early
            stateful_step_count=STEPS_EACH,
            deadline=None,
            database=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate, *([Phase.shrink] if "HYPOTHESIS_SHRINK" in os.environ else [])],
        ),
    )
    print(f"{Clinic.steps} steps", *sorted(f"{what} {times}" for what, times in Clinic.outcomes.items()), sep="\n  ")
    assert Clinic.steps >= STEPS

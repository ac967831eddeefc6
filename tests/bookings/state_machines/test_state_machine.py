"""Anything the desk, patients and the clock may do, in any order, against real Postgres and a model in memory.

Hypothesis draws the steps; the model says for each whether it must succeed or which refusal it must meet; after each
step every row of visits, messages and posts is compared, and no two visits may share anybody or anything.

`make bench ONLY=clinic-walks` walks further, as `HYPOTHESIS_STEPS=100000` does; `HYPOTHESIS_SEED=7` walks as a run did that printed it;
`HYPOTHESIS_SHRINK=1` takes the minutes to find the shortest walk that fails.
"""

from __future__ import annotations

import os
import secrets
from datetime import date, datetime, time, timedelta
from hashlib import sha256
from types import SimpleNamespace

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from bookings.engine import booking, changes
from bookings.engine import status_changes as steps
from bookings.engine.eligibility import PatientDetails
from bookings.engine.idempotency import Idempotency
from bookings.engine.series import follow_ups, together
from bookings.messages.delivery import loop as delivery
from bookings.messages.models import Message
from bookings.timetable.models import Device, ExtraHours, OpenedHoliday, RegularTimeOff, TimeOff, WorkingHours
from bookings.timetable.ranges import span
from bookings.visits.models import Appointment, BookingSettings
from bookings.visits.refusals import IllegalMove, NotBookable, SlotTaken
from bookings.waiting_list import answers, lapsing, offers
from bookings.waiting_list import entries as waiting
from bookings.waiting_list.models import WaitingEntry
from bookings.waiting_list.offers import MOST_AT_AN_ADDRESS
from clinic.core.clock import LONDON
from clinic.core.errors import DomainError
from clinic.sending.outcomes import Sent
from tests.bookings.engine.availability import naive
from tests.bookings.state_machines.clinic_model import (
    AFTER,
    COMING,
    LEGAL,
    STANDING,
    UTC,
    ClinicModel,
    Entry,
    Offer,
    Person,
    Visit,
    day_of,
)
from tests.bookings.state_machines.clinic_rows import build_clinic, foreseen, found, illegal_changes, prepare_check

STEPS = int(os.environ.get("HYPOTHESIS_STEPS", "600"))  # `make bench ONLY=clinic-walks` takes 10,000
WALKERS = 2
ALWAYS = {
    *(
        f"{act}: done"
        for act in ("hold", "confirm", "_book", "_book_series", "book_follow_up", "move", "cancel", "restore")
    ),
    *("_become: done", "join: done", "take: done", "sweep: offers 1", "messages sent", "device: out of service"),
}
STEPS_EACH = 40
SETTINGS = settings(
    max_examples=8,
    stateful_step_count=STEPS_EACH,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate, *([Phase.shrink] if "HYPOTHESIS_SHRINK" in os.environ else [])],
)
THURSDAYS = [date(2027, 3, 25), date(2027, 10, 28)]  # on the Sunday after, the clocks change
PEOPLE = [
    Person(date(1990, 2, 28), ("email", "sms")),
    Person(date(1971, 6, 1), ("email",)),
    Person(date(2004, 1, 9), ("sms",)),
    Person(date(2009, 3, 27), ("email", "sms")),  # comes of age on the Saturday in March
]
HOLIDAYS = [date(2027, 3, 26), date(2027, 3, 29)]  # Good Friday and Easter Monday

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
cares = st.sampled_from(
    ["consultation", "facial", "peel", "facial", "telephone", "laser", "laser", "review", "welcome", "top-up"]
)
persons = st.sampled_from([0, 1, 2, 0, 1, 2, 3])
versions = st.sampled_from(["none", "none", "right", "stale"])
who_asks = st.booleans()
keys = st.sampled_from([None, None, None, "a", "b"])
pauses = st.tuples(
    st.sampled_from([4, 5, 6, 7, 1]), st.sampled_from([(9, 30), (11, 0), (12, 15), (0, 45)]), st.sampled_from([30, 120])
)
ANY_TIME = {"weekdays": range(1, 8), "parts": ["morning", "afternoon", "evening"]}

ACTS: list[tuple[int, str, st.SearchStrategy]] = []
OF_SEVERAL_STEPS: set[str] = set()


def act(weight, *, of_several_steps=False, **choices):
    """One thing that may happen, `weight` times as often as others; what it chooses is drawn with it."""

    def remember(method):
        ACTS.append((weight, method.__name__, st.fixed_dictionaries(choices)))
        if of_several_steps:
            OF_SEVERAL_STEPS.add(method.__name__)
        return method

    return remember


def any_act():
    """Not one Hypothesis rule for each act: it would leave out whole kinds of them from most walks."""
    acts = [st.tuples(st.just(name), choices) for weight, name, choices in ACTS for _ in range(weight)]
    return st.integers(0, len(acts) - 1).flatmap(acts.__getitem__)


class Clinic(RuleBasedStateMachine):
    """One walk. What the class carries is of the whole run: the test makes a class for each."""

    rows: SimpleNamespace
    steps = 0
    outcomes: dict[str, int]
    months: set[int]

    def __init__(self):
        super().__init__()
        self.walk = transaction.atomic()
        self.walk.__enter__()
        self.keyed: list[tuple] = []
        self.sent_ids: list = []
        self.is_broken = False

    def teardown(self):
        try:
            if not self.is_broken:
                assert not illegal_changes()
        finally:
            transaction.set_rollback(True)
            self.walk.__exit__(None, None, None)

    @initialize(
        thursday=st.sampled_from(THURSDAYS),
        avoids_gaps=st.sampled_from([False, False, True]),
        closes_on_holidays=st.booleans(),
    )
    def open(self, thursday, avoids_gaps, closes_on_holidays):
        BookingSettings.objects.update(avoids_short_gaps=avoids_gaps, closes_on_public_holidays=closes_on_holidays)
        type(self).months.add(thursday.month)
        self.count("walks")
        self.model = ClinicModel(
            now=datetime.combine(thursday, time(7), tzinfo=LONDON).astimezone(UTC),
            nurses=[0, 1, 2],
            rooms=[room.pk for room in self.rows.rooms],
            devices={device.pk: True for device in self.rows.devices},
            people=PEOPLE,
            hours=[self.weekly(row, self.rows.numbers[row.practitioner_id]) for row in self.rows.hours],
            care_of_all=list(self.rows.cares.values()),
            avoids_gaps=avoids_gaps,
            closes_on_holidays=closes_on_holidays,
        )

    def do(self, method, **choices):
        """One step, and all it must lead to. What finds nothing to do is none."""
        try:
            if method(**choices) is not False:
                type(self).steps += 1
                assert found() == foreseen(self.model, self.rows.nurses)
                self.open_offers_are_kept()
        except BaseException:
            self.is_broken = True
            raise

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

    def pick(self, number, statuses=None, of=None):
        found = [visit for visit in self.model.visits if statuses is None or visit.status in statuses]
        found = [visit for visit in found if of is None or visit.care is self.rows.cares[of]] or found
        found = found or self.model.visits
        return found[number % len(found)] if found else None

    def row(self, visit):
        """What a view would have loaded; the engine looks again, under its lock."""
        return Appointment(
            pk=visit.pk,
            status=visit.status,
            treatment=self.rows.by_pk[visit.care.pk],
            practitioner=self.rows.nurses[visit.nurse],
            location=self.rows.location,
            during=span(visit.starts, visit.ends),
        )

    def weekly(self, row, nurse):
        names = ("pk", "weekday", "starts_at", "ends_at", "valid_from", "valid_until", "every_weeks")
        return SimpleNamespace(nurse=nurse, **{name: getattr(row, name) for name in names})

    def care_of(self, visit):
        return next(name for name, care in self.rows.cares.items() if care is visit.care)

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
        visit.nurse, visit.ends, visit.room, visit.device = place
        visit.starts = starts
        self.model.clear_dead_holds(visit)

    def lies_in_open_hours(self, visit):
        opening = self.model.opening(visit.nurse, day_of(visit.starts))
        assert any(opens <= visit.starts and visit.ends <= closes for opens, closes in opening)
        assert not any(
            naive.overlap(visit.during, off) for off in self.model.time_off(visit.nurse, day_of(visit.starts))
        )

    def stand(self, made, care, place, starts, *, by_staff=False, is_of_course=False, **known):
        """What was made now stands in the model too."""
        visit = Visit(made.pk, care, place[0], starts, *place[1:], made_at=made.created_at, **known)
        self.model.visits.append(visit)
        self.model.clear_dead_holds(visit)
        if visit.person is not None:
            self.model.tell_booked(visit, by_staff=by_staff, is_of_course=is_of_course)
        return visit

    # Booking

    @act(3, care=cares, nurse=nurses, when=times, former=few, gives_up=st.booleans())
    def hold(self, *, care, nurse, when, former, gives_up):
        held = [visit for visit in self.model.visits if visit.status == "held" and not visit.is_offered]
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
        self.lies_in_open_hours(self.stand(made, model, place, starts, hold_until=self.now + timedelta(minutes=10)))

    @act(1, which=few, all_at_once=st.booleans())
    def renew_or_release(self, *, which, all_at_once):
        dead = [visit for visit in self.model.visits if visit.is_dead(self.now)]
        if all_at_once:
            assert booking.release_dead_holds(self.now) == len(dead)
        else:
            visit = self.pick(which, ["held", "expired"])
            if visit is None or visit.is_offered:
                return False
            booking.renew(hold=self.row(visit), now=self.now)
            dead = [visit] if visit in dead else []
            if visit.status == "held":
                visit.hold_until = self.now + timedelta(minutes=10)
        for visit in dead:
            visit.status = "expired"
        return True

    @act(3, which=few, person=persons, again=st.booleans())
    def confirm(self, *, which, person, again):
        visit = self.pick(which, None if again else ["held", "expired"])
        if visit is None or (visit.is_offered and visit.person is None):
            return False
        was_live = visit.stands(self.now)
        place = self.model.confirm(visit, person)
        done = self.attempt(
            place, lambda: booking.confirm(hold=self.row(visit), details=self.details(person), now=self.now)
        )
        if done is None or place is visit:
            return None
        visit.status, visit.person, visit.hold_until = "booked", person, None
        self.put(visit, place, visit.starts)
        self.model.tell_booked(visit)
        if not was_live:
            self.lies_in_open_hours(visit)
        return None

    @act(
        5,
        care=cares,
        nurse=nurses,
        when=times,
        person=persons,
        by_staff=who_asks,
        key=keys,
    )
    def book(self, *, care, nurse, when, person, by_staff, key):
        self._book((care, nurse, self.moment(when, self.rows.cares[care], nurse), person, by_staff, key))

    @act(1, which=few, other_key=st.booleans())
    def book_again(self, *, which, other_key):
        if not self.keyed:
            return False
        book, request = self.keyed[which % len(self.keyed)]
        return book((*request[:-1], "c") if other_key else request)

    def _book(self, request):
        care, nurse, starts, person, by_staff, key = request
        model, digest = self.rows.cares[care], sha256(repr(request[:-1]).encode()).digest()
        known = self.model.keyed(key, digest)
        place = known or self.model.new(model, nurse, starts, person=person, by_staff=by_staff)
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
        if known:
            assert made.pk == known[0].pk
            return
        visit = self.stand(made, model, place, starts, status="booked", person=person, by_staff=by_staff)
        if key:
            self.model.keys[key] = digest, [visit]
            self.keyed.append((self._book, request))
        if not by_staff:
            self.lies_in_open_hours(visit)

    @act(
        2,
        care=cares,
        nurse=nurses,
        whens=st.lists(times, min_size=1, max_size=3),
        person=persons,
        by_staff=who_asks,
        key=keys,
    )
    def book_series(self, *, care, nurse, whens, person, by_staff, key):
        starts = tuple(self.moment(when, self.rows.cares[care], nurse) for when in whens)
        self._book_series((care, nurse, starts, person, by_staff, key))

    def _book_series(self, request):
        care, nurse, starts, person, by_staff, key = request
        model, digest = self.rows.cares[care], sha256(repr(request[:-1]).encode()).digest()
        ordered, known = sorted(set(starts)), self.model.keyed(key, digest)
        places = known or self.model.series(model, nurse, ordered, person, by_staff=by_staff)
        made = self.attempt(
            places,
            lambda: together.book_series(
                treatment=self.rows.treatments[care],
                practitioner=self.nurse(nurse),
                starts=list(starts),
                details=self.details(person),
                now=self.now,
                by_staff=by_staff,
                idempotency=Idempotency(key, digest) if key else None,
            ),
        )
        if made is None:
            return
        if known:
            assert [row.pk for row in made] == [visit.pk for visit in sorted(known, key=lambda visit: visit.starts)]
            return
        assert len({row.series for row in made}) == 1
        visits = [
            self.stand(row, model, place, start, status="booked", person=person, by_staff=by_staff, is_of_course=True)
            for row, place, start in zip(made, places, ordered, strict=True)
        ]
        if not by_staff:
            self.model.tell_course(visits)
        if key:
            self.model.keys[key] = digest, visits
            self.keyed.append((self._book_series, request))
        if not by_staff:
            for visit in visits:
                self.lies_in_open_hours(visit)

    @act(2, which=few, when=times, nurse=nurses, as_offered=st.booleans())
    def book_follow_up(self, *, which, when, nurse, as_offered):
        visit = self.pick(which, STANDING if which % 5 else None, of="facial" if which % 3 else None)
        if visit is None:
            return False
        to, care = visit.nurse if nurse is None else nurse, self.rows.cares["review"]
        row, starts = Appointment.objects.with_details().get(pk=visit.pk), self.moment(when, care, to)
        if as_offered and visit.care.follow_up and (slots := self.offered_to_follow(visit, row)):
            starts, to, nurse = slots[when[-1] % len(slots)].starts_at, visit.nurse, None
        leads_on = visit.care.follow_up and visit.status in STANDING
        already = self.model.follow_up_of(visit) if leads_on else None
        place = already or NotBookable
        if leads_on and not already:
            place = self.model.new(care, to, starts, person=visit.person, follows=visit.pk)
        made = self.attempt(
            place,
            lambda: follow_ups.book_follow_up(
                visit=row, starts_at=starts, now=self.now, practitioner=self.nurse(nurse)
            ),
        )
        if made is None:
            return None
        if already:
            assert made.pk == already.pk
            return None
        own = {"status": "booked", "person": visit.person, "follows": visit.pk}
        self.lies_in_open_hours(self.stand(made, care, place, starts, **own))
        return None

    def offered_to_follow(self, visit, row):
        """The times offered, as far ahead as can be booked, are those free with the same nurse, and for the patient."""
        slots = follow_ups.follow_up_slots(row, self.now)
        first = max(day_of(self.now), follow_ups.follow_up_from(row))
        days = naive.days_between(first, day_of(self.now) + timedelta(days=5))
        review = self.rows.cares["review"]
        own = [] if visit.person is None else self.model.spans_of(visit.person)  # a time that is only held is nobody's
        length = timedelta(minutes=review.minutes.get(visit.nurse, review.usual))
        free = set().union(*(self.model.free_with(visit.nurse, review, day) for day in days))
        suits = [at for at in free if not any(naive.overlap((at, at + length), during) for during in own)]
        assert [slot.starts_at for slot in slots] == sorted(suits)
        return slots

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
            return False
        to = visit.nurse if nurse is None else nurse
        starts, version = self.moment(when, visit.care, to), self.version(visit, version)
        if same:  # where it is, or back to where the patient was last told
            starts, nurse = (visit.told if same == 2 and visit.told else None) or (visit.starts, visit.nurse)
        place = self.model.move(visit, starts, nurse, by_staff=by_staff, version=version)
        moved = self.attempt(
            place,
            lambda: changes.move(
                appointment=self.row(visit),
                starts_at=starts,
                now=self.now,
                practitioner=self.nurse(nurse),
                by_staff=by_staff,
                version=version,
            ),
        )
        if moved is None or place is visit:
            return None
        visit.status, visit.version = "booked", visit.version + 1
        self.put(visit, place, starts)
        self.model.tell_moved(visit, by_staff=by_staff)
        if not by_staff:
            self.lies_in_open_hours(visit)
        return None

    @act(2, which=few, by_staff=who_asks, version=versions)
    def cancel(self, *, which, by_staff, version):
        visit = self.pick(which)
        if visit is None:
            return False
        version = self.version(visit, version)
        expected = self.model.cancel(visit, by_staff=by_staff, version=version)
        done = self.attempt(
            expected,
            lambda: changes.cancel(appointment=self.row(visit), now=self.now, by_staff=by_staff, version=version),
        )
        if done is None or expected is visit:
            return None
        assert done.was_cancelled_late is (self.now > visit.starts - visit.care.changes)
        visit.status, visit.version = "cancelled", visit.version + 1
        self.model.tell_cancelled(visit, by_staff=by_staff)
        return None

    @act(2, which=few, version=versions)
    def restore(self, *, which, version):
        visit = self.pick(which, ["cancelled"] if which % 5 else None)
        if visit is None:
            return False
        version = self.version(visit, version)
        place = self.model.restore(visit, version=version)
        done = self.attempt(place, lambda: changes.restore(appointment=self.row(visit), now=self.now, version=version))
        if done is None or place is visit:
            return None
        assert not done.was_cancelled_late
        visit.status, visit.version = "booked", visit.version + 1
        self.put(visit, place, visit.starts)
        self.model.tell_restored(visit)
        return None

    @act(3, which=few, status=st.sampled_from(sorted(LEGAL)), legal=few, version=versions)
    def change_status(self, *, which, status, legal, version):
        visit = self.pick(which, None if which % 4 == 0 else [status for status, to in LEGAL.items() if to])
        if visit is None:
            return False
        if legal % 4 and LEGAL[visit.status]:
            status = LEGAL[visit.status][legal % len(LEGAL[visit.status])]
        elif legal % 4:
            status = "booked"
        return self._become(visit, status, version=self.version(visit, version))

    def _become(self, visit, status, *, version=None):
        expected = self.model.become(visit, status, version=version)
        done = self.attempt(
            expected,
            lambda: steps.change_status(appointment=self.row(visit), status=status, now=self.now, version=version),
        )
        if done is None or expected is visit:
            return
        if visit.status == "no_show":
            self.model.clear_dead_holds(visit)
        if visit.status == "completed":
            self.model.withdraw(visit, AFTER)
        visit.status, visit.version = status, visit.version + 1
        if status == "completed":
            self.model.tell_completed(visit)

    # What takes several steps to come about

    @act(
        3,
        of_several_steps=True,
        when=times,
        then=st.sampled_from(["confirm", "renew", "day off", "any nurse"]),
        person=persons,
        nurse=few,
    )
    def let_a_hold_run_out(self, *, when, then, person, nurse):
        care, nurse = ["consultation", "facial", "laser"][nurse % 3], nurse % 2
        known = len(self.model.visits)
        self.do(self.hold, care=care, nurse=nurse, when=(*when[:3], "free", when[4]), former=0, gives_up=False)
        if len(self.model.visits) == known:
            return
        held = self.model.visits[-1]
        self.do(self.time_passes, minutes=11)
        if then == "any nurse":  # who has the least booked: a dead hold does not count
            later = (day_of(held.starts) - day_of(self.now)).days, 11 * 60, 0, "as asked", 0
            self.do(self.book, care="facial", nurse=None, when=later, person=person, by_staff=True, key=None)
            return
        if then == "day off" and len(self.model.off) < 3:
            self.do(self.take_off, nurse=nurse, starts=held.starts, ends=held.ends)
        if then == "renew":
            number = [v for v in self.model.visits if v.status in {"held", "expired"}].index(held)
            self.do(self.renew_or_release, which=number, all_at_once=False)
        self.do(self.confirm, which=self.model.visits.index(held), person=person, again=True)

    @act(1, of_several_steps=True, which=few, dead=st.booleans())
    def miss_a_visit_and_come_after_all(self, *, which, dead):
        visit = self.pick(which, COMING)
        if visit is None or visit.status not in COMING:
            return
        self.do(self._become, visit=visit, status="no_show")
        day, wall = (day_of(visit.starts) - day_of(self.now)).days, visit.starts.astimezone(LONDON)
        when = (day, wall.hour * 60 + wall.minute, wall.fold, "as asked", 0)
        self.do(self.hold, care=self.care_of(visit), nurse=visit.nurse, when=when, former=0, gives_up=False)
        if dead:
            self.do(self.time_passes, minutes=11)
        self.do(self._become, visit=visit, status="booked")

    @act(1, of_several_steps=True, person=st.sampled_from([0, 1, 2]), later=few, sooner=few, care=st.booleans())
    def treat_soon_after_a_consultation(self, *, person, later, sooner, care):
        known = len(self.model.visits)
        at_one = (0, 13 * 60, 0, "as asked", 0)
        self.do(self.book, care="consultation", nurse=0, when=at_one, person=person, by_staff=True, key=None)
        if len(self.model.visits) == known:
            return
        for status in ("arrived", "in_progress", "completed"):
            self.do(self._become, visit=self.model.visits[known], status=status)
        name, when = "peel" if care else "top-up", (3, 0, 0, "free", later)
        if later % 3 == 0:
            self.do(self.join, care=name, person=person, nurses=(), first=0, days=3, **ANY_TIME)
            self.do(self.sweep)
        self.do(self.book, care=name, nurse=0, when=when, person=person, by_staff=False, key=None)
        if self.model.visits[-1].care is not self.rows.cares[name] or self.model.visits[-1].is_offered:
            return
        when = (0, 14 * 60 + 15 * (sooner % 8), 0, "as asked", 0)
        self.do(
            self.move,
            which=5 * (len(self.model.visits) - 1),
            when=when,
            nurse=0,
            by_staff=False,
            version="none",
            same=0,
        )

    # The waiting list

    @act(
        2,
        care=cares,
        person=persons,
        nurses=st.sampled_from([(), (), (0,), (1, 2)]),
        first=st.integers(-1, 4),
        days=st.integers(0, 3),
        weekdays=st.sampled_from([range(1, 8), range(1, 8), [5, 6], [7], [7, 1]]),
        parts=st.sampled_from([["morning", "afternoon", "evening"], ["morning"], ["afternoon", "evening"]]),
    )
    def join(self, *, care, person, nurses, first, days, weekdays, parts):
        model, first_day = self.rows.cares[care], day_of(self.now) + timedelta(days=first)
        last_day = first_day + timedelta(days=days)
        cut = self.model.join(model, person, first_day, last_day)
        made = self.attempt(
            cut if isinstance(cut, type) else None,
            lambda: waiting.join(
                treatment=self.rows.treatments[care],
                details=self.details(person),
                practitioners=[self.nurse(nurse) for nurse in nurses],
                first_day=first_day,
                last_day=last_day,
                weekdays=list(weekdays),
                parts=parts,
                now=self.now,
                opened=list(WaitingEntry.objects.values_list("reference", flat=True)),  # each has their own link
            ),
        )
        if made is None:
            return
        known = [one for one in self.model.entries if one.person == person and one.care is model]
        entry = next((one for one in known if one.state == "waiting"), None)
        if entry is None:
            entry = Entry(made.pk, model, person, self.now, frozenset(), *cut, [], [])
            self.model.entries.append(entry)
        assert entry.pk == made.pk
        (entry.first, entry.last), entry.nurses = cut, frozenset(nurses)
        entry.weekdays, entry.parts = list(weekdays), parts
        entry.known = self.model.on_sale(entry)
        assert set(made.known_times) == entry.known
        Message.objects.filter(kind=Message.Kind.WAITING).delete()  # has tests of its own

    @act(2, by_staff=st.booleans())
    def sweep(self, *, by_staff=True):
        if any(one.state == "waiting" for one in self.model.entries):
            self.model.lapse()
            self.model.forget_what_was_taken()
        could = {entry: self.model.could_be_offered(entry, by_staff=by_staff) for entry in self.model.waiting()}
        swept = self.attempt(None, lambda: offers.sweep(self.now, by_staff=by_staff))
        made = {offer.entry_id: offer for offer in swept}
        offered = [self.offer(next(one for one in could if one.pk == pk), row, could) for pk, row in made.items()]
        for entry, times in could.items():
            self.nothing_better_was_passed_over(entry, times, offered)
        self.count("sweep: nobody waits" if not could else f"sweep: offers {len(made)}")

    def offer(self, entry, row, could):
        """That it suits, and was free, not offered before, and as long as it may be; then it stands."""
        nurse, starts = self.rows.numbers[row.practitioner_id], row.starts_at
        assert entry.suits(nurse, starts)
        assert not entry.was_offered(nurse, starts)
        assert (starts, nurse) in could[entry]
        assert row.expires_at == self.model.answer_until(entry.care, starts)
        place = self.model.choose(entry.care, nurse, starts)
        assert place is not SlotTaken
        visit = self.stand(row.appointment, entry.care, place, starts, hold_until=row.expires_at, is_offered=True)
        self.lies_in_open_hours(visit)
        entry.offers.append(Offer(row.pk, entry, visit, nurse, starts, row.expires_at))
        self.model.tell_offer(entry.offers[-1])
        return entry.offers[-1]

    def nothing_better_was_passed_over(self, entry, could, offered):
        """She has the soonest of what was free until all had theirs; nobody who came later has one she could have."""
        own = next((offer.starts for offer in offered if offer.entry is entry), None)
        has = [one for other in self.model.entries if other.person == entry.person for one in other.offers]
        came_before = [
            one for one in has if one.state == "open" and (one not in offered or one.entry.came < entry.came)
        ]
        if len(came_before) >= MOST_AT_AN_ADDRESS:
            assert own is None
            return
        sooner = [(starts, nurse) for starts, nurse in could if own is None or starts < own]
        later = {(one.starts, one.nurse) for one in offered if one.entry.care is entry.care and
                 one.entry.came > entry.came}  # fmt: skip
        assert not later & set(sooner)
        if not self.model.avoids_gaps:  # else what another takes decides what is offered
            assert not [one for one in sooner if one[0] in self.model.free_with(one[1], entry.care, day_of(one[0]))]

    @act(3, which=few, how=st.sampled_from(["take", "take", "decline", "leave"]), any_state=st.integers(0, 3))
    def answer(self, *, which, how, any_state):
        known = [offer for entry in self.model.entries for offer in entry.offers]
        found_open = [offer for offer in known if offer.state == "open"] if any_state else known
        known = found_open or known
        if not known:
            return False
        offer = known[which % len(known)]
        return getattr(self, how)(offer)

    def offer_row(self, offer):
        return offers.Offer.objects.select_related("entry__patient", "appointment").get(pk=offer.pk)

    def take(self, offer):
        entry, visit = offer.entry, offer.visit
        place = IllegalMove if offer.state == "declined" else self.model.take(offer)
        row = self.offer_row(offer)
        row.appointment = self.row(visit)
        done = self.attempt(place, lambda: answers.take(row, self.now))
        if done is None:
            return
        self.model.answer(offer, "taken")
        entry.state = "booked"
        for other in entry.offers:
            self.model.decline(other)
        if place is not visit:
            was_live = visit.stands(self.now)
            visit.status, visit.person, visit.hold_until = "booked", entry.person, None
            self.put(visit, place, visit.starts)
            self.model.tell_booked(visit)
            if not was_live:
                self.lies_in_open_hours(visit)

    def decline(self, offer):
        self.count(f"decline: {offer.state}")
        answers.decline(self.offer_row(offer), self.now)
        self.model.decline(offer)

    def leave(self, offer):
        entry = offer.entry
        self.count(f"leave: {entry.state}")
        waiting.leave(WaitingEntry.objects.get(pk=entry.pk), self.now)
        for one in entry.offers:
            self.model.decline(one)
        if entry.state == "waiting":
            entry.state = "left"

    @act(1)
    def lapse(self):
        over = [one for entry in self.model.entries for one in entry.offers if one.state == "open"]
        assert lapsing.lapse(self.now) == sum(one.expires <= self.now for one in over)
        self.model.lapse()
        self.count(f"lapse: {'none' if all(one.state == 'open' for one in over) else 'some'}")

    @act(1, of_several_steps=True, person=st.sampled_from([0, 1, 2]), care=cares, days=st.integers(0, 3), late=few)
    def answer_a_former_offer(self, *, person, care, days, late):
        """She is offered another time before she takes the one she let lapse."""
        self.do(self.join, care=care, person=person, nurses=(), first=days, days=3, **ANY_TIME)
        for _ in range(2):
            self.do(self.sweep)
            self.do(self.time_passes, minutes=240)
        self.do(self.sweep)
        former = [offer for entry in self.model.entries for offer in entry.offers if offer.state == "lapsed"]
        if former:
            self.do(self.take, offer=former[late % len(former)])

    def open_offers_are_kept(self):
        """Each holds a time of its own for as long as it stands."""
        standing = [one for entry in self.model.entries for one in entry.offers if one.state == "open"]
        for offer in standing:
            if offer.expires > self.now:
                assert (offer.visit.status, offer.visit.hold_until) == ("held", offer.expires)
        assert len({offer.visit.pk for offer in standing}) == len(standing)

    # The clinic, the clock and the loops

    @act(1, which=few, nurse=nurses, when=times, minutes=st.sampled_from([30, 60, 24 * 60]), end=st.booleans())
    def time_off(self, *, which, nurse, when, minutes, end):
        if self.model.off and (end or len(self.model.off) > 2):
            nurse, (starts, ends) = self.model.off.pop(which % len(self.model.off))
            row = TimeOff.objects.filter(practitioner=self.nurse(nurse), during=span(starts, ends)).first()
            assert row is not None
            row.delete()
            self.count("time off: ended")
            return
        starts = self.moment(when)
        self.take_off(nurse=nurse, starts=starts, ends=starts + timedelta(minutes=minutes))

    def take_off(self, *, nurse, starts, ends):
        TimeOff.objects.create(practitioner=self.nurse(nurse), during=span(starts, ends))
        self.model.off.append((nurse, (starts, ends)))
        self.count("time off: taken")

    @act(1, which=few, nurse=nurses, when=pauses, end=st.booleans(), every_weeks=st.sampled_from([1, 1, 2]))
    def regular_time_off(self, *, which, nurse, when, end, every_weeks):
        pauses = self.model.pauses
        if pauses and (end or len(pauses) > 2):
            RegularTimeOff.objects.get(pk=pauses.pop(which % len(pauses)).pk).delete()
            self.count("regular time off: ended")
            return
        row = RegularTimeOff.objects.create(
            practitioner=self.nurse(nurse), every_weeks=every_weeks, valid_from=date(2027, 3, 22), **hours_of(when)
        )
        pauses.append(self.weekly(row, nurse))
        self.count("regular time off: taken")

    @act(
        1,
        which=few,
        change=st.sampled_from(["other", "other", "more", "end"]),
        opens=st.sampled_from([(8, 0), (9, 30), (10, 5)]),
        closes=st.integers(11, 14),
        when=pauses,
    )
    def change_hours(self, *, which, change, opens, closes, when):
        row = self.model.hours[which % len(self.model.hours)]
        if change == "other":
            made = SimpleNamespace(**vars(row) | {"starts_at": time(*opens), "ends_at": time(closes)})
        elif change == "end":
            made = SimpleNamespace(**vars(row) | {"valid_until": day_of(self.now) + timedelta(days=closes - 12)})
        else:
            weeks = {"valid_from": day_of(self.now), "valid_until": None, "every_weeks": 1}
            made = SimpleNamespace(pk=None, nurse=which % 3, **weeks, **hours_of(when))
        self.count(f"hours: {change}" if self.writes_hours(made) else "hours: refused")

    def writes_hours(self, made):
        """Whether they could be written: PostgreSQL refuses, as the model does, what overlaps others of the nurse."""
        others = [row for row in self.model.hours if row.pk != made.pk]
        is_foreseen, is_refused = any(overlap(made, row) for row in others), False
        values = {name: value for name, value in vars(made).items() if name not in ("pk", "nurse")}
        try:
            with transaction.atomic():
                if made.pk is None:
                    nurse, place = self.nurse(made.nurse), self.rows.location
                    made.pk = WorkingHours.objects.create(practitioner=nurse, location=place, **values).pk
                else:
                    WorkingHours.objects.filter(pk=made.pk).update(**values)
        except IntegrityError as error:
            is_refused = "working_hours_never_overlap" in str(error)
        assert is_refused == is_foreseen
        if not is_refused:
            self.model.hours[:] = [*others, made]
        return not is_refused

    @act(1, which=few, nurse=st.integers(0, 2), when=times, minutes=st.sampled_from([45, 120]), end=st.booleans())
    def extra_hours(self, *, which, nurse, when, minutes, end):
        extra = self.model.extra
        if extra and (end or len(extra) > 2):
            nurse, (starts, ends) = extra.pop(which % len(extra))
            ExtraHours.objects.filter(practitioner=self.nurse(nurse), during=span(starts, ends)).first().delete()
            self.count("extra hours: ended")
            return
        starts = self.moment(when)
        ends = starts + timedelta(minutes=minutes)
        ExtraHours.objects.create(
            practitioner=self.nurse(nurse), location=self.rows.location, during=span(starts, ends)
        )
        extra.append((nurse, (starts, ends)))
        self.count("extra hours: added")

    @act(1, day=st.sampled_from(HOLIDAYS))
    def holiday(self, *, day):
        if day in self.model.opened:
            OpenedHoliday.objects.get(day=day).delete()
        else:
            OpenedHoliday.objects.create(day=day)
        self.model.opened ^= {day}
        self.count(f"holiday: {'opened' if day in self.model.opened else 'closed'}")

    @act(1, which=few)
    def device(self, *, which):
        device = self.rows.devices[which % 2]
        is_active = self.model.devices[device.pk] = not self.model.devices[device.pk]
        Device.objects.filter(pk=device.pk).update(is_active=is_active)
        self.count(f"device: {'back in' if is_active else 'out of'} service")

    @act(3, minutes=st.sampled_from([1, 3, 5, 11, 60, 240, 13 * 60, 24 * 60]))
    def time_passes(self, *, minutes):
        self.model.now += timedelta(minutes=minutes)

    @act(2)
    def send_messages(self):
        sent = []
        by_key = self.model.notes

        def send(message, at):
            about = by_key[message.key].visit
            if message.kind == "offer":
                assert about.state == "open"
                assert about.expires == message.expires_at > self.now
            elif message.key.startswith("course:"):
                assert any(visit.status in COMING for visit in about.visits), "it tells what is not so"
                assert message.recipient == "desk@example.com"
            else:
                is_off = message.kind == "cancelled" or ":staff-cancelled:" in message.key
                is_after = message.kind in AFTER
                so = ("completed",) if is_after else ("cancelled",) if is_off else COMING
                assert about.status in so, "it tells what is not so"
                assert is_after or about.starts == message.expires_at
                assert message.expires_at > self.now
                assert (message.recipient == "desk@example.com") is (message.kind == "staff_notice")
            sent.append(message)
            return Sent("subject", "text")

        expected = self.model.send_due()
        delivery.run_once(now=self.now, send=send)
        assert {message.key for message in sent} == expected
        self.sent_ids += [message.pk for message in sent]
        assert len(set(self.sent_ids)) == len(self.sent_ids), "a message went out twice"
        self.outcomes["messages sent"] = self.outcomes.get("messages sent", 0) + len(sent)

    @rule(chosen=any_act())
    def step(self, chosen):
        name, choices = chosen
        if name in OF_SEVERAL_STEPS:
            getattr(self, name)(**choices)
        else:
            self.do(getattr(self, name), **choices)


def overlap(one, other):
    """Whether these hours of every week hold at one time of some day."""
    if (one.nurse, one.weekday) != (other.nurse, other.weekday):
        return False
    first = max(one.valid_from, other.valid_from)
    last = min(row.valid_until or date.max for row in (one, other))
    comes_on = first + timedelta(days=(one.weekday - first.isoweekday()) % 7)
    return comes_on <= last and one.starts_at < other.ends_at and other.starts_at < one.ends_at


def hours_of(when):
    weekday, (hour, minute), minutes = when
    begins = datetime(2027, 1, 1, hour, minute)  # noqa: DTZ001 -- on the clock on the wall
    return {"weekday": weekday, "starts_at": begins.time(), "ends_at": (begins + timedelta(minutes=minutes)).time()}


@pytest.mark.django_db
@pytest.mark.timeout(180 + STEPS // 20)
@pytest.mark.parametrize("number", [*range(1, WALKERS), "random"])
def test_any_walk_through_the_clinic_ends_as_the_rules_say(number, monkeypatch):
    monkeypatch.setattr("bookings.engine.transactions.time.sleep", lambda seconds: None)
    chosen = int(os.environ.get("HYPOTHESIS_SEED", secrets.randbits(32))) if number == "random" else number
    print(f"HYPOTHESIS_SEED={chosen}")
    walker = type("Walker", (Clinic,), {"rows": build_clinic(), "outcomes": {}, "months": set()})
    prepare_check()
    quota, rounds = -(-STEPS // WALKERS), 0
    while walker.steps < quota:
        seed(1000 * chosen + rounds)(walker)
        run_state_machine_as_test(walker, settings=SETTINGS)
        rounds += 1
    print(f"{walker.steps} steps", *sorted(f"{what} {times}" for what, times in walker.outcomes.items()), sep="\n  ")
    assert walker.steps >= quota
    assert walker.months == {3, 10}
    enough = 2000 if number == "random" else 1000  # by less, a chosen walk may miss the rarest
    assert quota < enough or walker.outcomes.keys() >= ALWAYS

"""Over random diaries: a plan does what it showed, leaves no overlap, and its undo restores every row that had not gone."""

from __future__ import annotations

import random
import uuid
from contextlib import suppress
from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from bookings.engine import booking
from bookings.engine.plans import block as blocks
from bookings.engine.plans import extension as extensions
from bookings.engine.plans.block import Block
from bookings.engine.plans.choices import CANCEL, KEEP, Action, move_to
from bookings.engine.plans.extension import Extension
from bookings.engine.plans.plan import RowsRefused
from bookings.engine.plans.undo import undo
from bookings.messages.models import Message
from bookings.timetable.models import TimeOff
from bookings.visits.models import Appointment
from bookings.visits.models.statuses import ACTIVE, Status
from bookings.visits.refusals import Refusal, SlotTaken
from tests.bookings.moments import NOW, at, details
from tests.factories.bookings import LocationFactory, RoomFactory, working_week
from tests.factories.clinic import PractitionerFactory, TreatmentFactory

pytestmark = pytest.mark.django_db
ROW = (
    "pk", "practitioner_id", "location_id", "room_id", "device_id", "during", "occupied", "status", "cancelled_at",
    "was_cancelled_late",
)  # fmt: skip


def visits():
    return list(Appointment.objects.exclude(status__in=("held", "expired")).order_by("pk").values_list(*ROW))


def to_be_sent():
    """What will go out and what has, whichever version of the visit it was planned for."""
    rows = Message.objects.exclude(state=Message.State.WITHDRAWN)
    return sorted(rows.values_list("appointment_id", "kind", "channel", "state", "due_at", "expires_at"))


def overlapping():
    standing = list(Appointment.objects.filter(status__in=ACTIVE).exclude(status=Status.HELD))
    return [
        (one.pk, other.pk)
        for one in standing
        for other in standing
        if one.pk < other.pk
        and one.practitioner_id == other.practitioner_id
        and one.occupied.lower < other.occupied.upper
        and other.occupied.lower < one.occupied.upper
    ]


def chosen(plan, rnd):
    """For each visit one of the things that its row offers."""
    found = {}
    for row in plan.rows:
        offers = [row.choice, KEEP, *map(move_to, row.proposals), *([CANCEL] if row.can_move else [])]
        found[row.visit.reference] = rnd.choice(offers)
    return found


def full_day(rnd):
    """Two nurses, three treatments with buffers, one room, and a Tuesday of up to a dozen visits told to their patients."""
    place = LocationFactory()
    RoomFactory(location=place, kind="treatment")
    treatments = [
        TreatmentFactory(duration_minutes=30, buffer_after_minutes=rnd.choice([0, 10])),
        TreatmentFactory(duration_minutes=45, room_kind="treatment", buffer_before_minutes=rnd.choice([0, 5])),
        TreatmentFactory(duration_minutes=60),
    ]
    nurses = [PractitionerFactory(offers=treatments), PractitionerFactory(offers=rnd.sample(treatments, 2))]
    for nurse in nurses:
        working_week(nurse, place)
    for n in range(rnd.randint(4, 12)):
        treatment, starts_at = rnd.choice(treatments), at(rnd.randint(9, 16), rnd.choice([0, 15, 30, 45]))
        with suppress(Refusal):
            visit = booking.book(
                treatment=treatment, practitioner=None, starts_at=starts_at, details=details(n), now=NOW
            )
            visit.messages.filter(kind=Message.Kind.CONFIRMATION).update(state="sent", sent_at=NOW)
            status = rnd.choice([Status.BOOKED, Status.BOOKED, Status.CONFIRMED, Status.ARRIVED])
            Appointment.objects.filter(pk=visit.pk).update(status=status)
    return nurses


def goes_as_shown(look, do, rnd):
    """Look, choose, look again, do; then undo. Gives how many were in the way."""
    plan = look(choices={})
    choices = chosen(plan, rnd)
    shown = look(choices=choices)
    before, messages, off = visits(), to_be_sent(), TimeOff.objects.count()
    try:
        change = do(
            choices=choices,
            versions={row.visit.reference: row.visit.version for row in plan.rows},
            key=uuid.UUID(int=rnd.getrandbits(128)),
            now=NOW,
            by=None,
        )
    except (RowsRefused, SlotTaken):
        assert shown.refusal or any(row.refusal for row in shown.rows)
        assert (visits(), to_be_sent(), TimeOff.objects.count()) == (before, messages, off)
        return plan.hits
    assert not shown.refusal
    assert not any(row.refusal for row in shown.rows)
    for row in shown.rows:
        visit = Appointment.objects.get(pk=row.visit.pk)
        if row.choice.action == Action.MOVED:
            assert (visit.starts_at, visit.practitioner_id) == (row.choice.starts_at, row.choice.practitioner.pk)
        elif row.choice.action == Action.CANCELLED:
            assert visit.status == Status.CANCELLED
        else:
            assert visit.during == row.visit.during
    assert overlapping() == []
    undo(change=change, now=NOW, by=None)
    assert (visits(), to_be_sent(), TimeOff.objects.count()) == (before, messages, off)
    return plan.hits


QUICK = settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))


@QUICK
@given(seed=st.integers(0, 2**32))
def test_blocked_time(seed):
    with transaction.atomic():
        rnd = random.Random(seed)
        nurses = full_day(rnd)
        starts_at = at(rnd.randint(8, 15), rnd.choice([0, 30]))
        block = Block(
            practitioner=rnd.choice([None, *nurses]),
            starts_at=starts_at,
            ends_at=starts_at + timedelta(hours=rnd.randint(1, 30)),
            reason="Training",
        )
        hits = goes_as_shown(
            lambda choices: blocks.look(block, now=NOW, choices=choices), lambda **how: blocks.do(block, **how), rnd
        )
        event(f"{min(hits, 5)} in the way")
        transaction.set_rollback(True)


@QUICK
@given(seed=st.integers(0, 2**32), by=st.sampled_from([-10, 15, 30, 120]))
def test_another_length(seed, by):
    with transaction.atomic():
        rnd = random.Random(seed)
        full_day(rnd)
        visit = rnd.choice(Appointment.objects.with_details().order_by("pk"))
        extension = Extension(visit=visit, minutes=visit.minutes + by)

        def do(versions, **how):
            return extensions.do(extension, versions=versions | {visit.reference: visit.version}, **how)

        hits = goes_as_shown(lambda choices: extensions.look(extension, now=NOW, choices=choices), do, rnd)
        event(f"{min(hits, 5)} in the way")
        transaction.set_rollback(True)


def test_such_diaries_have_someone_in_the_way():
    """Else the two above would say nothing."""
    hits = []
    for seed in range(6):
        with transaction.atomic():
            nurses = full_day(random.Random(seed))
            block = Block(practitioner=nurses[0], starts_at=at(9), ends_at=at(17))
            hits.append(blocks.look(block, now=NOW, choices={}).hits)
            transaction.set_rollback(True)
    assert sum(hits) >= len(hits) * 2

import uuid
from datetime import timedelta

import pytest
from django.db import connection

from bookings.engine import booking, changes
from bookings.engine.plans import block as blocks
from bookings.engine.plans.block import Block
from bookings.engine.plans.choices import CANCEL, KEEP, Choice
from bookings.engine.plans.plan import PlanOutOfDate, RowsRefused
from bookings.messages.models import Message
from bookings.timetable.models import TimeOff
from bookings.visits.models import Appointment, ChangedVisit, DiaryChange
from bookings.visits.models.statuses import Status
from bookings.visits.refusals import NotBookable, SlotTaken
from tests.bookings.moments import NOW, at, details
from tests.factories.bookings import HoldFactory, working_week
from tests.factories.clinic import PractitionerFactory

pytestmark = pytest.mark.django_db


def rows_of(tables=("bookings_appointment", "bookings_message", "bookings_timeoff", "bookings_appointmentevent")):
    found = {}
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"SELECT * FROM {table} ORDER BY 1")  # noqa: S608 -- our own names
            found[table] = cursor.fetchall()
    return found


class TestLook:
    def test_it_writes_nothing(self, visit_at, afternoon):
        visit_at(13)
        visit_at(14)
        before = rows_of()

        plan = blocks.look(afternoon, now=NOW, choices={})

        assert plan.hits == 2
        assert rows_of() == before

    def test_it_hits_whoever_stands_then_and_nobody_else(self, visit_at, afternoon):
        touches = visit_at(11, 30)
        hit = [visit_at(12), visit_at(16, 45)]
        visit_at(14, status=Status.CANCELLED, cancelled_at=NOW)
        visit_at(15, status=Status.COMPLETED)
        here = visit_at(13, status=Status.ARRIVED)

        plan = blocks.look(afternoon, now=NOW, choices={})

        assert touches.ends_at == at(12)
        assert [row.visit.pk for row in plan.rows] == [hit[0].pk, here.pk, hit[1].pk]

    def test_it_proposes_the_same_nurse_at_the_same_part_of_the_day(
        self, visit_at, afternoon, nurse, treatment, location
    ):
        colleague = PractitionerFactory(offers=[treatment])
        working_week(colleague, location)
        visit_at(14)

        row = blocks.look(afternoon, now=NOW, choices={}).rows[0]

        assert [slot.practitioner_id for slot in row.proposals] == [nurse.pk] * 3
        assert row.proposals[0].starts_at == at(14, day=3)  # of two days as near, the later
        assert all(12 <= slot.starts_at.astimezone(at(1).tzinfo).hour < 17 for slot in row.proposals)

    def test_a_longer_visit_is_proposed_only_times_that_hold_all_of_it(self, visit_at, afternoon):
        visit_at(14, minutes=60)
        visit_at(14, 30, day=3)  # the half hour before it is free, and would be the nearest

        row = blocks.look(afternoon, now=NOW, choices={}).rows[0]

        assert row.refusal == ""
        assert at(14, day=3) not in [slot.starts_at for slot in row.proposals]
        assert all(slot.ends_at - slot.starts_at == timedelta(minutes=60) for slot in row.proposals)

    def test_nobody_is_proposed_what_another_was_given(self, visit_at, afternoon):
        visits = [visit_at(13), visit_at(13, 30), visit_at(14)]

        plan = blocks.look(afternoon, now=NOW, choices={})

        taken = [(row.choice.practitioner.pk, row.choice.starts_at) for row in plan.rows]
        assert len(set(taken)) == len(visits)
        assert not any(row.refusal for row in plan.rows)

    def test_a_visit_that_has_begun_stays(self, visit_at, afternoon):
        visit_at(13, status=Status.IN_PROGRESS)

        row = blocks.look(afternoon, now=NOW, choices={}).rows[0]

        assert not row.can_move
        assert row.choice == KEEP
        assert row.proposals == []

    def test_it_says_what_the_patient_hears(self, visit_at, afternoon):
        visit_at(13)

        row = blocks.look(afternoon, now=NOW, choices={}).rows[0]

        assert row.told == "The patient is told in three minutes."

    def test_it_tells_of_times_that_are_being_booked_just_now(self, afternoon, nurse, treatment, location):
        known = {"practitioner": nurse, "treatment": treatment, "location": location}
        HoldFactory(**known, starts_at=at(13), hold_expires_at=NOW + timedelta(minutes=5))
        HoldFactory(**known, starts_at=at(14), hold_expires_at=NOW)

        assert blocks.look(afternoon, now=NOW, choices={}).held == 1

    def test_a_choice_that_cannot_be_had_says_why(self, visit_at, afternoon, nurse):
        taken, moving = visit_at(10), visit_at(13)
        choice = Choice(action=ChangedVisit.Action.MOVED, starts_at=taken.starts_at, practitioner=nurse)

        row = blocks.look(afternoon, now=NOW, choices={moving.reference: choice}).rows[0]

        assert row.refusal == "Sorry, this time is taken."


class TestDo:
    def test_what_the_plan_showed_is_what_happens(self, visit_at, afternoon, do_block):
        visits = [visit_at(13), visit_at(14), visit_at(15)]
        plan = blocks.look(afternoon, now=NOW, choices={})

        change = do_block(afternoon)

        for row, visit in zip(plan.rows, visits, strict=True):
            visit.refresh_from_db()
            assert (visit.starts_at, visit.practitioner_id) == (row.choice.starts_at, row.choice.practitioner.pk)
        assert TimeOff.objects.get().during.lower == at(12)
        assert change.time_off.reason == "Training"
        assert [row.action for row in change.visits.all()] == ["moved"] * 3

    def test_each_patient_is_told_once_after_three_minutes(self, visit_at, afternoon, do_block):
        visit = visit_at(13)

        do_block(afternoon)

        told = visit.messages.filter(kind=Message.Kind.MOVED)
        assert {row.due_at for row in told} == {NOW + timedelta(minutes=3)}

    def test_cancelled_and_kept_visits(self, visit_at, afternoon, do_block):
        off, stays = visit_at(13), visit_at(14)

        change = do_block(afternoon, choices={off.reference: CANCEL, stays.reference: KEEP})

        off.refresh_from_db()
        stays.refresh_from_db()
        assert (off.status, stays.status) == (Status.CANCELLED, Status.BOOKED)
        assert [row.action for row in change.visits.all()] == ["cancelled", "kept"]

    def test_one_refused_visit_keeps_all_as_it_was(self, visit_at, afternoon, do_block, nurse):
        taken, first, second = visit_at(10), visit_at(13), visit_at(14)
        before = rows_of()
        wrong = Choice(action=ChangedVisit.Action.MOVED, starts_at=taken.starts_at, practitioner=nurse)

        with pytest.raises(RowsRefused) as refused:
            do_block(afternoon, choices={second.reference: wrong})

        assert refused.value.rows == {second.reference: "Sorry, this time is taken."}
        assert rows_of() == before
        assert first.reference not in refused.value.rows

    def test_sent_twice_it_is_one_change(self, visit_at, afternoon, do_block):
        visit_at(13)
        key = uuid.uuid4()

        first = do_block(afternoon, key=key)
        second = do_block(afternoon, key=key)

        assert first == second
        assert (TimeOff.objects.count(), DiaryChange.objects.count()) == (1, 1)

    def test_a_visit_booked_since_the_page_was_drawn_is_not_run_over(self, visit_at, afternoon, do_block):
        seen = visit_at(13)
        visit_at(15)

        with pytest.raises(PlanOutOfDate):
            do_block(afternoon, versions={seen.reference: seen.version})

        assert not TimeOff.objects.exists()

    def test_a_visit_changed_since_the_page_was_drawn_is_asked_about_again(self, visit_at, afternoon, do_block):
        visit = visit_at(13)

        with pytest.raises(RowsRefused, match="Nothing was changed yet") as refused:
            do_block(afternoon, versions={visit.reference: visit.version - 1})

        assert "changed meanwhile" in refused.value.rows[visit.reference]

    def test_nothing_can_be_booked_there_afterwards(self, afternoon, do_block, nurse, treatment):
        do_block(afternoon)

        with pytest.raises(SlotTaken):
            booking.book(treatment=treatment, practitioner=nurse, starts_at=at(13), details=details(), now=NOW)

    def test_the_whole_clinic_can_be_closed(self, visit_at, do_block, treatment, location):
        colleague = PractitionerFactory(offers=[treatment])
        working_week(colleague, location)
        visits = [visit_at(13), visit_at(13, practitioner=colleague)]

        change = do_block(Block(practitioner=None, starts_at=at(9), ends_at=at(17), reason="Decorators"))

        assert change.visits.count() == 2
        for visit in visits:
            visit.refresh_from_db()
            assert visit.starts_at.date() != at(13).date()

    def test_a_fortnight_of_leave(self, visit_at, do_block, nurse):
        visits = [visit_at(10, starts_at=at(10, day=day)) for day in (2, 3, 4, 8, 9, 15)]

        change = do_block(Block(practitioner=nurse, starts_at=at(0, day=2), ends_at=at(0, day=16), reason="Leave"))

        assert [row.action for row in change.visits.all()] == ["moved"] * len(visits)
        for visit in visits:
            visit.refresh_from_db()
            assert not at(0, day=2) <= visit.starts_at < at(0, day=16)

    @pytest.mark.parametrize(
        ("starts", "ends", "why"),
        [
            (at(13), at(13), "The end must be after the start."),
            (at(14), at(13), "The end must be after the start."),
            (at(9, day=26, month=2), at(10, day=26, month=2), "This time has passed."),
            (at(9), at(9) + timedelta(days=400), "Block at most a year at once."),
        ],
    )
    def test_times_that_make_no_sense_are_refused(self, nurse, do_block, starts, ends, why):
        with pytest.raises(NotBookable, match=why):
            do_block(Block(practitioner=nurse, starts_at=starts, ends_at=ends))


def test_a_visit_moved_away_meanwhile_is_no_longer_in_the_way(visit_at, afternoon, do_block):
    stays, leaves = visit_at(13), visit_at(14)
    shown = {stays.reference: stays.version, leaves.reference: leaves.version}
    changes.cancel(appointment=leaves, now=NOW, by_staff=True)

    with pytest.raises(PlanOutOfDate):
        do_block(afternoon, versions=shown)
    assert Appointment.objects.get(pk=stays.pk).starts_at == at(13)


def test_more_visits_than_one_page_can_send_are_refused_in_words(visit_at, afternoon, do_block, monkeypatch):
    """Each visit is tried while all diaries wait, and a form of a thousand fields is not read at all."""
    monkeypatch.setattr(blocks, "MOST_VISITS", 1)
    visit_at(13)
    visit_at(14)

    plan = blocks.look(afternoon, now=NOW, choices={})
    assert (plan.rows, "2 visits" in plan.refusal) == ([], True)
    with pytest.raises(NotBookable, match="2 visits"):
        do_block(afternoon)
    assert not TimeOff.objects.exists()

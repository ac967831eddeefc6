import uuid
from datetime import date, time, timedelta

import pytest
from django.db import connection

from bookings.engine import booking
from bookings.engine.availability.free_times import free_slots
from bookings.engine.plans import hours
from bookings.engine.plans.choices import CANCEL, KEEP, Action
from bookings.engine.plans.hours import HoursChange
from bookings.engine.plans.plan import PlanOutOfDate
from bookings.engine.plans.rota_rows import data_of, week_mark
from bookings.engine.plans.undo import CannotBeUndone, undo, why_not
from bookings.engine.plans.unsettled import unsettled
from bookings.timetable.edits import AddBreak, AddExtraHours, EndBreak, Remove, SetWeek, WeekStretch
from bookings.timetable.models import ExtraHours, RegularTimeOff, TimeOff, WorkingHours
from bookings.timetable.ranges import span
from bookings.timetable.weeks import Weeks
from bookings.visits.models import Appointment, ChangedVisit, DiaryChange
from bookings.visits.models.statuses import Status
from bookings.visits.refusals import NotBookable, SlotTaken
from clinic.core import clock
from tests.bookings.moments import NOW, at, details
from tests.bookings.one_nurse import location, nurse, treatment  # noqa: F401 -- fixtures
from tests.factories.bookings import HoldFactory, LocationFactory

pytestmark = pytest.mark.django_db
TODAY = date(2027, 3, 1)


@pytest.fixture
def week_of(nurse, location):  # noqa: F811
    """A change of the weekly hours, from Tuesday on unless told otherwise: each of `days` from `starts` to `ends`."""

    def made(*, days=range(1, 6), starts=9, ends=13, first=date(2027, 3, 2), last=None, every=1):
        stretches = tuple(WeekStretch(day, time(starts), time(ends), location.pk) for day in days)
        return HoursChange(
            practitioner=nurse,
            edit=SetWeek(practitioner_id=nurse.pk, weeks=Weeks(first, last, every), stretches=stretches),
            starts_at=clock.day_bounds(first)[0],
            ends_at=clock.day_bounds(last)[1] if last else None,
            reason="usual week",
            mark=week_mark(nurse.pk),
        )

    return made


def of(nurse, edit, starts_at=NOW, ends_at=None):  # noqa: F811
    return HoursChange(practitioner=nurse, edit=edit, starts_at=starts_at, ends_at=ends_at, reason="a change")


def do(change, *, choices=None, now=NOW, key=None):
    """As its page showed it."""
    plan = hours.look(change, now=now, choices=choices or {})
    shown = {row.visit.reference: row.choice for row in plan.rows}
    return hours.do(
        change,
        now=now,
        choices=shown | (choices or {}),
        versions={row.visit.reference: row.visit.version for row in plan.rows},
        by=None,
        key=key or uuid.uuid4(),
    )


def rota():
    return [data_of(model.objects.order_by("pk")) for model in (WorkingHours, ExtraHours, RegularTimeOff, TimeOff)]


def open_on(nurse, treatment, day):  # noqa: F811
    """The first and the last time that staff are offered on that day."""
    slots = free_slots(treatment=treatment, first_day=day, last_day=day, now=NOW)
    times = [clock.local(slot.starts_at).time() for slot in slots if slot.practitioner_id == nurse.pk]
    return (times[0], times[-1]) if times else None


class TestAWeek:
    def test_looking_writes_nothing(self, week_of, visit_at):
        visit_at(14)
        before = rota()

        plan = hours.look(week_of(), now=NOW, choices={})

        assert plan.hits == 1
        assert rota() == before
        assert not DiaryChange.objects.exists()

    def test_a_look_judges_by_the_hours_it_tries_although_the_connection_has_asked_the_real_ones(
        self, week_of, visit_at
    ):
        visit_at(14)
        with connection.cursor() as cursor:
            cursor.execute("CREATE TEMPORARY TABLE of_the_connection ()")  # else the first look's own undoes its plans

        for ends in (16, 15):
            do(week_of(ends=ends))

        assert hours.look(week_of(ends=13), now=NOW, choices={}).hits == 1

    def test_visits_outside_are_listed_and_those_inside_are_not(self, week_of, visit_at):
        inside, outside, across = visit_at(12, 30), visit_at(15), visit_at(12, 45, day=3)
        monday = visit_at(16, day=1)

        plan = hours.look(week_of(), now=NOW, choices={})

        assert [row.visit.pk for row in plan.rows] == [outside.pk, across.pk]
        assert inside.pk
        assert monday.pk  # before the first day of the new hours

    def test_a_visit_that_was_outside_before_is_not_in_the_way(self, week_of, visit_at):
        visit_at(19)

        assert hours.look(week_of(), now=NOW, choices={}).rows == []

    def test_what_is_booked_follows_the_new_hours_from_that_day_on(self, week_of, nurse, treatment):  # noqa: F811
        do(week_of(first=date(2027, 3, 9)))

        assert open_on(nurse, treatment, date(2027, 3, 8))[1] > time(16)
        assert open_on(nurse, treatment, date(2027, 3, 9))[1] < time(13)

    def test_one_week_different_leaves_the_others(self, week_of, nurse, treatment):  # noqa: F811
        do(week_of(days=[3], first=date(2027, 3, 8), last=date(2027, 3, 14)))

        found = {day: bool(open_on(nurse, treatment, date(2027, 3, day))) for day in (5, 8, 10, 11, 15, 17)}
        assert found == {5: True, 8: False, 10: True, 11: False, 15: True, 17: True}

    def test_every_other_week_leaves_the_weeks_between(self, week_of, nurse, treatment):  # noqa: F811
        do(week_of(days=[6], first=date(2027, 3, 8), every=2))

        found = [bool(open_on(nurse, treatment, date(2027, 3, day))) for day in (8, 13, 15, 20, 22, 27)]
        assert found == [False, True, True, False, False, True]

    def test_through_the_clock_change_the_wall_clock_holds(self, week_of, visit_at):
        """On 28 March 2027 the clocks go forward."""
        kept = visit_at(9, day=29)

        plan = hours.look(week_of(days=range(1, 8), starts=9, ends=10), now=NOW, choices={})

        assert plan.rows == []
        assert kept.pk

    def test_weeks_that_fit_no_longer_are_refused_kindly(self, week_of, nurse):  # noqa: F811
        WorkingHours.objects.update(every_weeks=3)

        assert "more than eight weeks" in hours.look(week_of(every=4), now=NOW, choices={}).refusal

    def test_a_day_that_has_passed_is_left_as_it_was(self, week_of):
        assert "passed" in hours.look(week_of(first=date(2027, 2, 26)), now=NOW, choices={}).refusal

    def test_hours_changed_in_another_window_are_not_written_over(self, week_of):
        stale = week_of(ends=12)
        do(week_of(ends=14))

        assert "another window" in hours.look(stale, now=NOW, choices={}).refusal
        with pytest.raises(PlanOutOfDate):
            hours.do(stale, now=NOW, choices={}, versions={}, by=None, key=uuid.uuid4())

    def test_a_visit_booked_since_the_page_is_not_passed_over(self, week_of, visit_at):
        change = week_of()
        visit_at(15)

        with pytest.raises(PlanOutOfDate):
            hours.do(change, now=NOW, choices={}, versions={}, by=None, key=uuid.uuid4())
        assert WorkingHours.objects.filter(ends_at=time(17)).count() == 5

    def test_the_same_key_is_the_same_change(self, week_of):
        change, key = week_of(), uuid.uuid4()

        first = do(change, key=key)
        again = hours.do(change, now=NOW, choices={}, versions={}, by=None, key=key)

        assert first == again
        assert DiaryChange.objects.count() == 1


class TestVisitsInTheWay:
    def test_the_first_proposal_is_within_the_new_hours(self, week_of, visit_at):
        visit = visit_at(15)

        do(week_of())

        visit.refresh_from_db()
        assert clock.local(visit.ends_at).time() <= time(13)

    def test_one_that_stays_is_unsettled_until_hours_hold_there_again(self, week_of, visit_at, nurse, location):  # noqa: F811
        visit = visit_at(15)
        do(week_of(), choices={visit.reference: KEEP})

        assert [(one.pk, one.why) for one in unsettled(NOW)] == [(visit.pk, "Outside the hours")]

        edit = AddExtraHours(practitioner_id=nurse.pk, location_id=location.pk, starts_at=at(14), ends_at=at(16))
        do(of(nurse, edit))
        assert not unsettled(NOW).exists()

    def test_one_that_staff_put_at_an_odd_hour_is_not_unsettled(self, week_of, visit_at):
        visit_at(19)
        do(week_of())

        assert not unsettled(NOW).exists()

    def test_a_time_that_a_visitor_holds_is_counted_and_unsettled_once_booked(
        self,
        week_of,
        nurse,  # noqa: F811
        treatment,  # noqa: F811
        location,  # noqa: F811
    ):
        held = HoldFactory(
            practitioner=nurse, treatment=treatment, location=location, starts_at=at(15),
            hold_expires_at=NOW + timedelta(minutes=5),
        )  # fmt: skip
        assert hours.look(week_of(), now=NOW, choices={}).held == 1
        do(week_of())

        booking.confirm(hold=held, details=details(), now=NOW)

        assert [one.pk for one in unsettled(NOW)] == [held.pk]

    def test_online_the_former_hours_are_gone(self, week_of, nurse, treatment):  # noqa: F811
        do(week_of())

        with pytest.raises(SlotTaken):
            booking.book(treatment=treatment, practitioner=nurse, starts_at=at(15), details=details(), now=NOW)


class TestExtraHours:
    def edit(self, nurse, location, day=6):  # noqa: F811
        return AddExtraHours(
            practitioner_id=nurse.pk, location_id=location.pk, starts_at=at(10, day=day), ends_at=at(12, day=day)
        )

    def test_they_open_a_day_and_undo_closes_it(self, nurse, treatment, location):  # noqa: F811
        change = do(of(nurse, self.edit(nurse, location)))
        assert open_on(nurse, treatment, date(2027, 3, 6))

        undo(change=change, now=NOW, by=None)

        assert not open_on(nurse, treatment, date(2027, 3, 6))

    def test_a_visit_booked_in_them_keeps_undo_from_closing_over_it(self, nurse, location, visit_at):  # noqa: F811
        change = do(of(nurse, self.edit(nurse, location)))
        visit_at(10, day=6)

        with pytest.raises(CannotBeUndone, match="A visit lies in these hours"):
            undo(change=change, now=NOW, by=None)
        assert ExtraHours.objects.exists()

    def test_nobody_is_at_two_locations_at_once(self, nurse, location):  # noqa: F811
        do(of(nurse, self.edit(nurse, location)))

        plan = hours.look(of(nurse, self.edit(nurse, LocationFactory())), now=NOW, choices={})

        assert plan.refusal == "There are extra hours at another location then."

    def test_removing_them_shows_the_visits_in_them(self, nurse, location, visit_at):  # noqa: F811
        do(of(nurse, self.edit(nurse, location)))
        visit = visit_at(10, day=6)
        edit = Remove(model=ExtraHours, row=ExtraHours.objects.get().pk, now=NOW)

        assert [row.visit.pk for row in hours.look(of(nurse, edit), now=NOW, choices={}).rows] == [visit.pk]

    def test_what_has_passed_of_them_stays(self, nurse, location):  # noqa: F811
        row = ExtraHours.objects.create(practitioner=nurse, location=location, during=span(at(6, day=1), at(12, day=1)))

        do(of(nurse, Remove(model=ExtraHours, row=row.pk, now=NOW)))

        assert ExtraHours.objects.get().during == span(at(6, day=1), NOW)

    def test_what_has_gone_meanwhile_is_said(self, nurse):  # noqa: F811
        plan = hours.look(of(nurse, Remove(model=ExtraHours, row=4711, now=NOW)), now=NOW, choices={})

        assert "changed meanwhile" in plan.refusal


class TestBreaks:
    def edit(self, nurse, weekdays=(2, 4)):  # noqa: F811
        return AddBreak(
            practitioner_id=nurse and nurse.pk,
            weekdays=weekdays,
            starts_at=time(12),
            ends_at=time(13),
            reason="Lunch",
            weeks=Weeks(TODAY),
        )

    def test_a_break_lists_the_visits_in_it(self, nurse, visit_at):  # noqa: F811
        in_it, _wednesday = visit_at(12, 30), visit_at(12, day=3)

        plan = hours.look(of(nurse, self.edit(nurse)), now=NOW, choices={})

        assert [row.visit.pk for row in plan.rows] == [in_it.pk]

    def test_a_break_of_the_clinic_is_everyones(self, nurse, visit_at):  # noqa: F811
        visit = visit_at(12, 30)

        do(of(None, self.edit(None)), choices={visit.reference: KEEP})

        assert [one.pk for one in unsettled(NOW)] == [visit.pk]

    def test_a_break_that_ends_opens_its_time_from_then_on(self, nurse):  # noqa: F811
        do(of(nurse, self.edit(nurse)))
        rows = tuple(RegularTimeOff.objects.values_list("pk", flat=True))

        do(of(nurse, EndBreak(rows=rows, first_day=date(2027, 3, 4))))

        assert [(row.weekday, row.valid_until) for row in RegularTimeOff.objects.all()] == [(2, date(2027, 3, 3))]


class TestUndo:
    def test_every_row_and_visit_is_as_it_was(self, week_of, visit_at):
        visit, cancelled = visit_at(15), visit_at(16)
        before = rota()
        change = do(week_of(every=2, first=date(2027, 3, 2)), choices={cancelled.reference: CANCEL})
        assert rota() != before

        undone = undo(change=change, now=NOW, by=None)

        assert rota() == before
        assert undone.undone_at == NOW
        for one, starts_at in ((visit, at(15)), (cancelled, at(16))):
            one.refresh_from_db()
            assert (one.starts_at, one.status) == (starts_at, Status.BOOKED)

    def test_twice_is_once(self, week_of):
        change = do(week_of())
        undo(change=change, now=NOW, by=None)

        assert undo(change=change, now=NOW + timedelta(minutes=1), by=None).undone_at == NOW

    def test_it_is_refused_when_the_hours_were_changed_again(self, week_of):
        change = do(week_of(ends=14))
        do(week_of(ends=12))

        with pytest.raises(CannotBeUndone, match="changed again"):
            undo(change=change, now=NOW, by=None)
        assert not WorkingHours.objects.filter(ends_at=time(17), valid_until=None).exists()

    def test_it_is_refused_where_other_hours_hold_by_now(self, week_of):
        """The row that was shortened stands as it was left; whole again it would lie over the later ones."""
        ended = do(week_of(days=()))
        do(week_of(first=date(2027, 3, 8), ends=12))
        before = rota()

        with pytest.raises(CannotBeUndone, match="changed again"):
            undo(change=ended, now=NOW, by=None)
        assert rota() == before

    def test_it_is_refused_where_there_are_extra_hours_elsewhere_by_now(self, nurse, location):  # noqa: F811
        row = ExtraHours.objects.create(practitioner=nurse, location=location, during=span(at(18), at(20)))
        gone = do(of(nurse, Remove(model=ExtraHours, row=row.pk, now=NOW)))
        ExtraHours.objects.create(practitioner=nurse, location=LocationFactory(), during=span(at(19), at(21)))

        with pytest.raises(CannotBeUndone, match="changed again"):
            undo(change=gone, now=NOW, by=None)

    def test_it_is_refused_once_a_day_has_passed_by_them(self, week_of):
        change = do(week_of())

        assert why_not(change, at(23)) == ""
        assert "in use since an earlier day" in why_not(change, at(0, 1, day=3))
        with pytest.raises(CannotBeUndone):
            undo(change=change, now=at(0, 1, day=3), by=None)

    def test_breaks_come_and_go(self, nurse):  # noqa: F811
        before = rota()
        added = do(of(nurse, TestBreaks().edit(nurse)))
        with_breaks = rota()
        rows = tuple(RegularTimeOff.objects.values_list("pk", flat=True))
        ended = do(of(nurse, EndBreak(rows=rows, first_day=date(2027, 3, 4))))

        undo(change=ended, now=NOW, by=None)
        assert rota() == with_breaks
        undo(change=added, now=NOW, by=None)
        assert rota() == before

    def test_time_off_taken_back_comes_back(self, nurse):  # noqa: F811
        row = TimeOff.objects.create(practitioner=nurse, during=span(at(9, day=8), at(17, day=9)), reason="Leave")
        before = rota()
        change = do(of(nurse, Remove(model=TimeOff, row=row.pk, now=NOW)))
        assert not TimeOff.objects.exists()

        undo(change=change, now=NOW, by=None)

        assert rota() == before

    def test_leave_taken_back_and_brought_back_can_still_be_undone_as_it_was_blocked(self, afternoon, do_block, nurse):  # noqa: F811
        blocked = do_block(afternoon)
        row = TimeOff.objects.get()
        change = do(of(nurse, Remove(model=TimeOff, row=row.pk, now=NOW)))

        undo(change=change, now=NOW, by=None)
        undo(change=DiaryChange.objects.get(pk=blocked.pk), now=NOW, by=None)

        assert not TimeOff.objects.exists()

    def test_what_was_kept_is_not_unsettled_any_more(self, week_of, visit_at):
        visit = visit_at(15)
        change = do(week_of(), choices={visit.reference: KEEP})

        undo(change=change, now=NOW, by=None)

        assert not unsettled(NOW).exists()
        assert ChangedVisit.objects.get().action == Action.KEPT
        assert Appointment.objects.get().version == visit.version


def test_a_week_that_overlaps_itself_is_refused_and_nothing_changes(nurse, location):  # noqa: F811
    """No form lets it through; the plan and the change say it all the same."""
    twice = tuple(WeekStretch(2, time(9), time(ends), location.pk) for ends in (12, 13))
    edit = SetWeek(practitioner_id=nurse.pk, weeks=Weeks(date(2027, 3, 2), None, 1), stretches=twice)
    change = HoursChange(
        practitioner=nurse, edit=edit, starts_at=at(0), ends_at=None, reason="usual week", mark=week_mark(nurse.pk)
    )
    before = rota()

    assert hours.look(change, now=NOW, choices={}).refusal == "There are other hours at this time already."
    with pytest.raises(NotBookable, match="other hours at this time"):
        hours.do(change, now=NOW, choices={}, versions={}, by=None, key=uuid.uuid4())
    assert rota() == before


def test_only_so_many_visits_are_planned_at_once(week_of, visit_at, monkeypatch):
    monkeypatch.setattr(hours, "MOST_VISITS", 1)
    visit_at(15)
    visit_at(16)

    with pytest.raises(NotBookable, match="shorter parts"):
        hours.do(week_of(), now=NOW, choices={}, versions={}, by=None, key=uuid.uuid4())

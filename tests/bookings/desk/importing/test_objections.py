"""F14: what speaks against a visit is told by line before anything is booked or sent, and imported only if confirmed."""

from datetime import date, datetime, timedelta

import pytest
import time_machine

from bookings.desk.importing.checks import outside_hours
from bookings.engine.availability.reasons import why_not
from bookings.messages.models import Message
from bookings.timetable.models import Device, ExtraHours, Location, OpenedHoliday, RegularTimeOff, TimeOff
from bookings.timetable.ranges import span
from bookings.visits.models import Appointment
from bookings.visits.policy import policy_for
from bookings.visits.refusals import Reason
from clinic.catalogue.models import DeviceKind, Treatment
from clinic.core.clock import LONDON
from clinic.practitioners.models import Practitioner
from tests.bookings.desk.importing.conftest import NOW, person
from tests.factories.bookings import LocationFactory, RoomFactory, working_week
from tests.factories.clinic import OfferedTreatmentFactory, PractitionerFactory, TreatmentFactory


def local(*moment):
    return datetime(*moment, tzinfo=LONDON)


@pytest.fixture
def nurse():
    return Practitioner.objects.get(slug="alex")


@pytest.fixture(autouse=True)
def time_off(nurse):
    TimeOff.objects.create(practitioner=nurse, during=span(local(2027, 3, 9), local(2027, 3, 10)), reason="Training")
    lunch = {"starts_at": "12:00", "ends_at": "13:00", "valid_from": date(2026, 1, 1), "reason": "Lunch"}
    RegularTimeOff.objects.create(practitioner=nurse, weekday=5, **lunch)


AGAINST = [
    ({"treatment": "toxin"}, "not_offered", "Alex does not offer Toxin"),
    ({"starts_at": "2027-03-07 03:00"}, "outside_hours", "Alex does not work then (no hours on Sunday 7 March 2027)"),
    ({"starts_at": "2027-03-05 16:45"}, "outside_hours", "Alex does not work then (09:00 to 17:00 on Friday 5 March"),
    ({"starts_at": "2028-12-25 10:00"}, "outside_hours", "the clinic is closed on Monday 25 December 2028 (Christmas Day)"),
    ({"starts_at": "2027-03-09 10:00"}, "outside_hours", "Alex has time off then (Training, 00:00 to 24:00)"),
    ({"starts_at": "2027-03-05 11:45"}, "outside_hours", "Alex has time off then (Lunch, 12:00 to 13:00)"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "switch", "told"), AGAINST)
@pytest.mark.parametrize("check", [True, False])
def test_is_told_by_line_and_nothing_is_booked_or_sent(run, change, switch, told, check):
    TreatmentFactory(slug="toxin", name="Toxin")
    _, err, failure = run({}, {"full_name": "Kim Day", **change}, check=check)

    assert err.startswith(f"line 3: {told}")
    assert f"--{switch.replace('_', '-')} imports it all the same." in err
    assert failure
    assert not Appointment.objects.exists()
    assert not Message.objects.exists()


@pytest.mark.parametrize(("change", "switch", "told"), AGAINST)
def test_is_imported_once_its_own_switch_confirms_it(run, change, switch, told):
    TreatmentFactory(slug="toxin", name="Toxin")
    others = {"not_offered": True, "outside_hours": True} | {switch: False}

    assert told in run(change, **others)[1]
    assert run(change, check=True, **{switch: True})[0].startswith("1 visit would be imported")
    assert run(change, **{switch: True})[0].startswith("1 visit imported")


def test_two_objections_are_told_at_once(run):
    TreatmentFactory(slug="toxin", name="Toxin")
    _, err, _ = run({"treatment": "toxin", "starts_at": "2027-03-07 03:00"})

    assert "Alex does not offer Toxin" in err
    assert "Alex does not work then" in err


def test_extra_hours_and_an_opened_holiday_are_hours(run, nurse):
    during = span(local(2027, 3, 7, 9), local(2027, 3, 7, 12))
    ExtraHours.objects.create(practitioner=nurse, location=LocationFactory(), during=during)
    OpenedHoliday.objects.create(day=date(2028, 12, 25))

    _, err, _ = run({"starts_at": "2027-03-07 10:00"}, {"starts_at": "2028-12-25 10:00"})

    assert err == ""


def test_the_hours_of_the_past_are_not_known_here_and_cancelled_visits_take_no_time(run):
    lines = [{"starts_at": "2019-07-14 06:15"}, {"starts_at": "2027-03-07 03:00", "status": "cancelled"}]

    assert run(*lines)[0].startswith("2 visits imported, 0 already here, 0 refused.")


def test_two_at_once_are_told_and_no_switch_confirms_them(run):
    lines = [{}, {"full_name": "Kim Day", "starts_at": "2027-03-05 09:45"}]
    for options in ({"check": True}, {"not_offered": True, "outside_hours": True}):
        assert run(*lines, **options)[1].startswith("line 3: Alex has another visit at this time.")


def test_the_hours_are_those_of_the_engine(nurse):
    """`outside_hours` is told in words, Reason.CLOSED in SQL: they call the same times closed."""
    treatment, length = Treatment.objects.get(slug="peel"), timedelta(minutes=30)
    extra = span(local(2027, 3, 7, 10), local(2027, 3, 7, 12))
    ExtraHours.objects.create(practitioner=nurse, location=Location.objects.get(), during=extra)
    days = [date(2027, 3, day) for day in (5, 6, 7, 9, 26, 28, 29)]  # lunch, weekend, training, Easter, the clocks

    for at in [
        local(day.year, day.month, day.day, hour, minute) for day in days for hour in range(24) for minute in (0, 45)
    ]:
        said = bool(outside_hours(nurse, at, at + length))
        reason = why_not(
            treatment=treatment,
            practitioner=nurse,
            starts_at=at,
            now=NOW,
            policy=policy_for(treatment).however_far(),
        )
        assert said == (reason == Reason.CLOSED), at


def test_what_is_in_the_way_is_said_as_the_engine_finds_it(run, nurse):
    treatment = Treatment.objects.get(slug="peel")
    kind = DeviceKind.objects.create(name="Laser")
    other = PractitionerFactory(slug="kim", name="Kim")
    for name, rules in {"laser": {"device_kind": kind}, "facial": {"room_kind": "treatment"}}.items():
        made = TreatmentFactory(slug=name, **rules)
        for person_ in (nurse, other):
            OfferedTreatmentFactory(practitioner=person_, treatment=made)
    Treatment.objects.filter(pk=treatment.pk).update(buffer_after_minutes=30)
    location = Location.objects.get()
    working_week(other, location)
    Device.objects.create(location=location, name="Laser 1", kind=kind)
    RoomFactory(location=location, kind="treatment")
    assert not run(
        person(1) | {"treatment": "laser", "practitioner": "kim", "starts_at": "2027-03-04 09:30"},
        person(2) | {"treatment": "facial", "practitioner": "kim", "starts_at": "2027-03-04 14:00"},
        person(3) | {"starts_at": "2027-03-04 16:00"},
    )[1]

    _, err, _ = run(
        person(4) | {"treatment": "laser", "starts_at": "2027-03-04 09:30"},
        person(5) | {"treatment": "facial", "starts_at": "2027-03-04 14:00"},
        person(6) | {"starts_at": "2027-03-04 15:45"},
        person(7) | {"starts_at": "2027-03-04 15:15"},
    )

    told = [line.split(" Free near")[0] for line in err.splitlines()]
    assert told == [
        "line 2: the device that this needs is in use at this time.",
        "line 3: every room that this needs is taken at this time.",
        "line 4: Alex has another visit at this time.",
        "line 5: Alex needs this time before or after another visit, to prepare or clean up.",
    ]


def test_the_cleaning_after_a_visit_here_is_in_the_way_of_one_that_is_over(run, nurse):
    Treatment.objects.filter(slug="peel").update(buffer_after_minutes=30)
    begun = {"starts_at": "2027-03-01 07:50", "status": "booked"}
    assert not run(person(1) | begun, outside_hours=True)[1]

    with time_machine.travel(local(2027, 3, 1, 10), tick=False):
        err = run(person(2) | {"starts_at": "2027-03-01 08:25", "status": "attended"})[1]

    assert err.startswith("line 2: Alex needs this time before or after another visit")

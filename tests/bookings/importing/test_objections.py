"""F14: what speaks against a visit is told by line before anything is booked or sent, and imported only if confirmed."""

from datetime import date, datetime

import pytest

from bookings.models import Appointment, ExtraHours, Message, OpenedHoliday, RegularTimeOff, TimeOff
from bookings.models.ranges import span
from clinic.core.clock import LONDON
from clinic.practitioners.models import Practitioner
from tests.factories.bookings import LocationFactory
from tests.factories.clinic import TreatmentFactory


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

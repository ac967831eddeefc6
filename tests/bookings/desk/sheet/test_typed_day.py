from __future__ import annotations

from datetime import timedelta

import pytest

from bookings.desk.sheet.typed_day import Typed, outcomes, save
from bookings.visits.history import history
from bookings.visits.models import Appointment
from bookings.visits.models.statuses import ALLOWED_MOVES, Status
from bookings.visits.refusals import BirthdayNeeded, IllegalMove, SlotTaken, Stale
from tests.bookings.moments import at
from tests.factories.bookings import AppointmentFactory
from tests.factories.clinic import PatientFactory, TreatmentFactory

pytestmark = pytest.mark.django_db
EVENING = at(18)


def made(status):
    values = {"cancelled_at": at(9)} if status == Status.CANCELLED else {}
    return AppointmentFactory(starts_at=at(10), status=status, **values)


def now_of(visit):
    return Appointment.objects.get(pk=visit.pk)


@pytest.mark.parametrize(
    ("status", "offered"),
    [
        ("booked", ["arrived", "completed", "no_show", "cancelled"]),
        ("confirmed", ["arrived", "completed", "no_show", "cancelled"]),
        ("arrived", ["completed", "cancelled"]),
        ("in_progress", ["completed"]),
        ("completed", []),
        ("no_show", ["arrived", "completed"]),
        ("cancelled", []),
    ],
)
def test_what_is_offered_can_be_saved_and_nothing_else(status, offered):
    visit = made(status)
    assert [value for value, _label in outcomes(visit, EVENING)] == offered

    for outcome in ("arrived", "completed", "no_show", "cancelled"):
        one = made(status)
        if outcome in offered or outcome == status:
            save(one, Typed(outcome, one.version), EVENING)
            assert now_of(one).status == outcome
        else:
            with pytest.raises(IllegalMove):
                save(one, Typed(outcome, one.version), EVENING)
            assert now_of(one).status == status


def test_a_finished_visit_went_through_each_step_of_the_day():
    visit = made("booked")

    save(visit, Typed("completed", 1), EVENING)

    assert [one.what for one in history(now_of(visit))][1:] == ["Arrived", "In progress", "Completed"]
    assert all(b in ALLOWED_MOVES[a] for a, b in (("booked", "arrived"), ("arrived", "in_progress")))


def test_nobody_arrives_before_their_day_or_is_missing_before_their_time():
    tomorrow = AppointmentFactory(starts_at=EVENING + timedelta(days=1))
    tonight = AppointmentFactory(starts_at=EVENING + timedelta(hours=1))

    assert [value for value, _ in outcomes(tomorrow, EVENING)] == ["cancelled"]
    assert [value for value, _ in outcomes(tonight, EVENING)] == ["arrived", "cancelled"]
    with pytest.raises(IllegalMove):
        save(tomorrow, Typed("completed", 1), EVENING)


@pytest.mark.parametrize(("status", "may"), [("booked", False), ("arrived", False), ("in_progress", True)])
def test_a_visit_is_completed_once_it_has_begun_by_its_hour_or_early(status, may):
    visit = made(status)
    early = at(9)

    if may:
        save(visit, Typed("completed", 1), early)
    else:
        with pytest.raises(IllegalMove, match="This visit begins at 10:00"):
            save(visit, Typed("completed", 1), early)

    assert ("completed" in dict(outcomes(made(status), early))) is may
    assert now_of(visit).status == ("completed" if may else status)


@pytest.mark.parametrize("outcome", ["arrived", "completed", "no_show", "cancelled"])
def test_the_same_form_twice_is_once(outcome):
    visit = made("booked")
    early, late = now_of(visit), now_of(visit)  # two requests that both read it before either saved
    save(early, Typed(outcome, 1), EVENING)
    saved = now_of(visit)

    save(late, Typed(outcome, 1), EVENING)
    save(now_of(visit), Typed(outcome, 1), EVENING)

    again = now_of(visit)
    assert (again.status, again.version) == (outcome, saved.version)


@pytest.mark.parametrize("outcome", ["arrived", "completed", "cancelled"])
def test_what_someone_else_changed_meanwhile_is_refused(outcome):
    visit = made("booked")
    shown = now_of(visit)
    save(visit, Typed("no_show", 1), EVENING)

    with pytest.raises(Stale):
        save(shown, Typed(outcome, 1), EVENING)
    with pytest.raises(Stale):
        save(now_of(visit), Typed(outcome, 1), EVENING)
    assert now_of(visit).status == Status.NO_SHOW


def test_a_step_that_fails_takes_those_before_it_back():
    """Missed, and the time given to someone else: they cannot have been seen."""
    visit = made("no_show")
    AppointmentFactory(practitioner=visit.practitioner, starts_at=at(10))

    with pytest.raises(SlotTaken):
        save(visit, Typed("completed", 1), EVENING)
    assert now_of(visit).status == Status.NO_SHOW


def test_a_visit_is_not_completed_before_the_birthday_is_known():
    ageless, unasked = TreatmentFactory(minimum_age=0), PatientFactory(date_of_birth=None)
    visit = AppointmentFactory(starts_at=at(10), treatment=ageless, patient=unasked, source="desk")

    with pytest.raises(BirthdayNeeded):
        save(visit, Typed("completed", visit.version), EVENING)

    assert now_of(visit).status == "booked"

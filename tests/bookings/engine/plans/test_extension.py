import uuid

import pytest

from bookings.engine import changes
from bookings.engine.plans import extension as extensions
from bookings.engine.plans.choices import KEEP
from bookings.engine.plans.extension import Extension
from bookings.engine.plans.undo import undo
from bookings.visits.models import Appointment
from bookings.visits.models.statuses import Status
from bookings.visits.refusals import SlotTaken, Stale
from tests.bookings.moments import NOW, at
from tests.factories.bookings import RoomFactory
from tests.factories.clinic import PractitionerFactory

pytestmark = pytest.mark.django_db


def do(extension, *, choices=None, versions=None):
    plan = extensions.look(extension, now=NOW, choices=choices or {})
    shown = {row.visit.reference: row.choice for row in plan.rows} | (choices or {})
    known = {row.visit.reference: row.visit.version for row in plan.rows}
    known |= {extension.visit.reference: extension.visit.version} | (versions or {})
    return extensions.do(extension, now=NOW, choices=shown, versions=known, by=None, key=uuid.uuid4())


def longer(visit, by=15):
    return Extension(visit=visit, minutes=visit.minutes + by)


def test_into_free_time_it_hits_nobody(visit_at):
    visit = visit_at(10)

    change = do(longer(visit))

    visit.refresh_from_db()
    assert visit.ends_at == at(10, 45)
    assert visit.occupied.upper == at(10, 45)
    assert [row.action for row in change.visits.all()] == ["resized"]


def test_the_next_visit_makes_way(visit_at, nurse):
    visit, following = visit_at(10), visit_at(10, 30)

    plan = extensions.look(longer(visit), now=NOW, choices={})
    assert [row.visit.pk for row in plan.rows] == [following.pk]
    assert plan.refusal == ""
    do(longer(visit))

    visit.refresh_from_db()
    following.refresh_from_db()
    assert visit.ends_at == at(10, 45)
    assert not following.during.lower < at(10, 45) < following.during.upper
    assert following.starts_at == plan.rows[0].choice.starts_at


def test_it_cannot_be_longer_while_the_next_stays(visit_at):
    visit, following = visit_at(10), visit_at(10, 30)
    kept = {following.reference: KEEP}

    assert extensions.look(longer(visit), now=NOW, choices=kept).refusal == "Sorry, this time is taken."
    with pytest.raises(SlotTaken):
        do(longer(visit), choices=kept)

    assert Appointment.objects.get(pk=visit.pk).minutes == 30


def test_one_in_the_same_room_makes_way_too(visit_at, treatment, location):
    treatment.room_kind = "treatment"
    treatment.save()
    room = RoomFactory(location=location, kind="treatment")
    colleague = PractitionerFactory(offers=[treatment])
    visit = visit_at(10, room=room)
    following = visit_at(10, 30, room=room, practitioner=colleague)

    assert [row.visit.pk for row in extensions.look(longer(visit), now=NOW, choices={}).rows] == [following.pk]


@pytest.mark.parametrize("status", [Status.ARRIVED, Status.IN_PROGRESS, Status.CONFIRMED])
def test_its_status_stays(visit_at, status):
    visit = visit_at(10, status=status)

    do(longer(visit))

    assert Appointment.objects.get(pk=visit.pk).status == status


@pytest.mark.parametrize("status", [Status.COMPLETED, Status.NO_SHOW])
def test_one_that_is_over_keeps_its_length(visit_at, status):
    visit = visit_at(10, status=status)

    assert "Only a visit that is to come or going on" in extensions.look(longer(visit), now=NOW, choices={}).refusal


@pytest.mark.parametrize("minutes", [0, -15, 4, 481, 10_000])
def test_lengths_out_of_bounds_are_refused(visit_at, minutes):
    visit = visit_at(10)

    plan = extensions.look(Extension(visit=visit, minutes=minutes), now=NOW, choices={})

    assert plan.refusal == "A visit lasts between 5 minutes and 8 hours."


def test_shorter_frees_the_time(visit_at):
    visit = visit_at(10)

    do(longer(visit, by=-15))

    assert Appointment.objects.get(pk=visit.pk).ends_at == at(10, 15)


def test_of_a_page_out_of_date_nothing_is_done(visit_at):
    visit = visit_at(10)

    with pytest.raises(Stale):
        do(longer(visit), versions={visit.reference: visit.version + 1})


def test_undo_gives_all_their_time_back(visit_at):
    visit, following = visit_at(10), visit_at(10, 30, status=Status.CONFIRMED)

    undo(change=do(longer(visit)), now=NOW, by=None)

    for one in (visit, following):
        was = (one.during, one.status)
        one.refresh_from_db()
        assert (one.during, one.status) == was


def test_the_patient_is_told_nothing(visit_at):
    visit = visit_at(10)
    before = visit.messages.count()

    do(longer(visit))

    assert visit.messages.count() == before


def test_a_hold_that_ran_out_is_not_in_its_way(visit_at):
    visit = visit_at(10)
    visit_at(10, 30, status=Status.HELD, patient=None, hold_expires_at=NOW)

    do(longer(visit))

    visit.refresh_from_db()
    assert visit.ends_at == at(10, 45)


def test_without_the_version_that_a_page_showed_nothing_is_done(visit_at):
    visit = visit_at(10)

    with pytest.raises(Stale):
        extensions.do(longer(visit), now=NOW, choices={}, versions={}, by=None, key=uuid.uuid4())

    visit.refresh_from_db()
    assert visit.ends_at == at(10, 30)


def test_moved_by_staff_or_by_its_patient_it_keeps_the_length_that_it_was_given(visit_at):
    visit = visit_at(10)
    do(longer(visit, by=30))

    moved = changes.move(appointment=visit, starts_at=at(14, day=3), now=NOW, by_staff=True)
    assert moved.minutes == 60
    moved = changes.move(appointment=moved, starts_at=at(9, day=4), now=NOW)
    assert (moved.minutes, moved.occupied.upper) == (60, at(10, day=4))


def test_where_its_length_does_not_fit_it_is_not_moved(visit_at):
    visit = visit_at(10)
    do(longer(visit, by=30))
    visit_at(14, 30)

    with pytest.raises(SlotTaken):
        changes.move(appointment=visit, starts_at=at(14), now=NOW, by_staff=True)

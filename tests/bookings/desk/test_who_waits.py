"""A gap of the diary names who waits for one of its times."""

from datetime import date, timedelta

import pytest

from bookings.desk.gaps import gaps_on
from bookings.messages.planning.visit_messages import STAFF_DELAY
from bookings.visits.models import BookingSettings
from bookings.visits.models.statuses import Status
from bookings.waiting_list.models import Offer, WaitingEntry
from clinic.catalogue.models import Treatment
from tests.bookings.moments import NOW, at
from tests.bookings.one_nurse import location, nurse, treatment
from tests.factories.bookings import AppointmentFactory, HoldFactory, working_week
from tests.factories.clinic import OfferedTreatmentFactory, PatientFactory, PractitionerFactory, TreatmentFactory

__all__ = ["location", "nurse", "treatment"]
pytestmark = pytest.mark.django_db
TUESDAY = date(2027, 3, 2)


def wait(treatment, name="Rowan Hale", *, since=NOW, practitioners=(), **wishes):
    entry = WaitingEntry.objects.create(
        patient=PatientFactory(full_name=name),
        treatment=treatment,
        first_day=TUESDAY - timedelta(days=1),
        last_day=TUESDAY + timedelta(days=30),
        created_at=since,
        **wishes,
    )
    entry.practitioners.set(practitioners)
    return entry


def waiting_for(nurse, *, now=NOW, day=TUESDAY, **options):
    """Of each gap of the nurse's Tuesday: who is named, with the time, and how many others there are."""
    found = gaps_on(day, [nurse.pk], now=now, **options).get(nurse.pk, [])
    return [([(one.short_name, one.starts_at) for one in gap.waits.named], gap.waits.others) for gap in found]


def test_who_waits_is_named_with_the_first_time_that_suits(nurse, treatment):
    wait(treatment, parts=["afternoon"])

    assert waiting_for(nurse) == [([("R. Hale", at(12))], 0)]


def test_the_longest_waiting_is_named_and_the_others_are_counted(nurse, treatment):
    for number, name in enumerate(["Ada Lane", "Bo Reed", "Rowan Hale"]):
        wait(treatment, name, since=NOW - timedelta(days=number))

    assert waiting_for(nurse) == [([("R. Hale", at(9))], 2)]
    assert waiting_for(nurse, most_named=5) == [
        ([("R. Hale", at(9)), ("B. Reed", at(9)), ("A. Lane", at(9))], 0),
    ]


def test_each_gap_has_its_own_and_someone_with_two_wishes_is_named_once(nurse, treatment, location):
    peel = TreatmentFactory(duration_minutes=60)
    OfferedTreatmentFactory(practitioner=nurse, treatment=peel)
    AppointmentFactory(practitioner=nurse, starts_at=at(9, 30), minutes=7 * 60)
    entry = wait(treatment)
    WaitingEntry.objects.create(
        patient=entry.patient, treatment=peel, first_day=TUESDAY, last_day=TUESDAY, created_at=NOW
    )
    wait(peel, "Ada Lane", since=NOW + timedelta(hours=1))

    assert waiting_for(nurse) == [([("R. Hale", at(9))], 0), ([("R. Hale", at(16, 30))], 0)]


@pytest.mark.parametrize(
    "wishes",
    [
        {"weekdays": [1, 3, 4]},
        {"parts": ["evening"]},
        {"state": WaitingEntry.State.LEFT},
        {"first_day": TUESDAY + timedelta(days=1)},
        {"last_day": TUESDAY - timedelta(days=1)},
    ],
)
def test_whom_the_day_or_the_hour_does_not_suit_is_not_named(nurse, treatment, wishes):
    entry = wait(treatment)
    WaitingEntry.objects.filter(pk=entry.pk).update(**wishes)

    assert waiting_for(nurse) == [([], 0)]


def test_only_for_what_the_practitioner_gives_and_with_whom_they_want(nurse, treatment, location):
    other = PractitionerFactory(offers=[treatment])
    working_week(other, location)
    wait(TreatmentFactory(), "Ada Lane")
    wait(treatment, "Bo Reed", practitioners=[other])

    assert waiting_for(nurse) == [([], 0)]
    assert waiting_for(other) == [([("B. Reed", at(9))], 0)]


def test_whoever_has_an_offer_or_a_visit_then_is_not_named(nurse, treatment):
    offered, declined, busy = (wait(treatment, name) for name in ("Ada Lane", "Bo Reed", "Rowan Hale"))
    AppointmentFactory(patient=busy.patient, treatment=treatment, starts_at=at(8, 30), minutes=8 * 60)
    for entry, state, starts_at in ((offered, "open", at(9, day=3)), (declined, "declined", at(9))):
        hold = HoldFactory(practitioner=nurse, starts_at=at(9, day=3), status=Status.EXPIRED)
        times = {"starts_at": starts_at, "created_at": NOW, "expires_at": at(8)}
        Offer.objects.create(entry=entry, appointment=hold, practitioner=nurse, state=state, **times)

    named = waiting_for(nurse, most_named=5)

    assert named == [([("B. Reed", at(9, 15)), ("R. Hale", at(16, 30))], 0)]


def test_a_time_too_near_to_be_answered_is_not_offered(nurse, treatment):
    wait(treatment)

    soonest = at(14) - STAFF_DELAY - timedelta(minutes=40)
    assert waiting_for(nurse, now=soonest) == [([("R. Hale", at(14))], 0)]
    assert waiting_for(nurse, now=soonest + timedelta(seconds=1)) == [([("R. Hale", at(14, 15))], 0)]
    # at night nobody is told before eight
    assert waiting_for(nurse, now=at(22, day=1)) == [([("R. Hale", at(9))], 0)]


def test_a_consultation_comes_first_where_one_is_needed(nurse, treatment):
    Treatment.objects.filter(pk=treatment.pk).update(requires_consultation=True, reflection_hours=24)
    entry = wait(treatment)
    assert waiting_for(nurse) == [([], 0)]

    consultation = TreatmentFactory(kind=Treatment.Kind.CONSULTATION)
    AppointmentFactory(
        patient=entry.patient, treatment=consultation, starts_at=at(9, 30, day=1), status=Status.COMPLETED
    )

    assert waiting_for(nurse) == [([("R. Hale", at(10))], 0)]


def test_however_many_wait_it_takes_the_one_statement(nurse, treatment, django_assert_num_queries):
    rules = BookingSettings.load()
    for number in range(5):
        wait(treatment, f"Pat {number}")

    with django_assert_num_queries(1):
        assert waiting_for(nurse, settings=rules)[0][1] == 4

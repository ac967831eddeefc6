"""Two people merge the same pair at once: one does, the other is told; a booking meanwhile is of the one that remains."""

from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from bookings.desk.patients import merging
from bookings.engine.booking import book
from bookings.engine.eligibility import details_of
from bookings.visits.models import Appointment
from clinic.core.errors import DomainError
from clinic.patients.models import Patient, PatientMerge
from tests.bookings.races.track import Track, deadlocks
from tests.factories.bookings import AppointmentFactory, LocationFactory, working_week
from tests.factories.clinic import PatientFactory, PractitionerFactory, StaffFactory, TreatmentFactory

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
NOW = datetime(2026, 11, 23, 9, 10, tzinfo=UTC)
ROUNDS = 10
numbers = count(1)


@pytest.fixture
def track(transactional_db):
    lanes = Track(4)
    yield lanes
    lanes.close()


def quietly(work):
    """The refusal in place of the result, so that a lane goes on."""

    def attempt():
        try:
            return work()
        except DomainError as refusal:
            return refusal

    return attempt


def pair():
    visit = AppointmentFactory(starts_at=NOW + timedelta(days=next(numbers)))
    return PatientFactory(), visit.patient


def test_one_of_those_who_merge_a_pair_wins_whichever_record_they_keep(track):
    by, before = StaffFactory(), deadlocks()
    for _ in range(ROUNDS):
        one, other = pair()
        ways = [{"kept": one, "gone": other}, {"kept": other, "gone": one}] * 2
        results = track.race(*[quietly(lambda way=way: merging.merge(**way, by=by, now=NOW)) for way in ways])

        done = [result for result in results if isinstance(result, PatientMerge)]
        told = [str(result) for result in results if isinstance(result, merging.MergeRefused)]
        assert (len(done), len(told)) == (1, 3)
        assert Appointment.objects.get(patient__in=(one, other)).patient == done[0].kept
    track.flush()
    assert deadlocks() == before


def test_a_visit_booked_while_its_record_is_merged_is_of_the_one_that_remains(track):
    by, treatment = StaffFactory(), TreatmentFactory()
    nurse = PractitionerFactory(offers=[treatment])
    working_week(nurse, LocationFactory())
    tuesday = datetime(2026, 11, 24, 9, tzinfo=UTC)
    asked = {"treatment": treatment, "practitioner": nurse, "now": NOW, "by_staff": True}
    for number in range(ROUNDS):
        kept, gone = PatientFactory(), PatientFactory()
        starts = [tuesday + timedelta(days=7 * number, minutes=30 * n) for n in range(3)]
        results = track.race(
            quietly(lambda pair=(kept, gone): merging.merge(kept=pair[0], gone=pair[1], by=by, now=NOW)),
            *[
                quietly(lambda at=at, whose=gone: book(**asked, starts_at=at, details=details_of(whose)))
                for at in starts
            ],
        )

        assert [type(result).__name__ for result in results] == ["PatientMerge"] + ["Appointment"] * 3
        assert set(Appointment.objects.filter(patient__in=(kept, gone)).values_list("patient", flat=True)) == {kept.pk}
    assert Patient.objects.current().count() == ROUNDS

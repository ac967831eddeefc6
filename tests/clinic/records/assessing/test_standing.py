"""For which treatments assessments are suitable: the newest word counts, what was struck counts for nothing."""

from datetime import timedelta

import pytest

from bookings.desk.patients import merging
from clinic.core import clock
from clinic.records.assessing.models import AssessmentOutcome
from clinic.records.assessing.standing import windows, windows_for
from clinic.records.entries.chain import faults
from tests.factories.clinic import PatientFactory, StaffFactory, TreatmentFactory
from tests.factories.records import assess, clinician, strike, visit_of

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def visit():
    return visit_of(clinician())


@pytest.fixture
def lips():
    return TreatmentFactory(requires_consultation=True, reflection_hours=48)


def opens(patient, treatment):
    return [window.opens for window in windows_for(patient, treatment)]


def test_it_opens_when_the_time_to_think_is_over_until_the_end_of_its_last_day(visit, lips):
    entry = assess(visit, (lips, "suitable"))

    (window,) = windows_for(visit.patient, lips)
    assert window.opens == entry.recorded_at + 48 * HOUR
    assert clock.today(window.closes - HOUR) == entry.outcomes.get().valid_until
    assert opens(visit.patient, TreatmentFactory()) == opens(PatientFactory(), lips) == []
    assert list(faults()) == []


def test_the_time_runs_from_the_information_if_that_was_given_later(visit, lips):
    given = clock.now() + HOUR
    assess(visit, (lips, "suitable"), given=given)

    assert opens(visit.patient, lips) == [given + 48 * HOUR]


def test_no_time_is_asked_before_what_needs_no_consultation(visit):
    peel = TreatmentFactory(reflection_hours=48)
    entry = assess(visit, (peel, "suitable"))

    assert opens(visit.patient, peel) == [entry.recorded_at]


@pytest.mark.parametrize("outcome", ["not_suitable", "defer", "refer"])
def test_a_later_no_closes_what_stood_until_it_is_struck(visit, lips, outcome):
    first = assess(visit, (lips, "suitable"))
    later = assess(visit, (lips, outcome))

    assert opens(visit.patient, lips) == []
    strike(later)
    assert opens(visit.patient, lips) == [first.recorded_at + 48 * HOUR]
    strike(first)
    assert opens(visit.patient, lips) == []


def test_a_prescription_only_medicine_needs_one_in_person(visit):
    toxin = TreatmentFactory(is_prescription_only=True, price=None)
    assess(visit, (toxin, "suitable"), mode="remote")
    assert opens(visit.patient, toxin) == []

    assess(visit, (toxin, "suitable"))
    assert len(opens(visit.patient, toxin)) == 1


def test_an_assessment_of_a_record_that_was_merged_in_counts(visit, lips):
    kept = PatientFactory()
    assess(visit, (lips, "suitable"))

    merging.merge(kept=kept, gone=visit.patient, by=StaffFactory(), now=clock.now())

    assert len(opens(kept, lips)) == 1


def test_windows_of_nothing_are_none(visit):
    assert windows(AssessmentOutcome.objects.none(), HOUR) == []

"""What PostgreSQL refuses of assessments and of completion, by name."""

import pytest
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from bookings.visits.models import Appointment
from bookings.visits.models.statuses import Status
from clinic.core import clock
from clinic.core.errors import broken_constraint
from clinic.records.assessing.models import Assessment, AssessmentOutcome
from clinic.records.entries.models import Kind
from clinic.records.needs.models import TreatmentRules
from tests.factories.clinic import PatientFactory, PractitionerFactory, TreatmentFactory
from tests.factories.records import assess, clinician, make_entry, strike, visit_of

pytestmark = pytest.mark.django_db
COMPLETION = "visit_completes_with_its_record"


@pytest.fixture
def visit():
    return visit_of(clinician(), status=Status.IN_PROGRESS)


def refused(work):
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        work()
    return broken_constraint(refusal.value)


def complete(visit):
    Appointment.objects.filter(pk=visit.pk).update(status=Status.COMPLETED)


def assessment(entry, visit, **values):
    known = {"patient": visit.patient, "assessor": visit.practitioner, "mode": "in_person"}
    known |= {"assessed_at": entry.occurred_at, "location": visit.location}
    return Assessment.objects.create(entry=entry, **known | values)


def test_rows_are_only_added(visit):
    entry = assess(visit, (TreatmentFactory(), "suitable"))

    for model in (Assessment, AssessmentOutcome):
        rows = model.objects.filter(entry=entry)
        assert refused(lambda rows=rows: rows.update(patient=PatientFactory())) == "record_is_append_only"
        assert refused(rows.delete) == "record_is_append_only"
    with pytest.raises(ProtectedError):
        entry.delete()


def test_an_assessment_is_its_signers_of_that_patient_and_time(visit):
    entry = make_entry(visit, kind=Kind.ASSESSMENT)
    signer = "assessment_is_signed_by_its_assessor"

    assert refused(lambda: assessment(entry, visit, assessor=PractitionerFactory())) == signer
    assert refused(lambda: assessment(entry, visit, assessed_at=clock.now())) == signer
    assert refused(lambda: assessment(make_entry(visit), visit)) == signer
    assert refused(lambda: assessment(entry, visit, patient=PatientFactory())) == "assessment_is_of_its_entrys_patient"


def test_an_outcome_is_one_of_an_assessment_of_that_patient(visit):
    its = {"treatment": TreatmentFactory(), "outcome": "not_suitable"}
    note, entry = make_entry(visit), assess(visit)
    create = AssessmentOutcome.objects.create

    assert refused(lambda: create(entry=note, patient=note.patient, **its)) == "outcome_is_of_an_assessment"
    other = PatientFactory()
    assert refused(lambda: create(entry=entry, patient=other, **its)) == "outcome_is_of_its_entrys_patient"


class TestCompletion:
    def needs(self, visit, kind):
        TreatmentRules.objects.create(treatment=visit.treatment, record_kind=kind)

    def test_without_rules_a_visit_is_completed_as_ever(self, visit):
        complete(visit)
        visit.refresh_from_db()
        assert visit.status == Status.COMPLETED

    def test_a_treatment_that_is_recorded_elsewhere_too(self, visit):
        self.needs(visit, "none")
        complete(visit)

    def test_a_consultation_waits_for_its_assessment(self, visit):
        self.needs(visit, "consultation")
        make_entry(visit)
        make_entry(visit, kind=Kind.ASSESSMENT)  # signed as one, but nothing was assessed
        assert refused(lambda: complete(visit)) == COMPLETION

        entry = assess(visit)
        strike(entry)
        assert refused(lambda: complete(visit)) == COMPLETION
        assess(visit)
        complete(visit)

    @pytest.mark.parametrize("kind", ["procedure", "injectable"])
    def test_what_is_done_waits_for_what_was_done(self, visit, kind):
        self.needs(visit, kind)
        assess(visit)
        make_entry(patient=visit.patient, author=None)  # of no visit
        assert refused(lambda: complete(visit)) == COMPLETION

        make_entry(visit)
        complete(visit)

    def test_it_is_asked_once_not_at_every_later_change(self, visit):
        entry = make_entry(visit)
        self.needs(visit, "procedure")
        complete(visit)
        strike(entry)

        Appointment.objects.filter(pk=visit.pk).update(status=Status.COMPLETED, version=9)
        Appointment.objects.filter(pk=visit.pk).update(status=Status.IN_PROGRESS)
        assert refused(lambda: complete(visit)) == COMPLETION

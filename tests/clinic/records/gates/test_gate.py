"""What records say where bookings ask: treatments with rules alone are held up, and all that is missing is said at once."""

from datetime import date, timedelta

import pytest
import time_machine

from bookings.engine import status_changes
from bookings.messages.models import Message, MessageRule
from bookings.messages.planning import aftercare
from bookings.openings.gates import NotReady
from bookings.visits.models import Appointment
from bookings.visits.models.statuses import Status
from bookings.visits.refusals import NeedsRecord
from clinic.core import clock
from clinic.records.entries.models import Kind
from clinic.records.gates import missing
from clinic.records.gates.missing import missing_to_complete, missing_to_start
from clinic.records.needs.models import TreatmentRules
from tests.factories.clinic import TreatmentFactory
from tests.factories.records import assess, clinician, make_entry, strike, visit_of

pytestmark = pytest.mark.django_db


def rules(visit, **values):
    return TreatmentRules.objects.create(treatment=visit.treatment, **values)


def change(visit, status):
    return status_changes.change_status(appointment=visit, status=status, now=clock.now())


def said(visit):
    return [one.code for one in missing_to_start(visit, clock.now())]


@pytest.fixture
def visit():
    return visit_of(clinician(), status=Status.ARRIVED)


def test_a_clinic_without_rules_is_held_up_by_nothing(visit, django_assert_num_queries):
    with django_assert_num_queries(2):
        assert missing_to_start(visit, clock.now()) == missing_to_complete(visit, clock.now()) == []
    change(change(visit, Status.IN_PROGRESS), Status.COMPLETED)


def test_everything_is_said_at_once(visit):
    visit.patient.date_of_birth = clock.today() - timedelta(days=17 * 365)
    visit.patient.save()
    rules(visit, record_kind="injectable", needs_identity_check=True)

    with pytest.raises(NotReady) as refusal:
        change(visit, Status.IN_PROGRESS)

    assert [one.code for one in refusal.value.missing] == ["identity", "age", "assessment"]
    assert "3 things come first: Identity has not been seen. The patient is under 18." in str(refusal.value)


def test_identity_is_seen_once_and_struck_it_was_not(visit):
    rules(visit, needs_identity_check=True)
    assert said(visit) == ["identity"]

    entry = make_entry(visit, kind=Kind.IDENTITY_CHECK)
    assert said(visit) == []
    strike(entry)
    assert said(visit) == ["identity"]


def test_age_is_that_of_today(visit):
    rules(visit)
    visit.patient.date_of_birth = date(2009, 3, 2)

    for day, found in ((date(2027, 3, 1), ["age"]), (date(2027, 3, 2), [])):
        at = clock.day_bounds(day)[0] + timedelta(hours=9)
        assert [one.code for one in missing_to_start(visit, at)] == found


def test_an_assessment_opens_the_start_once_the_time_to_think_is_over(visit):
    rules(visit, record_kind="procedure")
    visit.treatment.requires_consultation, visit.treatment.reflection_hours = True, 24
    visit.treatment.save()
    entry = assess(visit, (visit.treatment, "suitable"))

    (found,) = missing_to_start(visit, clock.now())
    assert found.code == "time_to_think"
    assert found.sentence.startswith("The time to think ends on ")
    assert missing_to_start(visit, entry.recorded_at + timedelta(hours=24)) == []
    assert [one.code for one in missing_to_start(visit, entry.recorded_at + timedelta(days=182))] == ["assessment"]


@pytest.mark.parametrize("outcome", ["not_suitable", "defer", "refer"])
def test_what_was_found_unsuitable_reads_as_if_nobody_had_looked(visit, outcome):
    rules(visit, record_kind="procedure")
    unknown = missing_to_start(visit, clock.now())

    assess(visit, (visit.treatment, outcome))

    assert missing_to_start(visit, clock.now()) == unknown


def test_a_treatment_that_needs_no_consultation_is_assessed_on_the_day(visit):
    rules(visit, record_kind="procedure")
    assess(visit, (visit.treatment, "suitable"))

    begun = change(visit, Status.IN_PROGRESS)
    with pytest.raises(NotReady, match=r"What was done is not signed\."):
        change(begun, Status.COMPLETED)
    make_entry(visit)
    assert change(begun, Status.COMPLETED).status == Status.COMPLETED


def test_a_consultation_needs_no_assessment_to_start_and_one_to_be_completed(visit):
    rules(visit, record_kind="consultation")
    begun = change(visit, Status.IN_PROGRESS)

    with pytest.raises(NotReady, match=r"The consultation is not signed\."):
        change(begun, Status.COMPLETED)
    assess(visit, (TreatmentFactory(), "not_suitable"))
    assert change(begun, Status.COMPLETED).status == Status.COMPLETED


def test_the_database_has_the_last_word(visit, monkeypatch):
    rules(visit, record_kind="consultation")
    begun = change(visit, Status.IN_PROGRESS)
    monkeypatch.setattr(missing, "assessment_entry_of", lambda _: object())

    with pytest.raises(NeedsRecord, match=r"^This visit is completed once its record is signed\.$"):
        change(begun, Status.COMPLETED)
    assert Appointment.objects.get(pk=visit.pk).status == Status.IN_PROGRESS


@pytest.mark.parametrize(("outcome", "why"), [("not_suitable", "Nobody is invited after this visit."), ("defer", "")])
def test_nobody_is_invited_back_to_what_is_not_right_for_them(visit, outcome, why):
    visit.patient.marketing_opted_in_at = clock.now()
    visit.patient.save()
    MessageRule.objects.create(kind="recall", channel="email", hours=24 * 90)
    begun = change(visit, Status.IN_PROGRESS)
    assess(visit, (TreatmentFactory(), outcome))
    change(begun, Status.COMPLETED)
    recall = Message.objects.get(kind="recall")

    with time_machine.travel(recall.due_at, tick=False):
        assert aftercare.why_untrue(recall, Appointment.objects.get(pk=visit.pk)) == why

"""A visit of a patient whose birthday was not asked yet, as PostgreSQL judges it, through whichever door it comes."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from bookings.visits.models import Appointment
from bookings.visits.models.statuses import Status
from tests.bookings.moments import NOW, at
from tests.factories.bookings import AppointmentFactory, HoldFactory
from tests.factories.clinic import AgeGatedTreatmentFactory, PatientFactory, StaffFactory, TreatmentFactory

pytestmark = pytest.mark.django_db
WORD, START = "visit_without_birthday_has_their_word", "visit_starts_once_the_birthday_is_known"


def unasked(**values):
    return PatientFactory(date_of_birth=None, **values)


def said(age=18):
    return {"age_said": age, "age_said_at": NOW, "age_said_to": StaffFactory()}


def at_the_desk(**values):
    return AppointmentFactory(**{"starts_at": at(10), "source": "desk", "patient": unasked()} | values)


def refused(change):
    with pytest.raises(IntegrityError) as error, transaction.atomic():
        change()
    return error.value.__cause__.diag.constraint_name


def test_it_has_their_word_on_their_age():
    assert refused(at_the_desk) == WORD
    at_the_desk(**said())


def test_their_word_has_to_reach_the_minimum_age():
    older = TreatmentFactory(minimum_age=21)
    assert refused(lambda: at_the_desk(treatment=older, **said())) == WORD


def test_where_the_law_wants_the_birthday_first_their_word_does_not_do():
    assert refused(lambda: at_the_desk(treatment=AgeGatedTreatmentFactory(), **said())) == WORD


def test_without_an_age_rule_it_needs_no_word():
    at_the_desk(treatment=TreatmentFactory(minimum_age=0))


@pytest.mark.parametrize("source", ["online", "api", "import"])
def test_it_comes_from_the_desk_alone(source):
    ageless = TreatmentFactory(minimum_age=0)

    assert refused(lambda: at_the_desk(source=source, **said())) == WORD
    assert refused(lambda: at_the_desk(source=source, treatment=ageless)) == WORD


def test_a_hold_does_not_become_one():
    hold = HoldFactory(starts_at=at(10))

    assert refused(lambda: Appointment.objects.filter(pk=hold.pk).update(patient=unasked(), status="booked")) == WORD


def test_it_is_moved_and_arrives_and_does_not_start():
    visit = at_the_desk(**said())
    other = at_the_desk(starts_at=at(12), **said())
    visit.during = visit.occupied = at_the_desk(starts_at=at(14), status="no_show", **said()).during
    visit.status = Status.ARRIVED
    visit.save()

    for status in (Status.IN_PROGRESS, Status.COMPLETED):
        assert refused(lambda status=status: Appointment.objects.filter(pk=other.pk).update(status=status)) == START
        assert refused(lambda status=status: at_the_desk(starts_at=at(16), status=status, **said())) == START


def test_an_age_rule_that_came_later_stops_no_step():
    visit = at_the_desk(treatment=TreatmentFactory(minimum_age=0))
    visit.treatment.minimum_age = 18
    visit.treatment.save()

    visit.status = Status.ARRIVED
    visit.save()


def test_what_they_said_is_never_changed():
    visit = at_the_desk(**said())

    for change in ({"age_said": 21}, {"age_said_to": StaffFactory()}, dict.fromkeys(said())):
        assert refused(lambda change=change: Appointment.objects.filter(pk=visit.pk).update(**change)) == (
            "age_said_stays_as_said"
        )


def test_with_a_birthday_nothing_is_asked():
    AppointmentFactory(starts_at=at(10), status=Status.COMPLETED)

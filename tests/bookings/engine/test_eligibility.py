"""Without a birthday nobody books but the desk: online, by the interface, by import, after a visit, or from a hold."""

from __future__ import annotations

import pytest

from bookings.engine.booking import book
from bookings.engine.eligibility import desk_details_of
from bookings.engine.series.courses import book_course
from bookings.engine.series.follow_ups import book_follow_up
from bookings.visits.models import Appointment
from bookings.visits.refusals import BirthdayNeeded
from clinic.catalogue.models import Treatment
from clinic.patients.models import Patient
from tests.bookings.moments import NOW, at, details
from tests.factories.clinic import OfferedTreatmentFactory, PatientFactory, StaffFactory, TreatmentFactory

pytestmark = pytest.mark.django_db
Source = Appointment.Source


@pytest.fixture
def unasked():
    return desk_details_of(PatientFactory.build(pk=None, date_of_birth=None))


@pytest.fixture
def walk_in(treatment, nurse, unasked):
    return book(
        treatment=treatment, practitioner=nurse, starts_at=at(10), details=unasked, now=NOW,
        source=Source.DESK, by_staff=True, age_said_to=StaffFactory(),
    )  # fmt: skip


@pytest.mark.parametrize(
    "door",
    [
        {"source": Source.ONLINE},
        {"source": Source.API},
        {"source": Source.DESK},
        {"source": Source.IMPORT, "by_staff": True},
        {"source": Source.ONLINE, "by_staff": True},
    ],
)
@pytest.mark.parametrize("minimum_age", [0, 18])
def test_no_other_door_books_without_a_birthday(treatment, nurse, unasked, door, minimum_age):
    treatment.minimum_age = minimum_age
    treatment.save()

    with pytest.raises(BirthdayNeeded):
        book(
            treatment=treatment, practitioner=nurse, starts_at=at(10), details=unasked, now=NOW,
            age_said_to=StaffFactory(), **door,
        )  # fmt: skip
    assert not Patient.objects.exists()


@pytest.mark.parametrize("rule", [{"asks_date_of_birth_first": True}, {"minimum_age": 21}])
def test_where_their_word_does_not_do_the_desk_does_not_book_either(treatment, nurse, unasked, rule):
    Treatment.objects.filter(pk=treatment.pk).update(**rule)
    treatment.refresh_from_db()

    with pytest.raises(BirthdayNeeded):
        book(
            treatment=treatment, practitioner=nurse, starts_at=at(10), details=unasked, now=NOW,
            source=Source.DESK, by_staff=True, age_said_to=StaffFactory(),
        )  # fmt: skip
    assert not Patient.objects.exists()


def test_the_patient_books_nothing_further_by_the_link_of_the_visit(treatment, nurse, walk_in):
    review = TreatmentFactory(minimum_age=0)
    OfferedTreatmentFactory(practitioner=nurse, treatment=review)
    treatment.follow_up, treatment.course_visits = review, 3
    treatment.save()
    walk_in.treatment = treatment

    with pytest.raises(BirthdayNeeded, match="Please call us"):
        book_follow_up(visit=walk_in, starts_at=at(10, day=16), now=NOW)
    with pytest.raises(BirthdayNeeded):
        book_course(walk_in, [at(10, day=16)], NOW)
    assert Appointment.objects.get() == walk_in


def test_who_books_online_is_not_taken_for_the_walk_in_of_that_name_and_number(treatment, nurse, walk_in):
    online = book(treatment=treatment, practitioner=nurse, starts_at=at(12), details=details(), now=NOW)

    assert online.patient != walk_in.patient
    walk_in.patient.refresh_from_db()
    assert walk_in.patient.date_of_birth is None

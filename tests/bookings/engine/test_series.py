from datetime import date, timedelta

import pytest

from bookings.engine.booking import book
from bookings.engine.changes import cancel
from bookings.engine.idempotency import Idempotency
from bookings.engine.series.courses import suggest_course
from bookings.engine.series.follow_ups import book_follow_up, follow_up_of, follow_up_slots
from bookings.engine.series.together import book_series
from bookings.messages.models import Message
from bookings.timetable.models import TimeOff
from bookings.timetable.ranges import span
from bookings.visits.models import AgeRefusal, Appointment
from bookings.visits.refusals import NewPatientsOnly, NotBookable, PatientBusy, SlotTaken, TooManyVisits, TooYoung
from clinic.core import clock
from tests.bookings.moments import NOW, at, details
from tests.factories.bookings import AppointmentFactory, working_week
from tests.factories.clinic import OfferedTreatmentFactory, PractitionerFactory, TreatmentFactory

pytestmark = pytest.mark.django_db
THREE = [at(9), at(9, day=9), at(9, day=16)]


def series(treatment, nurse, starts=THREE, who=None, **options):
    return book_series(
        treatment=treatment, practitioner=nurse, starts=starts, details=who or details(), now=NOW, **options
    )


def test_several_visits_are_booked_at_once(treatment, nurse):
    visits = series(treatment, nurse)

    assert [visit.starts_at for visit in visits] == THREE
    assert len({visit.series for visit in visits}) == len({visit.patient for visit in visits}) == 1
    assert Message.objects.filter(kind="confirmation").count() == 3


def test_all_or_none(treatment, nurse):
    AppointmentFactory(practitioner=nurse, starts_at=THREE[1])
    before = Appointment.objects.count()

    with pytest.raises(SlotTaken) as refused:
        series(treatment, nurse)

    assert refused.value.starts_at == THREE[1]
    assert len(refused.value.alternatives) == 3
    assert all(clock.today(slot.starts_at) == date(2027, 3, 9) for slot in refused.value.alternatives)
    assert (Appointment.objects.count(), Message.objects.count()) == (before, 0)


def test_a_course_stays_with_one_practitioner_where_she_is_free(treatment, nurse, location):
    other = PractitionerFactory(offers=[treatment])
    working_week(other, location)
    first = series(treatment, None)
    assert len({visit.practitioner_id for visit in first}) == 1

    TimeOff.objects.create(practitioner=nurse, during=span(at(0, day=9), at(23, day=9)))
    second = series(treatment, None, [start + timedelta(hours=1) for start in THREE], details(2))
    assert second[1].practitioner == other


def test_the_same_request_again_gives_the_same_visits(treatment, nurse):
    key = Idempotency("course", b"x" * 32)
    first = series(treatment, nurse, idempotency=key)
    assert [v.pk for v in series(treatment, nurse, idempotency=key)] == [v.pk for v in first]
    assert Appointment.objects.count() == 3


@pytest.mark.parametrize(
    ("starts", "refusal"),
    [
        ([], NotBookable),
        ([at(9) + timedelta(days=n) for n in range(13)], NotBookable),
        ([at(9), NOW], NotBookable),
        ([at(9, minute) for minute in (0, 15)], (SlotTaken, PatientBusy)),  # the database says which it saw first
        ([at(hour) for hour in range(9, 16)], TooManyVisits),
    ],
    ids=["none", "too many", "one is too soon", "they overlap", "more than a patient may have"],
)
def test_refused_series_leave_nothing(treatment, nurse, starts, refusal):
    with pytest.raises(refusal):
        series(treatment, nurse, starts)
    assert not Appointment.objects.exists()


def test_a_new_patient_may_book_a_course_for_new_patients(treatment, nurse):
    treatment.open_to = "new"
    treatment.save()
    assert len(series(treatment, nurse)) == 3
    with pytest.raises(NewPatientsOnly):
        series(treatment, nurse, [at(11)])


def test_nobody_too_young_gets_one(treatment, nurse):
    with pytest.raises(TooYoung):
        series(treatment, nurse, who=details(date_of_birth=date(2009, 3, 2)))
    assert AgeRefusal.objects.count() == 1


def test_a_course_is_suggested_at_its_interval_on_the_wall_clock(treatment, nurse):
    treatment.course_visits, treatment.course_interval_days = 4, 14
    treatment.save()
    TimeOff.objects.create(practitioner=nurse, during=span(at(8, day=30), at(12, day=30)))
    first = book(treatment=treatment, practitioner=nurse, starts_at=at(10), details=details(), now=NOW)

    found = suggest_course(first, NOW)

    assert [one.nearest.starts_at for one in found] == [at(10, day=16), at(12, day=30), at(10, day=13, month=4)]
    assert [one.number for one in found] == [2, 3, 4]
    assert [clock.today(slot.starts_at).day for slot in found[0].slots] == [9, 10, 11, 12, 15, 16, 17, 18, 19, 22, 23]


def test_suggestions_are_one_statement(treatment, nurse, django_assert_num_queries):
    treatment.course_visits = 4
    treatment.save()
    first = book(treatment=treatment, practitioner=nurse, starts_at=at(10), details=details(), now=NOW)
    first = Appointment.objects.with_details().get(pk=first.pk)
    with django_assert_num_queries(2):  # the other asks for the clinic's rules
        suggest_course(first, NOW)


class TestFollowUp:
    @pytest.fixture
    def visit(self, treatment, nurse):
        review = TreatmentFactory(duration_minutes=15)
        OfferedTreatmentFactory(practitioner=nurse, treatment=review)
        treatment.follow_up = review
        treatment.save()
        return book(treatment=treatment, practitioner=nurse, starts_at=at(10), details=details(), now=NOW)

    def test_is_offered_around_its_day_with_the_same_practitioner(self, visit):
        days = {clock.today(slot.starts_at).day for slot in follow_up_slots(visit, NOW)}
        assert days == {15, 16, 17, 18, 19, 22, 23, 24, 25}  # the 26th is Good Friday

    def test_is_booked_once_for_the_same_patient(self, visit):
        wanted = follow_up_slots(visit, NOW)[0].starts_at
        review = book_follow_up(visit=visit, starts_at=wanted, now=NOW)
        again = book_follow_up(visit=visit, starts_at=wanted + timedelta(hours=1), now=NOW)

        assert (review.patient, review.follows, review.practitioner) == (visit.patient, visit, visit.practitioner)
        assert again == review == follow_up_of(visit)

    def test_may_be_for_returning_patients_only(self, visit):
        visit.treatment.follow_up.open_to = "returning"
        visit.treatment.follow_up.save()
        assert book_follow_up(visit=visit, starts_at=follow_up_slots(visit, NOW)[0].starts_at, now=NOW)

    def test_can_be_booked_again_once_cancelled(self, visit):
        wanted = follow_up_slots(visit, NOW)[0].starts_at
        cancel(appointment=book_follow_up(visit=visit, starts_at=wanted, now=NOW), now=NOW)
        assert book_follow_up(visit=visit, starts_at=wanted, now=NOW).is_upcoming

    def test_nothing_follows_a_cancelled_visit_or_another_treatment(self, visit, treatment):
        cancelled = cancel(appointment=visit, now=NOW)
        with pytest.raises(NotBookable):
            book_follow_up(visit=cancelled, starts_at=at(9, day=16), now=NOW)
        treatment.follow_up = None
        treatment.save()
        visit.refresh_from_db()
        assert follow_up_slots(visit, NOW) == []

"""C1: only the consultation that belongs to a treatment opens it, from the time to reflect until it is out of date."""

from datetime import timedelta

import pytest

from bookings.engine.booking import book
from bookings.engine.changes import move
from bookings.engine.eligibility import find_or_add_patient
from bookings.engine.series.courses import suggest_course
from bookings.engine.series.follow_ups import follow_up_slots
from bookings.engine.series.together import book_series
from bookings.visits.models import BookingSettings
from bookings.visits.models.statuses import Status
from bookings.visits.refusals import NeedsConsultation
from bookings.waiting_list.entries import join
from clinic.catalogue.consultations import consultation_before, consultations_for
from clinic.catalogue.models import Treatment
from clinic.core import clock
from tests.bookings.moments import NOW, at, details
from tests.factories.bookings import AppointmentFactory
from tests.factories.clinic import CategoryFactory, OfferedTreatmentFactory, TreatmentFactory

pytestmark = pytest.mark.django_db
TALK = Treatment.Kind.CONSULTATION


@pytest.fixture
def lips(nurse):
    category = CategoryFactory(name="Lips")
    lips = TreatmentFactory(name="Lip filler", category=category, requires_consultation=True)
    OfferedTreatmentFactory(practitioner=nurse, treatment=lips)
    return lips


@pytest.fixture
def talk(lips):
    """The consultation about lips; the one about skin comes first in the clinic's list, and does not count."""
    TreatmentFactory(name="Skin talk", kind=TALK, category=CategoryFactory(position=0))
    talk = TreatmentFactory(name="Lip talk", kind=TALK, category=CategoryFactory(position=9))
    lips.category.consultations.add(talk)
    return talk


def had(consultation, ended_at, status=Status.COMPLETED):
    patient, _ = find_or_add_patient(details())
    starts_at = ended_at - timedelta(minutes=30)
    return AppointmentFactory(patient=patient, treatment=consultation, status=status, starts_at=starts_at)


def booked(treatment, nurse, starts_at=None, **options):
    asked = {"details": details(), "now": NOW} | options
    return book(treatment=treatment, practitioner=nurse, starts_at=starts_at or at(10), **asked)


def refused(*args, **options):
    with pytest.raises(NeedsConsultation) as refusal:
        booked(*args, **options)
    return str(refusal.value)


class TestTheRightOne:
    def test_another_consultation_does_not_open_a_treatment(self, lips, talk, nurse):
        had(Treatment.objects.get(name="Skin talk"), NOW - timedelta(days=3))

        refused(lips, nurse)

    def test_the_one_that_the_category_names_does(self, lips, talk, nurse):
        had(talk, NOW - timedelta(days=3))

        assert booked(lips, nurse).status == Status.BOOKED

    @pytest.mark.parametrize("status", [Status.BOOKED, Status.NO_SHOW])
    def test_one_that_did_not_take_place_does_not(self, lips, talk, nurse, status):
        had(talk, NOW - timedelta(days=3), status)

        refused(lips, nurse)

    def test_without_a_named_one_those_of_the_category_count(self, lips):
        TreatmentFactory(kind=TALK, category=CategoryFactory(position=0))
        own = TreatmentFactory(kind=TALK, category=lips.category)

        assert list(consultations_for(lips)) == [own]

    def test_else_the_clinics_first_counts_and_is_the_one_to_book(self, lips):
        TreatmentFactory(kind=TALK, category=CategoryFactory(position=2))
        first = TreatmentFactory(kind=TALK, category=CategoryFactory(position=1))

        assert list(consultations_for(lips)) == [first] == [consultation_before(lips)]

    def test_staff_may_book_without(self, lips, talk, nurse):
        assert booked(lips, nurse, by_staff=True).status == Status.BOOKED


class TestWithinItsValidity:
    @pytest.fixture(autouse=True)
    def counts_for_a_hundred_days(self):
        BookingSettings.objects.update_or_create(defaults={"consultation_valid_days": 100})

    def test_it_opens_until_the_last_minute(self, lips, talk, nurse):
        had(talk, at(10) - timedelta(days=100))

        assert booked(lips, nurse).status == Status.BOOKED

    def test_and_not_later(self, lips, talk, nurse):
        had(talk, at(10) - timedelta(days=100, minutes=1))

        assert "24 hours to 100 days before the visit" in refused(lips, nurse)

    def test_the_treatments_own_rule_comes_first(self, lips, talk, nurse):
        lips.consultation_valid_days = 30
        lips.save()
        had(talk, at(10) - timedelta(days=31))

        refused(lips, nurse)

    def test_a_newer_consultation_opens_it_again(self, lips, talk, nurse):
        had(talk, at(10) - timedelta(days=300))
        had(talk, at(10) - timedelta(days=5))

        assert booked(lips, nurse).status == Status.BOOKED

    def test_the_older_one_bridges_the_time_to_reflect_on_the_newer(self, lips, talk, nurse):
        had(talk, at(10) - timedelta(days=50))
        had(talk, at(10) - timedelta(hours=2))

        assert booked(lips, nurse).status == Status.BOOKED

    def test_a_visit_cannot_be_moved_out_of_it(self, lips, talk, nurse):
        had(talk, at(10) - timedelta(days=99))
        visit = booked(lips, nurse)

        with pytest.raises(NeedsConsultation):
            move(appointment=visit, starts_at=at(10, day=5), now=NOW)
        assert move(appointment=visit, starts_at=at(10, day=5), now=NOW, by_staff=True).starts_at == at(10, day=5)

    def test_what_staff_booked_without_one_can_be_put_off_by_its_patient(self, lips, talk, nurse):
        visit = booked(lips, nurse, by_staff=True, starts_at=at(10, day=3))

        assert move(appointment=visit, starts_at=at(10, day=5), now=NOW).starts_at == at(10, day=5)
        with pytest.raises(NeedsConsultation):
            move(appointment=visit, starts_at=at(10, day=4), now=NOW)


class TestEverythingThatAsks:
    @pytest.fixture(autouse=True)
    def counts_for_twenty_days(self, lips, talk):
        lips.consultation_valid_days = 20
        lips.course_visits, lips.course_interval_days = 3, 7
        lips.save()
        had(talk, at(10) - timedelta(days=10))

    def test_a_course_is_refused_if_one_visit_is_too_late(self, lips, nurse):
        with pytest.raises(NeedsConsultation):
            book_series(treatment=lips, practitioner=nurse, starts=[at(10), at(10, day=16)], details=details(), now=NOW)

    def test_what_is_suggested_for_a_course_can_be_had(self, lips, nurse):
        found = suggest_course(booked(lips, nurse), NOW)

        assert [one.due_at for one in found if one.nearest] == [at(10, day=9)]
        assert max(slot.starts_at for one in found for slot in one.slots) <= at(10, day=12)

    def test_what_is_offered_as_a_follow_up_can_be_had(self, lips, nurse):
        visit = booked(lips, nurse)
        lips.follow_up, lips.follow_up_after_days = lips, 8
        lips.save()
        visit.refresh_from_db()

        days = {clock.today(slot.starts_at).day for slot in follow_up_slots(visit, NOW)}
        assert days == {8, 9, 10, 11, 12}  # of the fortnight that would do without a consultation

    def test_who_waits_can_only_wait_for_days_within_it(self, lips):
        wishes = {"practitioners": [], "weekdays": [1, 2, 3], "parts": ["morning"]}
        asked = {"treatment": lips, "details": details(), "now": NOW, **wishes}
        entry = join(first_day=at(0, day=12).date(), last_day=at(0, day=30).date(), **asked)
        assert entry.state == "waiting"

        with pytest.raises(NeedsConsultation):
            join(first_day=at(0, day=13).date(), last_day=at(0, day=30).date(), **asked)

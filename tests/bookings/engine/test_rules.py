"""The rules of a real clinic, one by one."""

from datetime import date, time, timedelta

import pytest
from django.db import IntegrityError, transaction

from bookings.engine.availability.free_times import free_slots
from bookings.engine.booking import book, hold
from bookings.engine.changes import cancel, move
from bookings.engine.status_changes import change_status
from bookings.timetable.models import Device, ExtraHours, OpenedHoliday, RegularTimeOff
from bookings.timetable.ranges import span
from bookings.visits.models import Appointment, BookingSettings
from bookings.visits.models.statuses import Status
from bookings.visits.refusals import NewPatientsOnly, ReturningPatientsOnly, SlotTaken
from clinic.catalogue.models import DeviceKind, Treatment
from clinic.core import clock
from tests.bookings.moments import NOW, at, details
from tests.factories.bookings import AppointmentFactory, RoomFactory, working_week
from tests.factories.clinic import OfferedTreatmentFactory, PractitionerFactory, TreatmentFactory

pytestmark = pytest.mark.django_db
CHRISTMAS_OBSERVED = date(2027, 12, 27)


def starts(treatment, day=2, month=3, **options):
    on = date(2027, month, day)
    slots = free_slots(treatment=treatment, first_day=on, last_day=on, now=options.pop("now", NOW), **options)
    return [clock.local(slot.starts_at).strftime("%H:%M") for slot in slots]


def clinic(**rules):
    BookingSettings.objects.update_or_create(defaults=rules)


class TestLastStart:
    def test_of_the_clinic_and_of_one_treatment(self, treatment, nurse):
        clinic(last_start_at=time(15))
        assert starts(treatment)[-1] == "15:00"

        treatment.last_start_at = time(11, 30)
        treatment.save()
        assert starts(treatment)[-1] == "11:30"

    def test_is_on_the_wall_clock_on_both_sides_of_a_clock_change(self, treatment, nurse):
        clinic(last_start_at=time(15))
        assert starts(treatment, day=26)[-1:] == []  # Good Friday
        assert (starts(treatment, day=25)[-1], starts(treatment, day=30)[-1]) == ("15:00", "15:00")

    def test_is_refused_under_the_lock_too(self, treatment, nurse):
        clinic(last_start_at=time(15))
        with pytest.raises(SlotTaken):
            book(treatment=treatment, practitioner=nurse, starts_at=at(15, 15), details=details(), now=NOW)
        staff = {"by_staff": True, "practitioner": nurse, "starts_at": at(15, 15)}
        assert book(treatment=treatment, details=details(), now=NOW, **staff)


class TestPublicHolidays:
    def test_are_closed_unless_the_owner_opens_one(self, treatment, nurse):
        clinic(horizon_days=400)
        assert starts(treatment, day=27, month=12) == []

        OpenedHoliday.objects.create(day=CHRISTMAS_OBSERVED)
        assert starts(treatment, day=27, month=12)[0] == "09:00"
        assert starts(treatment, day=28, month=12) == []

    def test_extra_hours_hold_on_them(self, treatment, nurse, location):
        ExtraHours.objects.create(practitioner=nurse, location=location, during=span(at(10, day=29), at(11, day=29)))
        assert starts(treatment, day=29) == ["10:00", "10:15", "10:30"]

    def test_a_clinic_may_work_on_all_of_them(self, treatment, nurse):
        clinic(closes_on_public_holidays=False)
        assert starts(treatment, day=29)[0] == "09:00"


class TestRegularTimeOff:
    def off(self, nurse, **changes):
        known = {"weekday": 2, "starts_at": time(12), "ends_at": time(13), "valid_from": date(2027, 2, 1)}
        return RegularTimeOff.objects.create(practitioner=nurse, **known | changes)

    def test_comes_again(self, treatment, nurse):
        self.off(nurse)
        for day in (2, 9):
            times = starts(treatment, day=day)
            assert "11:30" in times
            assert "13:00" in times
            assert not {"11:45", "12:00", "12:45"} & set(times)
        assert "12:00" in starts(treatment, day=3)

    def test_every_other_week_and_only_while_it_is_valid(self, treatment, nurse):
        self.off(nurse, every_weeks=2, valid_from=date(2027, 2, 22), valid_until=date(2027, 3, 10))
        assert ["12:00" in starts(treatment, day=day) for day in (2, 9, 16, 23)] == [True, False, True, True]

    def test_of_the_whole_clinic(self, treatment, nurse):
        self.off(None)
        assert "12:00" not in starts(treatment)

    def test_must_end_after_it_starts(self, nurse):
        with pytest.raises(IntegrityError, match="regular_time_off_end_after_they_start"), transaction.atomic():
            self.off(nurse, ends_at=time(11))


class TestDevices:
    @pytest.fixture
    def laser(self, treatment, location):
        treatment.device_kind = DeviceKind.objects.create(name="Laser")
        treatment.save()
        return Device.objects.create(location=location, name="Laser 1", kind=treatment.device_kind)

    @pytest.fixture
    def two(self, treatment, nurse, location):
        other = PractitionerFactory(offers=[treatment])
        working_week(other, location)
        return nurse, other

    def test_the_only_one_serves_one_visit_at_a_time(self, treatment, two, laser):
        visit = book(treatment=treatment, practitioner=two[0], starts_at=at(9), details=details(1), now=NOW)
        assert visit.device == laser
        assert starts(treatment, practitioner=two[1])[0] == "09:30"
        with pytest.raises(SlotTaken) as refused:
            book(treatment=treatment, practitioner=two[1], starts_at=at(9), details=details(2), now=NOW)
        assert refused.value.alternatives

    def test_another_of_its_kind_is_picked(self, treatment, two, laser, location):
        second = Device.objects.create(location=location, name="Laser 2", kind=laser.kind)
        visits = [
            book(treatment=treatment, practitioner=nurse, starts_at=at(9), details=details(n), now=NOW)
            for n, nurse in enumerate(two)
        ]
        assert {visit.device for visit in visits} == {laser, second}

    def test_one_out_of_service_or_elsewhere_does_not_count(self, treatment, nurse, laser):
        laser.is_active = False
        laser.save()
        Device.objects.create(location=RoomFactory().location, name="Laser 2", kind=laser.kind)
        assert starts(treatment) == []

    def test_moves_and_cancellations_free_it(self, treatment, two, laser):
        visit = book(treatment=treatment, practitioner=two[0], starts_at=at(9), details=details(1), now=NOW)
        visit = move(appointment=visit, starts_at=at(11), now=NOW)
        assert "09:00" in starts(treatment, practitioner=two[1])
        assert "11:00" not in starts(treatment, practitioner=two[1])
        cancel(appointment=visit, now=NOW)
        assert "11:00" in starts(treatment, practitioner=two[1])

    def test_a_hold_keeps_it_while_it_lasts(self, treatment, two, laser):
        hold(treatment=treatment, practitioner=two[0], starts_at=at(9), now=NOW)
        assert starts(treatment, practitioner=two[1])[0] == "09:30"
        later = NOW + timedelta(minutes=11)
        visit = book(treatment=treatment, practitioner=two[1], starts_at=at(9), details=details(), now=later)
        assert visit.device == laser

    def test_the_database_refuses_two_visits_on_one(self, two, laser):
        AppointmentFactory(practitioner=two[0], device=laser, starts_at=at(9))
        with pytest.raises(IntegrityError, match="device_serves_one"), transaction.atomic():
            AppointmentFactory(practitioner=two[1], device=laser, starts_at=at(9, 15))


class TestShortGaps:
    """Visits last 30 minutes, the day 09:00 to 17:00."""

    @pytest.fixture(autouse=True)
    def rule(self, nurse):
        clinic(avoids_short_gaps=True)

    def test_no_start_leaves_less_than_the_shortest_visit(self, treatment, nurse):
        AppointmentFactory(practitioner=nurse, starts_at=at(11), minutes=330)  # to 16:30
        assert starts(treatment) == ["09:00", "09:30", "09:45", "10:00", "10:30", "16:30"]

    def test_a_gap_that_nothing_could_fill_is_still_sold_from_either_end(self, treatment, nurse):
        AppointmentFactory(practitioner=nurse, starts_at=at(9, 45), minutes=435)
        assert starts(treatment) == ["09:00", "09:15"]

    def test_is_kept_under_the_lock(self, treatment, nurse):
        with pytest.raises(SlotTaken) as refused:
            book(treatment=treatment, practitioner=nurse, starts_at=at(9, 15), details=details(), now=NOW)
        near = [clock.local(slot.starts_at).strftime("%H:%M") for slot in refused.value.alternatives]
        assert near == ["09:00", "09:30", "09:45"]

    def test_staff_may_leave_one(self, treatment, nurse):
        staff = {"by_staff": True, "practitioner": nurse, "starts_at": at(9, 15)}
        assert book(treatment=treatment, details=details(), now=NOW, **staff)

    def test_a_shorter_treatment_of_hers_makes_more_gaps_saleable(self, treatment, nurse):
        short = TreatmentFactory(duration_minutes=15)
        OfferedTreatmentFactory(practitioner=nurse, treatment=short)
        assert starts(treatment)[:3] == ["09:00", "09:15", "09:30"]


class TestWhoMayBook:
    def book(self, treatment, nurse, n=1, hour=9, **options):
        return book(treatment=treatment, practitioner=nurse, starts_at=at(hour), details=details(n), now=NOW, **options)

    def test_returning_patients_only(self, treatment, nurse):
        review = TreatmentFactory(open_to=Treatment.OpenTo.RETURNING)
        OfferedTreatmentFactory(practitioner=nurse, treatment=review)
        with pytest.raises(ReturningPatientsOnly):
            self.book(review, nurse)

        first = self.book(treatment, nurse)
        with pytest.raises(ReturningPatientsOnly):
            self.book(review, nurse, hour=11)
        for status in (Status.ARRIVED, Status.IN_PROGRESS, Status.COMPLETED):
            change_status(appointment=first, status=status, now=at(9))
            first.refresh_from_db()
        assert self.book(review, nurse, hour=11)

    def test_new_patients_only(self, treatment, nurse):
        welcome = TreatmentFactory(open_to=Treatment.OpenTo.NEW)
        OfferedTreatmentFactory(practitioner=nurse, treatment=welcome)
        visit = self.book(welcome, nurse)
        with pytest.raises(NewPatientsOnly):
            self.book(welcome, nurse, hour=11)
        cancel(appointment=visit, now=NOW)
        assert self.book(welcome, nurse, hour=11)

    def test_a_refused_booking_leaves_nothing(self, nurse):
        review = TreatmentFactory(open_to=Treatment.OpenTo.RETURNING)
        OfferedTreatmentFactory(practitioner=nurse, treatment=review)
        with pytest.raises(ReturningPatientsOnly):
            self.book(review, nurse)
        assert not Appointment.objects.exists()

    def test_staff_decide_for_themselves(self, nurse):
        review = TreatmentFactory(open_to=Treatment.OpenTo.RETURNING)
        OfferedTreatmentFactory(practitioner=nurse, treatment=review)
        assert self.book(review, nurse, by_staff=True)

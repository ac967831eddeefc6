"""D2: a gap of the diary begins at a time that the desk can book, and holds a visit."""

from datetime import date, time, timedelta

import pytest

from bookings.desk.gaps import gaps_on
from bookings.timetable.models import Device, ExtraHours, TimeOff
from bookings.timetable.ranges import span
from bookings.visits.models import BookingSettings
from clinic.catalogue.models import DeviceKind, RoomKind
from clinic.core import clock
from tests.bookings.moments import NOW, at
from tests.factories.bookings import AppointmentFactory, LocationFactory, RoomFactory, WorkingHoursFactory, working_week
from tests.factories.clinic import PractitionerFactory, TreatmentFactory

pytestmark = pytest.mark.django_db
TUESDAY = date(2027, 3, 2)


def gaps(person, day=TUESDAY, now=NOW):
    found = gaps_on(day, [person.pk], now=now).get(person.pk, [])
    return [" to ".join(clock.local(moment).strftime("%H:%M") for moment in gap[:2]) for gap in found]


@pytest.fixture
def location():
    return LocationFactory()


def nurse_with(location, **treatment):
    nurse = PractitionerFactory(offers=[TreatmentFactory(**{"duration_minutes": 30, **treatment})])
    working_week(nurse, location)
    return nurse


def test_d2_buffers_are_no_gap(location):
    nurse = nurse_with(location, buffer_before_minutes=10, buffer_after_minutes=10)
    AppointmentFactory(practitioner=nurse, starts_at=at(10), minutes=60, occupied=span(at(9, 50), at(11, 10)))

    assert gaps(nurse) == ["09:00 to 09:30", "11:30 to 17:00"]


def test_d2_what_is_shorter_than_every_treatment_is_no_gap(location):
    nurse = nurse_with(location)
    AppointmentFactory(practitioner=nurse, starts_at=at(9, 15), minutes=7 * 60 + 25)

    assert gaps(nurse) == []


def test_d2_without_a_room_or_a_device_there_is_no_gap(location):
    roomy = nurse_with(location, room_kind=RoomKind.TREATMENT_ROOM)
    assert gaps(roomy) == []
    room = RoomFactory(location=location)
    AppointmentFactory(room=room, starts_at=at(9), minutes=7 * 60)
    assert gaps(roomy) == ["16:00 to 17:00"]

    lasers = DeviceKind.objects.create(name="Laser")
    nurse = nurse_with(location, device_kind=lasers)
    assert gaps(nurse) == []
    device = Device.objects.create(location=location, name="One", kind=lasers)
    AppointmentFactory(device=device, starts_at=at(10), minutes=6 * 60)
    assert gaps(nurse) == ["09:00 to 10:00", "16:00 to 17:00"]


def test_d2_what_has_passed_and_holidays_and_time_off_are_no_gap(location):
    nurse = nurse_with(location)
    assert gaps(nurse, now=at(16, 20)) == ["16:30 to 17:00"]
    assert gaps(nurse, day=date(2027, 3, 1), now=at(9)) == []
    assert gaps(nurse, day=date(2027, 3, 29)) == []  # Easter Monday
    BookingSettings.objects.update_or_create(defaults={"closes_on_public_holidays": False})
    assert gaps(nurse, day=date(2027, 3, 29)) == ["09:00 to 17:00"]
    TimeOff.objects.create(practitioner=None, during=span(at(0), at(12)))
    assert gaps(nurse) == ["12:00 to 17:00"]


def test_d2_the_desk_needs_no_notice_and_no_horizon_and_sells_what_is_not_online(location):
    BookingSettings.objects.update_or_create(
        defaults={"minimum_notice_hours": 48, "horizon_days": 1, "last_start_at": time(12), "avoids_short_gaps": True}
    )
    nurse = nurse_with(location, is_bookable_online=False)

    assert gaps(nurse) == ["09:00 to 17:00"]


def test_d2_who_takes_no_bookings_has_no_gap_and_extra_hours_make_one(location):
    nurse = nurse_with(location)
    ExtraHours.objects.create(practitioner=nurse, location=location, during=span(at(19), at(19, 45)))
    assert gaps(nurse) == ["09:00 to 17:00", "19:00 to 19:45"]
    nurse.is_bookable = False
    nurse.save()
    assert gaps(nurse) == []


def test_d2_all_people_take_one_statement(location, django_assert_num_queries):
    people = [nurse_with(location) for _ in range(3)]
    WorkingHoursFactory(practitioner=people[0], location=location, weekday=2, starts_at=time(17), ends_at=time(18))
    rules = BookingSettings.load()

    with django_assert_num_queries(1):
        found = gaps_on(TUESDAY, [person.pk for person in people], now=NOW - timedelta(days=1), settings=rules)

    assert len(found) == 3

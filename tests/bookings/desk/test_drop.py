"""What is painted free or bent can be had, and what is painted refused cannot: judged by the move itself."""

from datetime import date, timedelta

import pytest
from django.db import transaction

from bookings.desk.drop import drops_on
from bookings.engine import changes
from bookings.timetable.models import Device, TimeOff
from bookings.timetable.ranges import span
from clinic.catalogue.models import DeviceKind, RoomKind
from clinic.core.errors import DomainError
from tests.bookings.moments import NOW, at
from tests.factories.bookings import AppointmentFactory, LocationFactory, RoomFactory, working_week
from tests.factories.clinic import PractitionerFactory, TreatmentFactory

pytestmark = pytest.mark.django_db
TUESDAY = date(2027, 3, 2)


class Clinic:
    def __init__(self, **treatment):
        self.place = LocationFactory()
        self.treatment = TreatmentFactory(**{"duration_minutes": 30, **treatment})
        self.nurse, self.other = (PractitionerFactory(offers=[self.treatment]) for _ in range(2))
        for person in (self.nurse, self.other):
            working_week(person, self.place)

    def visit(self, hour=9, minutes=30, **values):
        return AppointmentFactory(
            **{
                "practitioner": self.nurse,
                "location": self.place,
                "treatment": self.treatment,
                "starts_at": at(hour),
                "minutes": minutes,
                **values,
            }
        )


def plain(_):
    return {}


def beside_another(clinic):
    clinic.visit(10)
    return {}


def longer_than_usual(clinic):
    clinic.visit(10)
    return {"minutes": 45}


def buffers():
    clinic = Clinic(buffer_before_minutes=10, buffer_after_minutes=10)
    clinic.visit(10, occupied=span(at(9, 50), at(10, 40)))
    return clinic


def with_one_room():
    clinic = Clinic(room_kind=RoomKind.TREATMENT_ROOM)
    clinic.room = RoomFactory(location=clinic.place)
    clinic.visit(10, practitioner=clinic.other, room=clinic.room)
    return clinic


def with_one_device():
    clinic = Clinic(device_kind=DeviceKind.objects.create(name="Laser"))
    device = Device.objects.create(location=clinic.place, name="One", kind=clinic.treatment.device_kind)
    clinic.visit(10, practitioner=clinic.other, device=device)
    return clinic


def time_off(clinic):
    TimeOff.objects.create(practitioner=clinic.nurse, during=span(at(10), at(11)))
    return {}


def busy_patient(clinic):
    return {"patient": clinic.visit(10, practitioner=clinic.other).patient}


CASES = {
    "plain": (Clinic, plain),
    "beside another": (Clinic, beside_another),
    "longer than usual": (Clinic, longer_than_usual),
    "buffers": (buffers, plain),
    "one room": (with_one_room, plain),
    "one device": (with_one_device, plain),
    "time off": (Clinic, time_off),
    "the patient is busy": (Clinic, busy_patient),
}


def painted(drops, minute):
    return next(
        (kind for kind in ("free", "bend", "refused") for a, b in getattr(drops, kind) if a <= minute < b), None
    )


def can_be_had(visit, person, starts_at):
    try:
        with transaction.atomic():
            changes.move(appointment=visit, practitioner=person, starts_at=starts_at, now=NOW, by_staff=True)
            transaction.set_rollback(True)
    except DomainError:
        return False
    return True


@pytest.mark.parametrize("case", CASES)
def test_what_is_painted_is_what_the_move_does(case):
    make, prepare = CASES[case]
    clinic = make()
    visit = clinic.visit(14, **prepare(clinic))

    found = drops_on(TUESDAY, visit, now=NOW)

    assert set(found) == {clinic.nurse.slug, clinic.other.slug}
    for person in (clinic.nurse, clinic.other):
        for minute in range(8 * 60 + 30, 11 * 60, 5):
            kind = painted(found[person.slug], minute)
            starts_at = at(0) + timedelta(minutes=minute)
            assert (kind != "refused") == can_be_had(visit, person, starts_at), (case, person.slug, minute, kind)


def test_free_is_what_the_rota_offers_and_bend_is_what_goes_by_hand():
    clinic = Clinic(slot_step_minutes=15)
    visit = clinic.visit(14)
    clinic.visit(10)
    TimeOff.objects.create(practitioner=clinic.nurse, during=span(at(12), at(13)))

    drops = drops_on(TUESDAY, visit, now=at(8))[clinic.nurse.slug]

    said = {(9, 0): "free", (9, 5): "bend", (9, 30): "free", (9, 35): "refused", (10, 30): "free", (11, 45): "bend"}
    said |= {(8, 30): "bend", (12, 0): "bend", (13, 0): "free", (16, 30): "free", (16, 45): "bend", (14, 0): "free"}
    assert {time: painted(drops, time[0] * 60 + time[1]) for time in said} == said
    assert painted(drops_on(TUESDAY, visit, now=at(9, 10))[clinic.nurse.slug], 9 * 60) == "bend"  # has passed


@pytest.mark.parametrize(
    ("case", "why"),
    [("beside another", "diary"), ("the patient is busy", "patient"), ("one room", "room"), ("one device", "device")],
)
def test_what_is_not_free_is_named(case, why):
    make, prepare = CASES[case]
    clinic = make()

    drops = drops_on(TUESDAY, clinic.visit(14, **prepare(clinic)), now=NOW)[clinic.nurse.slug]

    assert list(drops.why) == [why]
    assert drops.why[why] == drops.refused == [(9 * 60 + 35, 10 * 60 + 30)]


def test_each_column_says_how_long_the_visit_would_last_there():
    clinic = Clinic()
    clinic.other.offered.update(duration_minutes=45)

    usual, longer = (drops_on(TUESDAY, clinic.visit(*visit), now=NOW) for visit in ((14, 30), (15, 60)))

    slugs = (clinic.nurse.slug, clinic.other.slug)
    assert [usual[slug].minutes for slug in slugs] == [30, 45]
    assert [longer[slug].minutes for slug in slugs] == [60, 60]


def test_the_hour_that_the_clocks_leave_out_is_in_no_range():
    clinic = Clinic()
    spring = date(2027, 3, 28)

    drops = drops_on(spring, clinic.visit(14), now=NOW)[clinic.nurse.slug]

    assert painted(drops, 90) is None
    assert painted(drops, 120) == "bend"

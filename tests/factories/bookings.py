"""Rows of bookings: a place, a rota, a visit."""

from __future__ import annotations

from datetime import date, time, timedelta

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from bookings.messages.models import Wording
from bookings.timetable.models import Location, Room, WorkingHours
from bookings.timetable.ranges import span
from bookings.visits.models import Appointment, PatientNote
from bookings.visits.models.statuses import Status
from tests.factories.clinic import (
    OfferedTreatmentFactory,
    PatientFactory,
    PractitionerFactory,
    StaffFactory,
    TreatmentFactory,
)

__all__ = [
    "AppointmentFactory",
    "HoldFactory",
    "LocationFactory",
    "OfferedTreatmentFactory",
    "PatientNoteFactory",
    "RoomFactory",
    "WordingFactory",
    "WorkingHoursFactory",
    "working_week",
]


class LocationFactory(DjangoModelFactory):
    class Meta:
        model = Location

    name = factory.Sequence(lambda n: f"Clinic {n}")
    slug = factory.Sequence(lambda n: f"clinic-{n}")
    address = "1 Example Street\nMaidstone"


class RoomFactory(DjangoModelFactory):
    class Meta:
        model = Room

    location = factory.SubFactory(LocationFactory)
    name = factory.Sequence(lambda n: f"Room {n}")


class WorkingHoursFactory(DjangoModelFactory):
    """Mondays 09:00 to 17:00 on the clinic's wall clock, from 2026 on."""

    class Meta:
        model = WorkingHours

    practitioner = factory.SubFactory(PractitionerFactory)
    location = factory.SubFactory(LocationFactory)
    weekday = WorkingHours.Weekday.MONDAY
    starts_at = time(9)
    ends_at = time(17)
    valid_from = date(2026, 1, 1)


def working_week(practitioner, location, *, days=range(1, 6), starts_at=time(9), ends_at=time(17)):
    """The same hours on each of `days` (1 is Monday)."""
    return [
        WorkingHoursFactory(
            practitioner=practitioner, location=location, weekday=day, starts_at=starts_at, ends_at=ends_at
        )
        for day in days
    ]


class AppointmentFactory(DjangoModelFactory):
    """A booked visit. `starts_at` is aware (default: this time tomorrow); it lasts `minutes`, with no buffers."""

    class Meta:
        model = Appointment
        exclude = ("starts_at", "minutes")

    starts_at = factory.LazyFunction(lambda: timezone.now().replace(microsecond=0) + timedelta(days=1))
    minutes = 30
    status = Status.BOOKED
    treatment = factory.SubFactory(TreatmentFactory)
    practitioner = factory.SubFactory(PractitionerFactory)
    location = factory.SubFactory(LocationFactory)
    patient = factory.SubFactory(PatientFactory)
    price = factory.LazyAttribute(lambda row: row.treatment.price if row.treatment else None)
    price_is_from = factory.LazyAttribute(lambda row: row.price is not None and row.treatment.is_price_from)
    during = factory.LazyAttribute(lambda row: span(row.starts_at, row.starts_at + timedelta(minutes=row.minutes)))
    occupied = factory.SelfAttribute("during")


class HoldFactory(AppointmentFactory):
    """A time kept for ten minutes from now."""

    status = Status.HELD
    patient = None
    hold_expires_at = factory.LazyFunction(lambda: timezone.now() + timedelta(minutes=10))


class PatientNoteFactory(DjangoModelFactory):
    class Meta:
        model = PatientNote

    patient = factory.SubFactory(PatientFactory)
    author = factory.SubFactory(StaffFactory)
    text = "Prefers mornings."
    written_at = factory.LazyFunction(timezone.now)


class WordingFactory(DjangoModelFactory):
    """Words “A” of a reminder by email, in use since `text_since`, or since now."""

    class Meta:
        model = Wording
        skip_postgeneration_save = True

    kind = Wording.Kind.REMINDER
    channel = Wording.Channel.EMAIL
    variant = Wording.Variant.A
    name = factory.LazyAttribute(lambda row: f"Wording {row.variant}")
    subject = factory.LazyAttribute(lambda row: "Your visit" if row.channel == Wording.Channel.EMAIL else "")
    body = "We look forward to seeing you."

    @factory.post_generation
    def text_since(self, create, extracted, **kwargs):
        if create and extracted:  # saving says since when by itself
            Wording.objects.filter(pk=self.pk).update(text_since=extracted)
            self.text_since = extracted

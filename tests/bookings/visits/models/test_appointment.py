from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from bookings.visits.models import Appointment
from tests.factories.bookings import AppointmentFactory
from tests.factories.clinic import PractitionerFactory

pytestmark = pytest.mark.django_db

MIDNIGHT = datetime(2026, 11, 24, tzinfo=UTC)
DAY = MIDNIGHT, MIDNIGHT + timedelta(days=1)
HOUR = timedelta(hours=1)


def test_a_span_has_the_visits_that_share_a_moment_with_it():
    nurse = PractitionerFactory()
    for hours in (-16, -8, 24):  # up to its first moment, and from its end on
        AppointmentFactory(practitioner=nurse, starts_at=MIDNIGHT + hours * HOUR, minutes=480)
    other = PractitionerFactory()
    within = [
        AppointmentFactory(practitioner=other, starts_at=MIDNIGHT + hours * HOUR, minutes=480) for hours in (-7.75, 23)
    ]

    assert list(Appointment.objects.in_span(*DAY)) == within


def test_an_index_finds_a_span_however_long_the_history():
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")

    assert "appointment_starts" in Appointment.objects.in_span(*DAY).explain()

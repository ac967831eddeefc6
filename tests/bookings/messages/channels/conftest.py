from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from bookings.messages.models import Message
from clinic.core.models import ClinicSettings
from tests.factories.bookings import AppointmentFactory

NOW = datetime(2026, 11, 17, 12, tzinfo=UTC)
VISIT = datetime(2026, 11, 24, 10, 15, tzinfo=UTC)
NEVER = re.compile(r"botox|injection|£|\b120\b|price|offer|discount|book again|injector", re.IGNORECASE)


@pytest.fixture(autouse=True)
def clinic():
    clinic = ClinicSettings.load()
    clinic.phone, clinic.email, clinic.address = "+441632960123", "hello@example.com", "1 Example Street\nMaidstone"
    clinic.save()
    return clinic


@pytest.fixture
def visit():
    return AppointmentFactory(
        starts_at=VISIT,
        treatment__name="Botox 3 areas",
        treatment__price=None,
        treatment__is_prescription_only=True,
        patient__full_name="Amara O'Neill",
        practitioner__job_title="Injector",
    )


def message(visit, kind, channel="email"):
    return Message.objects.create(
        key=f"{kind}:{channel}", kind=kind, channel=channel, appointment=None if kind == "links" else visit,
        patient=visit.patient, recipient=visit.patient.email if channel == "email" else "+447700900123",
        due_at=NOW, expires_at=VISIT,
    )  # fmt: skip

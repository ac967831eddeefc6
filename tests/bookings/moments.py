"""Monday 1 March 2027, moments after it, and people who book then."""

from __future__ import annotations

from datetime import date, datetime

from bookings.engine.eligibility import PatientDetails
from clinic.core.clock import LONDON

NOW = datetime(2027, 3, 1, 8, 0, tzinfo=LONDON)  # a Monday


def at(hour, minute=0, *, day=2, month=3):
    """A local moment of 2027; 2 March is a Tuesday."""
    return datetime(2027, month, day, hour, minute, tzinfo=LONDON)


def details(n=1, **changes):
    known = {
        "full_name": f"Sam Lee {n}",
        "email": f"sam{n}@example.com",
        "phone": "+447700900123",
        "date_of_birth": date(1990, 2, 28),
    }
    return PatientDetails(**known | changes)

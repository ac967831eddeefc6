"""Who the demo clinic is. Address, telephone and mail are placeholders from the ranges reserved for fiction."""

from __future__ import annotations

from datetime import datetime

from clinic.core.models import ClinicSettings

CLINIC = {
    "name": "Juvenology Clinic",
    "strapline": "Nurse-led aesthetics in Kent",
    "address": "Example Street\nMaidstone\nKent",
    "phone": "+441632960123",
    "email": "hello@example.com",
    "is_demo": True,
}


def load(now: datetime) -> None:
    """Fill in settings that nobody has touched: a page view alone makes a row of defaults."""
    clinic = ClinicSettings.load()
    if clinic.address or clinic.phone or clinic.email:
        return
    for name, value in CLINIC.items():
        setattr(clinic, name, value)
    clinic.save()

"""Plainly made-up patients: named after trees, with addresses and numbers from the ranges reserved for fiction."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from clinic.accounts.models import User
from clinic.core import clock
from clinic.patients.models import Patient, PatientAccess

TREES = (
    "Willow", "Acacia", "Alder", "Almond", "Apple", "Ash", "Aspen", "Bay", "Beech", "Birch", "Box", "Cedar", "Cherry",
    "Chestnut", "Cypress", "Elder", "Elm", "Fir", "Hawthorn", "Hazel", "Holly", "Hornbeam", "Juniper", "Larch", "Laurel",
    "Linden", "Maple", "Mulberry", "Oak", "Olive", "Pine", "Plum", "Poplar", "Rowan", "Spruce", "Yew",
)  # fmt: skip
WITH_ACCOUNT = "patient@example.com"  # the first of them has the demo's account of a patient
CHANNELS = (Patient.Channel.BOTH, Patient.Channel.BOTH, Patient.Channel.EMAIL, Patient.Channel.SMS)


def load(now: datetime) -> None:
    """Add the patients that are missing, known by their addresses."""
    known = set(Patient.objects.values_list("email", flat=True))
    for number, tree in enumerate(TREES):
        email = WITH_ACCOUNT if number == 0 else f"demo.{tree.lower()}@example.com"
        if email not in known:
            patient = Patient.objects.create(
                full_name=f"Demo Patient {tree}",
                email=email,
                phone=f"+447700900{200 + number}",
                date_of_birth=_birthday(number, clock.today(now)),
                contact_by=CHANNELS[number % len(CHANNELS)],
            )
            if email == WITH_ACCOUNT and (user := User.objects.filter(email=WITH_ACCOUNT, accesses=None).first()):
                PatientAccess.objects.create(
                    patient=patient, user=user, source=PatientAccess.Source.STAFF, starts_at=now
                )


def _birthday(number: int, today: date) -> date:
    """Grown-ups of 21 to 69, in no order."""
    return today - timedelta(days=365 * (21 + number * 17 % 49) + number * 41 % 365)

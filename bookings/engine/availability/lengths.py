"""How long a visit lasts: by its treatment and practitioner, or as staff made it."""

from __future__ import annotations

from bookings.visits.models import Appointment
from bookings.visits.models.statuses import Status
from clinic.catalogue.models import Treatment
from clinic.practitioners.models import OfferedTreatment


def usual_minutes(treatment: Treatment, practitioner: int) -> int:
    """How long the treatment takes with this practitioner."""
    own = OfferedTreatment.objects.filter(practitioner=practitioner, treatment=treatment)
    return own.values_list("duration_minutes", flat=True).first() or treatment.duration_minutes


def kept_minutes(visit: Appointment) -> int | None:
    """The length that staff gave the visit, which it keeps wherever it goes; None for the usual one."""
    if visit.status == Status.HELD or visit.minutes == usual_minutes(visit.treatment, visit.practitioner_id):
        return None
    return visit.minutes

"""What a later file says of visits that are in the diary already."""

from __future__ import annotations

from datetime import datetime

from bookings.desk.importing.lines import LineRefused, Visit
from bookings.engine import past_visits
from bookings.engine.eligibility import records_of
from bookings.engine.idempotency import answer_to
from bookings.visits.models import Appointment
from bookings.visits.models.statuses import UPCOMING, Status
from clinic.core.formats import sortable_time

UNDER_WAY = (Status.ARRIVED, Status.IN_PROGRESS)


def find(visit: Visit, *, has_twin: bool) -> Appointment | None:
    """The visit of this line, as it stands here: imported before, or booked at its time by other means.

    Of one that stands and one that was called off, the one that is as the file says. `has_twin`: the file names both,
    so neither is taken for the other.
    """
    own = answer_to(visit.key)
    at_its_time = (
        Appointment.objects.visits()
        .with_details()
        .filter(patient__in=records_of(visit.details), treatment=visit.treatment)
        .filter(practitioner=visit.practitioner, during__startswith=visit.starts_at)
        .order_by("pk")
    )
    found = ([own] if own else []) + list(at_its_time)
    is_off = visit.outcome.status == Status.CANCELLED
    alike = [one for one in found if (one.status == Status.CANCELLED) == is_off]
    if alike or has_twin:
        return alike[0] if alike else own
    return found[0] if found else None


def update(here: Appointment, visit: Visit, now: datetime) -> bool:
    """Let a past visit count as what the file says; whether it was changed. Nothing is sent.

    What staff have noted here stands, and so does the diary to come: it is changed by hand, which tells the patient.

    Raises:
        LineRefused: the file contradicts one of these. SlotTaken, PatientBusy: the time has another visit.
    """
    if _agrees(here, visit):
        return False
    is_noted_by_staff = here.status not in UPCOMING and (here.source != Appointment.Source.IMPORT or here.version > 1)
    is_past = here.starts_at == visit.starts_at <= now and visit.outcome.status not in UPCOMING
    if is_noted_by_staff or not is_past:
        raise _contradicted(here, visit)
    past_visits.correct(here, visit.outcome.status, now)
    return True


def _agrees(here: Appointment, visit: Visit) -> bool:
    said = visit.outcome.status
    if visit.outcome.is_assumed or here.status == said:
        return True
    if said in UPCOMING:
        return here.status != Status.CANCELLED
    return said == Status.COMPLETED and here.status in UNDER_WAY


def _contradicted(here: Appointment, visit: Visit) -> LineRefused:
    stands, said = here.get_status_display().lower(), visit.outcome.status.label.lower()
    return LineRefused(
        f"this visit is here as “{stands}”, on {sortable_time(here.starts_at)}, and the file says “{said}”. "
        "Change it in the diary, or correct the file."
    )

"""Lead someone who needs a consultation first, or has never been here, to one at the time they have in hand."""

from __future__ import annotations

from datetime import datetime

from bookings.engine.booking import hold as hold_time
from bookings.engine.idempotency import Idempotency
from bookings.visits.models import Appointment
from bookings.visits.visitors import Visitor
from clinic.catalogue.consultations import consultation_before, consultations_for, first_consultation
from clinic.catalogue.models import Treatment


def first_before(treatment: Treatment) -> Treatment | None:
    """The consultation to book online before a gated treatment, if one can be."""
    return consultation_before(treatment) if treatment.requires_consultation else first_consultation()


def consultation_at(held: Appointment) -> Treatment | None:
    """The consultation to book online before what is held: one that the same practitioner gives, if there is one."""
    if not held.treatment.requires_consultation:
        return first_consultation(held.practitioner.slug)
    online = Treatment.objects.bookable_online().for_newcomers().values("pk")
    theirs = consultations_for(held.treatment).filter(pk__in=online, practitioners=held.practitioner_id)
    return theirs.order_by("category__position", "position", "name").first() or consultation_before(held.treatment)


def hold_consultation(
    *,
    held: Appointment,
    consultation: Treatment,
    now: datetime,
    claim: Idempotency | None = None,
    visitor: Visitor | None = None,
) -> Appointment:
    """Hold the same time for the consultation, with the same practitioner if they give it; gives up the former hold.

    Raises:
        SlotTaken: it does not fit there; the former hold stays, and the nearest times are told. NotBookable.
    """
    gives = consultation.practitioners.filter(pk=held.practitioner_id).exists()
    return hold_time(
        treatment=consultation,
        practitioner=held.practitioner if gives else None,
        starts_at=held.starts_at,
        now=now,
        instead_of=held,
        claim=claim,
        visitor=visitor,
    )

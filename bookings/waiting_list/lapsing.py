"""What nobody answered: offers whose time is up, wishes that were met, days that have passed."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from bookings.visits.models import Appointment
from bookings.visits.models.statuses import Status
from bookings.waiting_list.answers import State, withdraw_messages
from bookings.waiting_list.models import Offer, WaitingEntry
from clinic.core import clock


def lapse(now: datetime) -> int:
    """Close what is over: offers nobody answered in time, wishes that were met, days that have passed.

    Gives how many offers lapsed; their times are free again.
    """
    with transaction.atomic():
        over = Offer.objects.select_for_update(skip_locked=True, of=("self",)).filter(
            state=Offer.State.OPEN, expires_at__lte=now
        )
        ids = list(over.values_list("pk", flat=True))
        Offer.objects.filter(pk__in=ids).update(state=Offer.State.LAPSED, answered_at=now)
        Appointment.objects.dead_holds(now).filter(offer__in=ids).update(status=Status.EXPIRED)
        withdraw_messages(ids)
    has_open = Exists(Offer.objects.filter(entry=OuterRef("pk"), state=Offer.State.OPEN))
    waiting = WaitingEntry.objects.waiting().filter(~has_open)
    met = (
        Appointment.objects.standing()
        .filter(
            patient=OuterRef("patient"),
            treatment=OuterRef("treatment"),
            created_at__gte=OuterRef("created_at"),
            during__startswith__date__range=(OuterRef("first_day"), OuterRef("last_day")),
        )
        .filter(Q(is_unproven=False) | Q(is_unproven=OuterRef("is_unproven")))
    )  # a stranger's visit is not the patient's
    waiting.filter(Exists(met)).update(state=State.BOOKED)
    waiting.filter(last_day__lt=clock.today(now)).update(state=State.ENDED)
    return len(ids)

"""The audit trail of the demo: each event at its true hour, and by whom."""

from __future__ import annotations

from collections.abc import Sequence

import pghistory
from django.apps import apps

from bookings.demo.visits import Visit
from clinic.accounts.models import User
from clinic.accounts.rights import Role


def date_the_trail(visits: Sequence[Visit]) -> None:
    """The triggers wrote each event with this transaction's hour; give it the hour at which it happened."""
    hours = {
        visit.appointment.pk: [visit.story.booked_at, *(step.at for step in visit.story.steps)] for visit in visits
    }
    events = apps.get_model("bookings", "AppointmentEvent")
    rows = list(events.objects.filter(pgh_obj__in=hours).order_by("-pgh_id"))
    for row in rows:
        row.pgh_created_at = hours[row.pgh_obj_id].pop()
        row.created_at = hours[row.pgh_obj_id][0] if hours[row.pgh_obj_id] else row.pgh_created_at
    events.objects.bulk_update(rows, ["pgh_created_at", "created_at"], batch_size=500)


def done_by(*, is_staff: bool) -> pghistory.context:
    """Whose doing the audit trail says it was: the desk's, or the patient's."""
    desk = User.objects.filter(groups__name=Role.DESK).values_list("pk", flat=True).first() if is_staff else None
    return pghistory.context(user=desk) if desk else pghistory.context(url="/book/")

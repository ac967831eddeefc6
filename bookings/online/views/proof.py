"""What a visitor has shown of who they are: by signing in, or by a visit of theirs opened before."""

from __future__ import annotations

from django.http import HttpRequest

from bookings.online.views.access import SESSION_KEY
from bookings.online.views.account import own_patients
from bookings.visits.links import link_is_live
from bookings.visits.models import Appointment
from clinic.accounts.permissions import account_of
from clinic.core import clock


def proved_patients(request: HttpRequest) -> frozenset[int]:
    """The records whose patient this visitor has shown to be: by signing in, or by a visit of theirs opened before.

    A visit that was booked under a record by someone unproven shows nothing: they made it themselves.
    """
    opened, now = request.session.get(SESSION_KEY, {}), clock.now()
    visits = Appointment.objects.visits().filter(reference__in=opened, is_unproven=False, patient__isnull=False)
    proved = {
        visit.patient_id
        for visit in (visits if opened else ())
        if opened[visit.reference] == bytes(visit.link_digest).hex() and link_is_live(visit, now)
    }
    if account := account_of(request):
        proved |= set(own_patients(account, now).values_list("pk", flat=True))
    return frozenset(pk for pk in proved if pk)


def has_proved(request: HttpRequest, appointment: Appointment) -> bool:
    """Whether who sees this visit may change how its patient is written to. Someone who helps the patient may not."""
    return appointment.patient_id in proved_patients(request)

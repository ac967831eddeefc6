"""Who may see a visit: whoever opened its link in this session, and the patient who has signed in."""

from __future__ import annotations

from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from django.db.models import Q
from django.db.models.functions import Lower
from django.http import HttpRequest

from bookings.models import Appointment
from bookings.models.appointment import AppointmentQuerySet
from clinic.accounts.models import User
from clinic.core import clock

SESSION_KEY = "visits"
LINK_LIVES_ON = timedelta(hours=24)
MOST_OPENED = 20


def link_is_live(appointment: Appointment, now: datetime) -> bool:
    """A link opens its visit until a day after its end."""
    return now <= appointment.ends_at + LINK_LIVES_ON


def remember(request: HttpRequest, appointment: Appointment) -> None:
    """Let this session see the visit, for as long as its link is not revoked."""
    opened = {**request.session.get(SESSION_KEY, {}), appointment.reference: bytes(appointment.link_digest).hex()}
    request.session[SESSION_KEY] = dict(list(opened.items())[-MOST_OPENED:])


def open_to(request: HttpRequest, appointment: Appointment) -> None:
    """Let in whoever follows the visit's link. HEAD, which programs send to look whether a link works, opens nothing."""
    if request.method != "HEAD":
        remember(request, appointment)


def visit_for(request: HttpRequest, reference: str) -> Appointment | None:
    """The visit, if whoever asks may see it."""
    appointment = Appointment.objects.visits().with_details().filter(reference=reference).first()
    if appointment is None:
        return None
    digest = request.session.get(SESSION_KEY, {}).get(reference)
    if digest == bytes(appointment.link_digest).hex() and link_is_live(appointment, clock.now()):
        return appointment
    user = request.user
    owns = isinstance(user, User) and visits_of(user).filter(pk=appointment.pk).exists()
    return appointment if owns else None


def visits_of(user: User) -> AppointmentQuerySet:
    """Visits of the patient who signs in as `user`, and of records that carry an address they have proved is theirs.

    An address that is not verified opens nothing: anyone could sign up with it.
    """
    proved = EmailAddress.objects.filter(user=user, verified=True).values_list(Lower("email"), flat=True)
    theirs = Q(patient__user=user) | Q(patient__user=None, address__in=list(proved))
    rows: AppointmentQuerySet = Appointment.objects.visits()
    return rows.annotate(address=Lower("patient__email")).filter(theirs)

"""Who may see a visit: whoever opened its link in this session, and who has signed in with access to its patient."""

from __future__ import annotations

from django.http import HttpRequest

from bookings.online.views.account import own_patients, visits_of_account, visits_open_to
from bookings.visits.links import link_is_live
from bookings.visits.models import Appointment
from clinic.accounts.permissions import account_of
from clinic.catalogue.models import Treatment
from clinic.core import clock
from clinic.patients.helping.opened import log_opened
from clinic.patients.models import AccessOpened, PatientAccess, PatientAccessQuerySet

SESSION_KEY = "visits"
MOST_OPENED = 20


def remember(request: HttpRequest, appointment: Appointment) -> None:
    """Let this session see the visit, for as long as its link is not revoked."""
    opened = {**request.session.get(SESSION_KEY, {}), appointment.reference: bytes(appointment.link_digest).hex()}
    request.session[SESSION_KEY] = dict(list(opened.items())[-MOST_OPENED:])


def remember_booked(request: HttpRequest, appointment: Appointment) -> None:
    """Let in who has just booked it. Someone who helps comes in by their access alone, for as long as that lives."""
    if not _helpers(request, appointment).exists():
        remember(request, appointment)


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
    account = account_of(request)
    owns = account is not None and visits_of_account(account, clock.now()).filter(pk=appointment.pk).exists()
    return appointment if owns else None


def note_opened(request: HttpRequest, appointment: Appointment) -> None:
    """Note for the patient that someone who helps them looked at this visit, or changed it."""
    what = AccessOpened.What.CHANGED if request.method == "POST" else AccessOpened.What.VISIT
    log_opened(_helpers(request, appointment), what, clock.now(), about=appointment.reference)


def note_booked(request: HttpRequest, appointment: Appointment) -> None:
    """Note for the patient that someone who helps them booked this visit."""
    log_opened(_helpers(request, appointment), AccessOpened.What.BOOKED, clock.now(), about=appointment.reference)


def _helpers(request: HttpRequest, appointment: Appointment) -> PatientAccessQuerySet:
    """The live access by which who asks helps the patient of this visit; or none."""
    account = account_of(request)
    if account is None:
        return PatientAccess.objects.none()
    return visits_open_to(account, clock.now()).helping().filter(patient=appointment.patient_id)


def coming_for(request: HttpRequest, treatment: Treatment) -> Appointment | None:
    """The soonest coming visit for this treatment that this visitor may see: it tells nobody what they do not know."""
    now, opened = clock.now(), request.session.get(SESSION_KEY, {})
    alike = Appointment.objects.upcoming(now).filter(treatment=treatment)
    found = [
        visit
        for visit in (alike.filter(reference__in=opened) if opened else ())
        if opened[visit.reference] == bytes(visit.link_digest).hex() and link_is_live(visit, now)
    ]
    if account := account_of(request):
        found += alike.filter(patient__in=own_patients(account, now))
    return min(found, key=lambda visit: visit.starts_at, default=None)

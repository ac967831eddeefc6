"""Let in whoever may open a record, and answer in words where it cannot be opened.

That they have a second factor and agreed to confidentiality (DP-01) is asked of all staff by `clinic.staff.middleware`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from hashlib import sha256
from typing import Concatenate, ParamSpec, cast

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from bookings.visits.access import todays_visits
from bookings.visits.models import Appointment
from clinic.accounts.permissions import needs, user_of
from clinic.accounts.rights import Right, may
from clinic.accounts.signing_in.proofs import is_by_pin, require_more_than_pin
from clinic.core import clock
from clinic.core.sealing.keyring import Unreadable
from clinic.core.web.client_address import client_address
from clinic.patients.models import Patient
from clinic.records.entries.models import Entry
from clinic.records.reading.opening import CannotLog, NotYours, OpenRecord, Where, open_record
from clinic.records.reading.whose import purpose_of

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]
DIGITS = 16
SIGNS_WITHIN = timedelta(minutes=15)  # of a sign-in, or of having said again who they are


def clinical(*, to_change: Right = Right.WRITE_RECORDS) -> Callable[[View[P]], View[P]]:
    """Let in who treats patients, and who may open a record for a reason; to send a form there takes `to_change`.

    Another's patient is a page that is not there (404). Where the log cannot be written, or a key is missing, the page
    says so (503), and nothing is read.
    """

    def guard(view: View[P]) -> View[P]:
        @wraps(view)
        def answered(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            try:
                return view(request, *args, **kwargs)
            except NotYours as error:
                raise Http404 from error
            except CannotLog as error:
                return render(request, "records/reading/unavailable.html", {"why": error}, status=503)
            except Unreadable:
                return render(request, "records/reading/unavailable.html", {"is_key": True}, status=503)

        @wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            treats = may(request.user, Right.READ_RECORDS) or not may(request.user, Right.BREAK_GLASS)
            asked = Right.READ_RECORDS if treats else Right.BREAK_GLASS
            changes = asked if to_change == Right.READ_RECORDS else to_change  # to look for words is to read
            return needs(asked, to_change=changes)(answered)(request, *args, **kwargs)

        guarded.right = Right.READ_RECORDS  # type: ignore[attr-defined]  # what `needs` marks views with
        guarded.right_to_change = to_change  # type: ignore[attr-defined]
        return guarded

    return guard


def opened_for(
    request: HttpRequest, patient: Patient, page: str, *, visit: Appointment | None = None, entry: Entry | None = None
) -> OpenRecord:
    """Open the record for whoever asks. By a shared tablet's PIN, of who comes today alone; others need more.

    Raises:
        NotYours, CannotLog: as `open_record`.
        ReauthenticationRequired: allauth's middleware asks for more than the PIN.
    """
    _require_more_for_others(request, patient)
    return open_record(
        patient=patient,
        reader=user_of(request),
        page=page,
        now=clock.now(),
        where=where_of(request),
        visit=visit,
        entry=entry,
    )


def require_own(request: HttpRequest, patient: Patient) -> None:
    """Before something is written without reading. Raises NotYours, as if there were no such record."""
    _require_more_for_others(request, patient)
    if purpose_of(user_of(request), patient, clock.now()) is None:
        raise NotYours("There is no such record.")


def visit_with_record(reference: str) -> Appointment:
    """The visit and its patient; 404 for what has none. Whether they may open it is up to `opened_for`."""
    return get_object_or_404(Appointment.objects.visits().with_details(), reference=reference, patient__isnull=False)


def patient_of(visit: Appointment) -> Patient:
    """Whose visit it is: `visit_with_record` gives none without."""
    return cast("Patient", visit.patient)


def where_of(request: HttpRequest) -> Where:
    """From where, as digests that tell one session and address from another, and say neither."""
    return Where(_digest(request.session.session_key or ""), _digest(client_address(request)))


def _digest(value: str) -> str:
    return sha256(f"{settings.SECRET_KEY}|{value}".encode()).hexdigest()[:DIGITS] if value else ""


def _require_more_for_others(request: HttpRequest, patient: Patient) -> None:
    if is_by_pin(request) and not todays_visits(request.user, clock.now()).filter(patient=patient).exists():
        require_more_than_pin(request)

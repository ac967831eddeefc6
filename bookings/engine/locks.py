"""Lock what a change of a visit needs, and judge the version that its page showed."""

from __future__ import annotations

from bookings.engine.transactions import lock_practitioners
from bookings.visits.models import Appointment
from bookings.visits.refusals import Stale
from clinic.catalogue.models import Treatment
from clinic.practitioners.models import Practitioner


def lock_diaries(treatment: Treatment, practitioner: Practitioner | None) -> None:
    """Lock the diary of `practitioner`, or of everyone who could take the visit."""
    if practitioner:
        lock_practitioners([practitioner.pk])
    else:
        lock_practitioners(Practitioner.objects.bookable_for(treatment).values_list("pk", flat=True))


def lock_visit(appointment: Appointment, version: int | None) -> Appointment:
    """The visit as it is now, locked; Stale if it is no longer at `version`."""
    visit = Appointment.objects.with_details().select_for_update(of=("self",)).get(pk=appointment.pk)
    check_version(visit, version)
    return visit


def check_version(visit: Appointment, version: int | None) -> None:
    """
    Raises:
        Stale: it is no longer at the `version` that someone was shown.
    """
    if version is not None and visit.version != version:
        raise Stale("This visit was changed meanwhile. Here is how it stands now.")


def was_done_from_that_page(visit: Appointment, version: int | None) -> bool:
    """Tell whether the last change was made from the page at `version`: of a locked visit that is what was asked for."""
    return version == visit.version - 1

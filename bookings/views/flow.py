"""How far a visitor has come with a booking: what the address says, and what waits in the session."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.core.validators import slug_re
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse

from bookings.domain.patients import PatientDetails
from bookings.forms import ANY
from bookings.models import Appointment
from bookings.models.appointment import Status
from clinic.catalogue.consultations import first_consultation
from clinic.catalogue.models import Treatment
from clinic.practitioners.models import Practitioner

SESSION_KEY = "booking"
STILL_OURS = (Status.HELD, Status.EXPIRED, Status.BOOKED)


@dataclass(frozen=True, slots=True)
class Choice:
    """What is to be booked and with whom, as `?treatment=&with=` says; an answer that does not hold is no answer.

    `?for=consultation` stands for the clinic's first consultation.
    """

    treatment: Treatment | None = None
    who: str = ""
    practitioner: Practitioner | None = None

    @classmethod
    def read(cls, query: Mapping[str, str]) -> Choice:
        slug, who = query.get("treatment", ""), query.get("with", "")
        treatment = _by_slug(Treatment.objects.bookable_online(), slug)
        if treatment is None and query.get("for") == "consultation":
            treatment = first_consultation(who if slug_re.match(who) else "")
        if treatment is None or who in ("", ANY):
            return cls(treatment, who if treatment else "")
        practitioner = _by_slug(Practitioner.objects.bookable_for(treatment), who)
        return cls(treatment, practitioner.slug if practitioner else "", practitioner)

    @property
    def params(self) -> dict[str, str]:
        return {"treatment": self.treatment.slug if self.treatment else "", "with": self.who}


def _by_slug(rows: Any, slug: str) -> Any:
    return rows.filter(slug=slug).first() if slug_re.match(slug) else None


@dataclass(slots=True)
class Flow:
    """What waits in the session between the pages. `hold_id` is also what makes Confirm happen once."""

    date_of_birth: date | None = None
    hold_id: int | None = None
    details: dict[str, Any] = field(default_factory=dict)
    booked: str = ""

    @classmethod
    def of(cls, request: HttpRequest) -> Flow:
        kept = request.session.get(SESSION_KEY, {})
        born = kept.get("date_of_birth")
        return cls(
            date_of_birth=date.fromisoformat(born) if born else None,
            hold_id=kept.get("hold_id"),
            details=kept.get("details", {}),
            booked=kept.get("booked", ""),
        )

    def save(self, request: HttpRequest) -> None:
        request.session[SESSION_KEY] = {
            "date_of_birth": self.date_of_birth.isoformat() if self.date_of_birth else None,
            "hold_id": self.hold_id,
            "details": self.details,
            "booked": self.booked,
        }

    def hold(self) -> Appointment | None:
        """The time kept for this visitor; also when its minutes are over, or Confirm was tapped twice."""
        if self.hold_id is None:
            return None
        return Appointment.objects.with_details().filter(pk=self.hold_id, status__in=STILL_OURS).first()

    @property
    def is_complete(self) -> bool:
        return bool(self.details) and self.date_of_birth is not None

    def patient_details(self) -> PatientDetails:
        """Everything Confirm needs; only where `is_complete`."""
        if self.date_of_birth is None:
            raise ValueError("The date of birth is asked before this.")
        return PatientDetails(date_of_birth=self.date_of_birth, **self.details)

    def finish(self, reference: str) -> None:
        """Forget who it was; remember only which visit the last page shows."""
        self.date_of_birth, self.hold_id, self.details, self.booked = None, None, {}, reference


def address(name: str, params: Mapping[str, str] | None = None, *args: str) -> str:
    """The address of a page of this app, with those of `params` that say something."""
    said = {key: value for key, value in (params or {}).items() if value}
    path = reverse(f"bookings:{name}", args=args)
    return f"{path}?{urlencode(said)}" if said else path


def go(name: str, params: Mapping[str, str] | None = None, *args: str) -> HttpResponseRedirect:
    return HttpResponseRedirect(address(name, params, *args))


def state(request: HttpRequest) -> dict[str, str]:
    """The part of the address that every page of the flow hands on."""
    return {key: request.GET[key] for key in ("treatment", "with", "day", "before") if key in request.GET}

"""Whether a patient's consent to a treatment holds, and if not, why: in one sentence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db.models import Exists, OuterRef, QuerySet

from bookings.visits.models import Appointment
from clinic.catalogue.models import Treatment
from clinic.core import clock
from clinic.core.formats import written_date
from clinic.patients.models import Patient
from clinic.records.consent.models import ConsentConfirmation, ConsentGrant, Scope
from clinic.records.consent_texts.models import ConsentVersion, document_for
from clinic.records.entries.models import Entry, Kind
from clinic.records.reading.whose import records_of
from clinic.records.versions.models import State


class Holds(StrEnum):
    """`NOT_ASKED`: the treatment asks for no consent here."""

    NOT_ASKED = "not asked"
    NONE = "none"
    VALID = "valid"
    LAPSED = "lapsed"


@dataclass(frozen=True, slots=True)
class ConsentState:
    """`why` is the sentence that a page shows. `grant` is the consent that it is about, if there is one."""

    holds: Holds
    why: str = ""
    grant: ConsentGrant | None = None

    @property
    def is_valid(self) -> bool:
        return self.holds == Holds.VALID


def consent_state(
    *, patient: Patient, treatment: Treatment, now: datetime, visit: Appointment | None = None
) -> ConsentState:
    """How the newest consent that was not struck stands; `visit` is the one it is asked for."""
    if document_for(treatment) is None:
        return ConsentState(Holds.NOT_ASKED)
    every = ConsentGrant.objects.filter(patient__in=records_of(patient).values("pk"), treatment=treatment)
    grants = every.select_related("version", "withdrawal__entry", "entry").order_by("-entry__recorded_at")
    grant = standing(grants).first()
    if grant is None:
        struck = "The consent was struck as entered in error." if every.exists() else ""
        return ConsentState(Holds.LAPSED if struck else Holds.NONE, struck or "No consent has been given yet.")
    why = why_lapsed(grant, now, visit)
    return ConsentState(Holds.LAPSED if why else Holds.VALID, why, grant)


def why_lapsed(grant: ConsentGrant, now: datetime, visit: Appointment | None = None) -> str:
    """Why it does not hold any more; nothing if it does. Struck ones are not asked for here."""
    if withdrawn := getattr(grant, "withdrawal", None):
        return f"It was withdrawn on {written_date(clock.today(withdrawn.entry.recorded_at))}."
    if grant.expires_on < clock.today(now):
        return f"It ran out on {written_date(grant.expires_on)}."
    if newer := _newer_text(grant):
        return f"The text was changed in a way that matters on {written_date(clock.today(newer))}."
    return _why_used_up(grant, visit)


def _why_used_up(grant: ConsentGrant, visit: Appointment | None) -> str:
    """What was confirmed at this very visit covers it."""
    done = confirmations(grant)
    if visit is not None and done.filter(visit=visit).exists():
        return ""
    if visit is not None and grant.scope == Scope.VISIT and grant.visit_id != visit.pk:
        return "It was for another visit."
    if grant.visits_allowed and done.count() >= grant.visits_allowed:
        return f"It was for {_visits(grant.visits_allowed)}, and no more."
    return ""


def is_confirmed(visit: Appointment, state: ConsentState) -> bool:
    """Whether the patient said at this visit that they are still happy to go ahead."""
    return state.grant is not None and confirmations(state.grant).filter(visit=visit).exists()


def missing_for(visit: Appointment, now: datetime) -> str:
    """What has to be done before this visit starts, in a sentence; nothing if all is there, or none is asked for."""
    if visit.patient is None:
        return ""
    state = consent_state(patient=visit.patient, treatment=visit.treatment, now=now, visit=visit)
    if state.holds == Holds.NOT_ASKED:
        return ""
    if not state.is_valid:
        return f"Ask for consent. {state.why}"
    return "" if is_confirmed(visit, state) else "Ask whether they are still happy to go ahead."


def confirmations(grant: ConsentGrant) -> QuerySet[ConsentConfirmation]:
    """Without those that were struck."""
    return standing(ConsentConfirmation.objects.filter(grant=grant))


def standing(rows: QuerySet[ConsentGrant] | QuerySet[ConsentConfirmation]) -> QuerySet:  # type: ignore[type-arg]  # of whichever
    return rows.filter(~Exists(Entry.objects.filter(corrects=OuterRef("entry"), kind=Kind.STRIKE)))


def _newer_text(grant: ConsentGrant) -> datetime | None:
    newer = ConsentVersion.objects.filter(
        of=grant.version.of_id, number__gt=grant.version.number, is_material=True
    ).exclude(state=State.DRAFT)
    return newer.order_by("number").values_list("approved_at", flat=True).first()


def _visits(number: int) -> str:
    return "one visit" if number == 1 else f"{number} visits"

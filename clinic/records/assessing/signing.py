"""Sign a consultation: all its sections as one entry, with what it came to for each treatment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import models

from bookings.visits.models import Appointment
from clinic.accounts.models import User
from clinic.catalogue.models import Treatment
from clinic.core import clock
from clinic.core.errors import DomainError
from clinic.patients.models import Patient
from clinic.records.assessing.checking import NotComplete, given_on, problems
from clinic.records.assessing.models import Assessment, AssessmentOutcome, Outcome
from clinic.records.assessing.outcome_lines import Line, lines_of
from clinic.records.assessing.sections import MODE, Values
from clinic.records.assessing.signed_body import body_of
from clinic.records.assessing.standing import assessment_entry_of
from clinic.records.entries import signing
from clinic.records.entries.keys import Reads
from clinic.records.entries.models import Entry, Kind
from clinic.records.entries.signing import AlreadySigned, Author
from clinic.records.needs.models import TreatmentRules

USUAL_DAYS = 180


class NoProfile(DomainError):
    """They are nobody's practitioner here."""

    code = "no_profile"


def treatments_by_number() -> dict[int, str]:
    """Everything that a consultation can be about."""
    rows = Treatment.objects.exclude(kind=Treatment.Kind.CONSULTATION)
    return dict(rows.values_list("pk", "name"))


def sign_assessment(
    *, opened: Reads, patient: Patient, visit: Appointment, signer: User, treatments: Mapping[int, str], now: datetime
) -> Entry:
    """Make an entry of the drafts. Whoever signs them as well, later or at the same moment, is told who was first.

    Raises:
        NotComplete: something is to be answered. AlreadySigned. NoProfile.
    """
    author = Author.staff(signer)
    if author.practitioner is None:
        raise NoProfile("Only a practitioner with a profile signs. Ask the owner to join yours to your account.")
    practitioner, at = author.practitioner, min(visit.starts_at, now)

    def build(said: dict[str, Values]) -> tuple[dict[str, Any], Sequence[models.Model]]:
        if (first := assessment_entry_of(visit.pk)) is not None:
            raise AlreadySigned(signed_words(first), first)
        if found := problems(said, treatments, clock.today(now)):
            raise NotComplete(found)
        lines, given = lines_of(said["outcome"]), given_on(said.get("risks", {}))
        assessment = Assessment(
            patient=patient,
            assessor=practitioner,
            mode=said["outcome"][MODE],
            assessed_at=at,
            location=visit.location,
            information_given_at=min(clock.day_bounds(given)[1], now) if given else None,
        )
        return body_of(said, lines, treatments), [assessment, *_outcomes(lines, patient, now)]

    return signing.sign(
        opened=opened, patient=patient, visit=visit, kind=Kind.ASSESSMENT, author=author, occurred_at=at, build=build
    )


def signed_words(entry: Entry) -> str:
    """Who signed it, and when."""
    return f"Signed by {entry.signed_by} at {clock.local(entry.recorded_at):%H:%M} on {entry.recorded_at:%-d %B}."


def _outcomes(lines: Sequence[Line], patient: Patient, now: datetime) -> list[AssessmentOutcome]:
    numbers = [int(line.treatment) for line in lines]
    days = dict(TreatmentRules.objects.filter(treatment__in=numbers).values_list("treatment", "assessment_valid_days"))
    return [
        AssessmentOutcome(
            patient=patient,
            treatment_id=number,
            outcome=line.outcome,
            valid_until=clock.today(now) + timedelta(days=days.get(number, USUAL_DAYS))
            if line.outcome == Outcome.SUITABLE
            else None,
            defer_until=line.day if line.outcome == Outcome.DEFER else None,
        )
        for number, line in zip(numbers, lines, strict=True)
    ]

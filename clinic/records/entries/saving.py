"""Save what is being typed: at once, whatever it says, and over nobody else's newer text."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, models, transaction

from bookings.visits.models import Appointment
from clinic.accounts.models import User
from clinic.core.errors import DomainError
from clinic.patients.models import Patient
from clinic.records.entries.canonical import canonical
from clinic.records.entries.keys import Sealer
from clinic.records.entries.models import Draft, DraftPast, Kind

KEEPS_AFTER = timedelta(seconds=60)  # a text that stood this long is kept when another takes its place
LIVES_ON = timedelta(days=7)  # after its visit


class Stale(DomainError):
    """Somebody saved this section meanwhile; `theirs` is the draft as it stands. What was sent is in the caller's hands."""

    code = "stale"

    def __init__(self, theirs: Draft | None) -> None:
        super().__init__("This section was changed on another screen meanwhile. Nothing was overwritten.")
        self.theirs = theirs


@dataclass(frozen=True, slots=True)
class Place:
    """Which section of what: of a visit, or of a patient without one."""

    patient: Patient
    kind: Kind
    section: str
    visit: Appointment | None = None

    def rows(self) -> models.QuerySet[Draft]:
        """The draft of it: one or none."""
        whose: dict[str, Any] = {"visit": self.visit} if self.visit else {"patient": self.patient, "visit": None}
        return Draft.objects.filter(**whose, kind=self.kind, section=self.section)


def save_section(
    *, place: Place, values: dict[str, Any], version: int, sealer: Sealer, writer: User | None, now: datetime
) -> Draft:
    """Keep the values of a section, valid or not. `version` is the one that the page showed; 0 where there was none.

    Raises:
        Stale: another version stands there.
    """
    text = canonical(values)
    if version == 0:
        return _first(place, text, sealer, writer, now)
    with transaction.atomic():
        draft = place.rows().select_for_update().first()
        if draft is None or draft.version != version:
            raise Stale(draft)
        if now - draft.updated_at > KEEPS_AFTER:
            DraftPast.objects.create(
                draft=draft,
                body=draft.body,
                version=draft.version,
                updated_by_id=draft.updated_by_id,
                updated_at=draft.updated_at,
            )
        sealer.put(draft, "body", text)
        draft.version, draft.updated_by, draft.updated_at = version + 1, writer, now
        draft.save(update_fields=["body", "version", "updated_by", "updated_at"])
    return draft


def _first(place: Place, text: str, sealer: Sealer, writer: User | None, now: datetime) -> Draft:
    draft = Draft(
        patient=place.patient,
        visit=place.visit,
        kind=place.kind,
        section=place.section,
        updated_by=writer,
        updated_at=now,
    )
    sealer.put(draft, "body", text)
    try:
        with transaction.atomic():
            draft.save(force_insert=True)
    except IntegrityError:
        raise Stale(place.rows().first()) from None
    return draft


def drop_old_drafts(now: datetime) -> int:
    """Delete what nobody signed within a week of its visit, or of its last change where it has none; gives how many."""
    old = Draft.objects.filter(updated_at__lt=now - LIVES_ON).exclude(visit__during__endswith__gt=now - LIVES_ON)
    number, _by_model = old.delete()
    return number

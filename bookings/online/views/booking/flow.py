"""One booking on its way: what is asked for, what is known so far, and which time is kept for it."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

from django.core import signing
from django.core.validators import slug_re
from django.http import HttpResponseRedirect
from django.urls import reverse

from bookings.engine.eligibility import PatientDetails
from bookings.online.drafts import latest_hold
from bookings.online.forms.choose import ANY
from bookings.visits.models import Appointment
from clinic.catalogue.consultations import first_consultation
from clinic.catalogue.models import Treatment
from clinic.core.addresses import current_slug
from clinic.practitioners.models import Practitioner

SALT = "bookings.flow.1"  # another number when the shape changes: older pages then ask again
LIVES = timedelta(hours=12)  # a page left open over a day's work
LONGEST_TYPED = 2000


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
    """The row of this slug, or that had it until it was renamed: links in letters and bookmarks live on."""
    if not slug_re.match(slug):
        return None
    return rows.filter(slug=slug).first() or rows.filter(slug=current_slug(rows.model, slug)).first()


@dataclass(slots=True)
class Draft:
    """A booking that somebody is making. Two tabs are two drafts; the pages of one name it by `id`.

    `typed` is what stood in the boxes when something in them was not right; `details` is right. `agreed` is the
    digest of the page on which it was booked.
    """

    choice: Choice = field(default_factory=Choice)
    date_of_birth: date | None = None
    hold_id: int | None = None
    details: dict[str, Any] = field(default_factory=dict)
    typed: dict[str, Any] = field(default_factory=dict)
    booked: str = ""
    agreed: str = ""
    id: str = field(default_factory=lambda: secrets.token_urlsafe(9))

    @classmethod
    def read(cls, kept: Mapping[str, Any], choice: Choice | None = None) -> Draft:
        """As `written` it; `choice` where the address or the page says it anew."""
        born = kept["date_of_birth"]
        return cls(
            choice=choice or Choice.read(kept["choice"]),
            date_of_birth=date.fromisoformat(born) if born else None,
            hold_id=kept["hold_id"],
            details=kept["details"],
            typed=kept["typed"],
            booked=kept["booked"],
            agreed=kept["agreed"],
            id=kept["id"],
        )

    def written(self) -> dict[str, Any]:
        return {
            "choice": self.choice.params,
            "date_of_birth": self.date_of_birth.isoformat() if self.date_of_birth else None,
            "hold_id": self.hold_id,
            "details": self.details,
            "typed": self.typed,
            "booked": self.booked,
            "agreed": self.agreed,
            "id": self.id,
        }

    def hold(self) -> Appointment | None:
        """The time kept for it; also when its minutes are over, or Confirm was tapped twice."""
        return latest_hold(self.id) if self.hold_id else None

    @property
    def is_fresh(self) -> bool:
        """Whether nothing is known but what the address says."""
        return not (self.is_personal or self.hold_id or self.booked)

    @property
    def is_personal(self) -> bool:
        return bool(self.date_of_birth or self.details or self.typed)

    @property
    def is_complete(self) -> bool:
        return bool(self.details) and not self.typed and self.date_of_birth is not None

    def patient_details(self, **known: Any) -> PatientDetails:
        """Everything Confirm needs; only where `is_complete`. `known`: what the visitor has shown of who they are."""
        if self.date_of_birth is None:
            raise ValueError("The date of birth is asked before this.")
        return PatientDetails(date_of_birth=self.date_of_birth, **known, **self.details)

    def forget_person(self) -> None:
        """What is asked for, and the time, stay."""
        self.date_of_birth, self.details, self.typed = None, {}, {}

    def finish(self, reference: str, agreed: str) -> None:
        """Forget who it was; remember only which visit the last page shows."""
        self.forget_person()
        self.hold_id, self.booked, self.agreed = None, reference, agreed

    def keep_typed(self, boxes: Mapping[str, Any]) -> None:
        self.typed = {name: _cut(value) for name, value in boxes.items()}


def _cut(value: Any) -> Any:
    if isinstance(value, list):
        return [_cut(part) for part in value[:3]]
    return value[:LONGEST_TYPED] if isinstance(value, str) else value


@dataclass(frozen=True, slots=True)
class Page:
    """What a form says of the page it stands on: the draft as it was then, and a digest of what was to be seen."""

    draft: Draft
    shown: str

    @classmethod
    def read(cls, token: str, lives: timedelta = LIVES) -> Page | None:
        """None where the token is missing, forged, or too old."""
        try:
            said = signing.loads(token, salt=SALT, max_age=lives)
        except signing.BadSignature:
            return None
        return cls(Draft.read(said), said["shown"])


def token_of(draft: Draft, shown: str = "") -> str:
    """Signed, not encrypted: it goes to nobody but the visitor whose answers it holds."""
    return signing.dumps(draft.written() | {"shown": shown}, salt=SALT, compress=True)


def digest(*seen: Any) -> str:
    """A short name for what a page shows; another as soon as any of it changes."""
    return sha256(json.dumps(seen, sort_keys=True, default=str).encode()).hexdigest()[:32]


def address(name: str, params: Mapping[str, str] | None = None, *args: str) -> str:
    """The address of a page of this app, with those of `params` that say something."""
    said = {key: value for key, value in (params or {}).items() if value}
    path = reverse(f"bookings:{name}", args=args)
    return f"{path}?{urlencode(said)}" if said else path


def go(name: str, params: Mapping[str, str] | None = None, *args: str) -> HttpResponseRedirect:
    return HttpResponseRedirect(address(name, params, *args))

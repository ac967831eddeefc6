"""The flags of answers that a practitioner decides on before a treatment starts: cleared with a reason, or they stand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bookings.visits.models import Appointment
from clinic.records.needs.models import rules_of
from clinic.records.questions.content.flags import Flag, concerns

TO_DECIDE = ("warn", "block")
CLEARED, STANDS = "cleared", "stands"
LEAST_REASON = 10
WHY_NOT: Mapping[str, str] = {
    "nobody": "Nobody clears this: while it stands, the treatment does not start.",
    "prescriber": "Only a prescriber clears this, and nobody here has a checked register entry that says so yet. It stands.",
}


@dataclass(frozen=True, slots=True)
class Raised:
    """A flag as it was signed with the answers, and whether it is about the treatment of this visit."""

    flag: Flag
    is_about_this: bool

    @property
    def is_to_decide(self) -> bool:
        return self.is_about_this and self.flag.effect in TO_DECIDE

    @property
    def why_not(self) -> str:
        """Why it cannot be cleared; nothing if a practitioner may."""
        return WHY_NOT.get(self.flag.clear_by, "")


def raised_in(body: Mapping[str, Any], visit: Appointment) -> list[Raised]:
    """The flags of signed answers, the gravest first."""
    about = subjects_of(visit)
    flags = [Flag.read(said) for said in body["flags"]]
    return [Raised(flag, concerns(flag, about)) for flag in flags]


def subjects_of(visit: Appointment) -> list[str]:
    """What a flag may name that concerns this visit: its treatment, and the product families of it."""
    rules = rules_of(visit.treatment)
    return [visit.treatment.slug, *(rules.families if rules else ())]

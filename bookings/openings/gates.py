"""What a program above bookings asks for before a visit is booked, started or completed.

It registers its gate while the program starts (`AppConfig.ready`). Without one the booking rules alone decide.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bookings.visits.models import Appointment
from bookings.visits.refusals import Refusal
from clinic.catalogue.models import Treatment
from clinic.patients.models import Patient


@dataclass(frozen=True, slots=True)
class Missing:
    """Something that must be there first, in a sentence for staff; `url_name` is the page of the visit that mends it.

    It says whether something is there, never what a patient answered or what was found: the desk reads it too.
    """

    code: str
    sentence: str
    url_name: str = ""


@dataclass(frozen=True, slots=True)
class Window:
    """When a visit may start because of one consultation: from the end of the time to reflect, while it is valid."""

    opens: datetime
    closes: datetime

    def has(self, starts_at: datetime) -> bool:
        return self.opens <= starts_at <= self.closes


@dataclass(frozen=True, slots=True)
class ToBook:
    """When a patient may have a treatment, the earliest window first, and for how long what opens it counts."""

    windows: Sequence[Window]
    valid: timedelta


class Gate:
    """What one program asks for: nothing, unless a subclass does."""

    def to_book(self, patient: Patient | None, treatment: Treatment) -> ToBook | None:
        """In place of the completed consultation that a treatment needs; None leaves it at that."""
        return None

    def to_start(self, visit: Appointment, now: datetime) -> list[Missing]:
        """What must be there before a visit starts. Asked under its lock."""
        return []

    def to_complete(self, visit: Appointment, now: datetime) -> list[Missing]:
        """What must be there before a visit is completed. Asked under its lock."""
        return []

    def may_invite(self, visit: Appointment) -> bool:
        """Whether its patient may be asked to come again."""
        return True


class NotReady(Refusal):
    """Something must be there before a visit starts, or is completed. The text says all of it."""

    code = "not_ready"

    def __init__(self, cannot: str, missing: Sequence[Missing]) -> None:
        """`cannot` is what it cannot do yet: start, or be completed."""
        number = f"{len(missing)} things come" if len(missing) > 1 else "One thing comes"
        self.headline, self.missing = f"This visit cannot {cannot} yet. {number} first:", list(missing)
        super().__init__(" ".join([self.headline, *(one.sentence for one in missing)]))


_GATES: list[Gate] = []


def register(gate: Gate) -> None:
    _GATES.append(gate)


def to_book(patient: Patient | None, treatment: Treatment) -> ToBook | None:
    """The answer of the first gate that has one."""
    return next((answer for gate in _GATES if (answer := gate.to_book(patient, treatment)) is not None), None)


def may_invite(visit: Appointment) -> bool:
    """Whether no gate speaks against asking the patient of this visit to come again."""
    return all(gate.may_invite(visit) for gate in _GATES)


def check_start(visit: Appointment, now: datetime) -> None:
    """
    Raises:
        NotReady
    """
    if missing := [one for gate in _GATES for one in gate.to_start(visit, now)]:
        raise NotReady("start", missing)


def check_completion(visit: Appointment, now: datetime) -> None:
    """
    Raises:
        NotReady
    """
    if missing := [one for gate in _GATES for one in gate.to_complete(visit, now)]:
        raise NotReady("be completed", missing)

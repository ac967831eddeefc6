"""What the status column of another system's file means here. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bookings.visits.models.statuses import Status
from clinic.core.errors import DomainError

WORDS: dict[str, tuple[str, ...]] = {
    Status.BOOKED: ("booked", "scheduled", "planned", "pending", "upcoming", "new", "unconfirmed"),
    Status.CONFIRMED: ("confirmed",),
    Status.COMPLETED: (
        "completed", "complete", "attended", "arrived", "checked in", "checked out", "seen", "done", "finished",
        "fulfilled", "paid",
    ),
    Status.NO_SHOW: ("no show", "noshow", "dna", "did not attend", "did not arrive", "missed", "not attended"),
    Status.CANCELLED: (
        "cancelled", "canceled", "cancelled late", "late cancellation", "cancelled by patient", "cancelled by client",
        "cancelled by clinic",
    ),
}  # fmt: skip
MEANS = {word: status for status, words in WORDS.items() for word in words}
SHOWN = "booked, confirmed, attended (or completed), no-show or cancelled"


class StatusRefused(DomainError):
    """What the column says cannot be, or is not known."""

    code = "status_refused"


@dataclass(frozen=True, slots=True)
class Outcome:
    """`is_assumed`: the file does not say how a visit ended that is over."""

    status: Status
    is_assumed: bool = False


def outcome(written: str, *, starts_at: datetime, ends_at: datetime, now: datetime) -> Outcome:
    """What became of a visit, or is to come of it.

    A visit that is over and still says booked, confirmed or nothing counts as attended: many systems leave it so, and
    note who stayed away.

    Raises:
        StatusRefused
    """
    said = meaning(written)
    if written.strip() and said is None:
        raise StatusRefused(f"status “{written}” is not known. Write {SHOWN}.")
    if said in {Status.COMPLETED, Status.NO_SHOW} and starts_at > now:
        raise StatusRefused(f"status “{written}”: this visit has not begun yet.")
    if said in {None, Status.BOOKED, Status.CONFIRMED} and ends_at <= now:
        return Outcome(Status.COMPLETED, is_assumed=True)
    return Outcome(said or Status.BOOKED)


def meaning(written: str) -> Status | None:
    """The status that a word stands for, however it is spelt; None if it is not known."""
    word = " ".join(written.casefold().replace("-", " ").replace("_", " ").split())
    return Status(MEANS[word]) if word in MEANS else None

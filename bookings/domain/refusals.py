"""What the booking rules can answer instead of yes. Each text is fit to show."""

from __future__ import annotations

from datetime import datetime

from bookings.domain.availability import Slot
from clinic.core.errors import DomainError


class SlotTaken(DomainError):
    """The time is not free (any more); `alternatives` are the nearest that are, `starts_at` the one of a series."""

    code = "slot_taken"

    def __init__(self, alternatives: list[Slot] | None = None) -> None:
        super().__init__("Sorry, this time has just been taken.")
        self.alternatives = alternatives or []
        self.starts_at: datetime | None = None


class TooYoung(DomainError):
    code = "too_young"


class BirthdayTypo(DomainError):
    code = "check_birthday"


class TooLate(DomainError):
    code = "too_late"


class NotBookable(DomainError):
    code = "not_bookable"


class NeedsConsultation(NotBookable):
    code = "needs_consultation"


class NewPatientsOnly(NotBookable):
    code = "new_patients_only"


class ReturningPatientsOnly(NotBookable):
    code = "returning_patients_only"


class PatientBusy(DomainError):
    code = "patient_busy"


class TooManyVisits(DomainError):
    code = "too_many_visits"


class Stale(DomainError):
    code = "stale"


class IllegalMove(DomainError):
    code = "illegal_move"


class KeyReused(DomainError):
    code = "idempotency_key_reused"

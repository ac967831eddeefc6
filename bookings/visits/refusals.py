"""What the booking rules can answer instead of yes. Each text is fit to show."""

from __future__ import annotations

from datetime import datetime

from django.db.models import TextChoices

from bookings.visits.slot import Slot
from clinic.core.errors import DomainError


class Reason(TextChoices):
    """Why a time cannot be had: a name for programs, a sentence for people. The earlier, the nearer to a yes."""

    TAKEN = "taken", "Sorry, this time is taken."
    CLEANING_TIME = "cleaning_time", "This time is needed to clean and prepare between two visits."
    NO_ROOM = "no_room", "No room that this needs is free at this time."
    NO_DEVICE = "no_device", "The device that this needs is in use at this time."
    LEAVES_UNSELLABLE_GAP = "leaves_unsellable_gap", "This time would leave a gap too short for another visit."
    BETWEEN_STARTS = "between_starts", "Visits do not start at this time. Please choose one of the times shown."
    TOO_LATE_IN_THE_DAY = "too_late_in_the_day", "This is too late in the day to start a visit."
    CLOSED = "closed", "There are no visits at this time: it is outside the working hours, or a day off."
    NOT_OFFERED = "not_offered", "This is not offered here. Please choose another, or call us."
    PAST = "past", "This time has passed. Please choose another."
    TOO_SOON = "too_soon", "This time is too soon to book online. Please choose a later time or call us."
    TOO_FAR_AHEAD = "too_far_ahead", "This time is too far ahead to book online."
    NEEDS_CONSULTATION = "needs_consultation", "This needs a consultation first."
    PATIENT_BUSY = "patient_busy", "You already have a visit at this time."
    TOO_MANY_KEPT = "too_many_kept", "Many times are kept from your connection. Please call us, or wait ten minutes."
    BUSY = "busy", "We are busy for a moment. Please try again."


class Refusal(DomainError):
    """`reason` is None where the refusal is not about a time."""

    reason: Reason | None = None

    def __init__(self, said: str | Reason = "", *, reason: Reason | None = None) -> None:
        self.reason = said if isinstance(said, Reason) else reason or type(self).reason
        super().__init__(said.label if isinstance(said, Reason) else said)


def for_staff(refusal: DomainError) -> str:
    """The refusal as staff read it, who book for someone else."""
    return "The patient has another visit at this time." if isinstance(refusal, PatientBusy) else str(refusal)


class SlotTaken(Refusal):
    """The time is not free (any more); `alternatives` are the nearest that are, `starts_at` the one of a series.

    Where the reason is not known yet, the text is that of a taken time; `transactions` asks for the reason.
    """

    code = "slot_taken"

    def __init__(self, alternatives: list[Slot] | None = None, *, reason: Reason | None = None) -> None:
        super().__init__((reason or Reason.TAKEN).label, reason=reason)
        self.alternatives = alternatives or []
        self.starts_at: datetime | None = None


class Busy(Refusal):
    """The diary was locked by others for too long: nothing is known to be wrong, and nothing was changed."""

    code = "busy"
    reason = Reason.BUSY

    def __init__(self) -> None:
        super().__init__(Reason.BUSY)


class TooYoung(Refusal):
    code = "too_young"


class BirthdayTypo(Refusal):
    code = "check_birthday"


class TooLate(Refusal):
    code = "too_late"


class NotBookable(Refusal):
    code = "not_bookable"


class BirthdayNeeded(NotBookable):
    code = "birthday_needed"


class NeedsConsultation(NotBookable):
    code = "needs_consultation"
    reason = Reason.NEEDS_CONSULTATION


class NewPatientsOnly(NotBookable):
    code = "new_patients_only"


class ReturningPatientsOnly(NotBookable):
    code = "returning_patients_only"


class PatientBusy(Refusal):
    code = "patient_busy"
    reason = Reason.PATIENT_BUSY

    def __init__(self, said: str = Reason.PATIENT_BUSY.label) -> None:
        super().__init__(said)


class TooManyVisits(Refusal):
    code = "too_many_visits"


class Stale(Refusal):
    code = "stale"


class IllegalMove(Refusal):
    code = "illegal_move"


class NeedsRecord(Refusal):
    """Said by the database: what the treatment's record needs is not signed."""

    code = "needs_record"

    def __init__(self) -> None:
        super().__init__("This visit is completed once its record is signed.")


class KeyReused(Refusal):
    code = "idempotency_key_reused"

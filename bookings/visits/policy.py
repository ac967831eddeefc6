"""The booking rules of one treatment: its own where set, else the clinic's."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta

from bookings.visits.models import Appointment, BookingSettings
from clinic.catalogue.models import Treatment

FAR = timedelta(days=36525)  # longer than any day that staff may type


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The booking rules as they hold for one treatment; their values are set in `BookingSettings` and `Treatment`.

    `last_start_at` is on the clinic's wall clock.
    """

    slot_step: timedelta
    minimum_notice: timedelta
    horizon: timedelta
    change_window: timedelta
    hold: timedelta
    max_future_visits: int
    last_start_at: time | None
    avoids_short_gaps: bool
    closes_on_public_holidays: bool
    consultation_valid: timedelta

    def at_the_desk(self) -> Policy:
        """The same for staff: no notice, any gap, and a start however late within the hours."""
        return replace(self, minimum_notice=timedelta(0), avoids_short_gaps=False, last_start_at=None)

    def however_far(self) -> Policy:
        """The same without the horizon, for one named day."""
        return replace(self, horizon=FAR)


def policy_for(treatment: Treatment, settings: BookingSettings | None = None) -> Policy:
    """Gather the rules for this treatment: its own, else those of `settings`, which are read unless given."""
    settings = settings or BookingSettings.load()
    return Policy(
        slot_step=timedelta(minutes=_own_or(treatment.slot_step_minutes, settings.slot_step_minutes)),
        minimum_notice=timedelta(hours=_own_or(treatment.minimum_notice_hours, settings.minimum_notice_hours)),
        horizon=timedelta(days=_own_or(treatment.horizon_days, settings.horizon_days)),
        change_window=timedelta(hours=_own_or(treatment.change_window_hours, settings.change_window_hours)),
        hold=timedelta(minutes=settings.hold_minutes),
        max_future_visits=settings.max_future_visits,
        last_start_at=treatment.last_start_at or settings.last_start_at,
        avoids_short_gaps=settings.avoids_short_gaps,
        closes_on_public_holidays=settings.closes_on_public_holidays,
        consultation_valid=timedelta(days=_own_or(treatment.consultation_valid_days, settings.consultation_valid_days)),
    )


def changes_until(appointment: Appointment, settings: BookingSettings | None = None) -> datetime:
    """The last moment at which a patient may move this visit online; a cancellation after it is a late one."""
    settings = settings or BookingSettings.load()
    hours = _own_or(appointment.treatment.change_window_hours, settings.change_window_hours)
    return appointment.starts_at - timedelta(hours=hours)


def moves_until(appointment: Appointment, now: datetime, settings: BookingSettings | None = None) -> datetime | None:
    """`changes_until`, to be told to a patient: None once it has passed."""
    until = changes_until(appointment, settings)
    return until if now <= until else None


def _own_or(own: int | None, clinics: int) -> int:
    return clinics if own is None else own


def may_cancel(appointment: Appointment, now: datetime) -> bool:
    """Whether the patient may still say that they are not coming."""
    return appointment.is_upcoming and not appointment.has_begun(now)


def may_move(appointment: Appointment, now: datetime) -> bool:
    """Whether the patient may still choose another time online."""
    return may_cancel(appointment, now) and moves_until(appointment, now) is not None

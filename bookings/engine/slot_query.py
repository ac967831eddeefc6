"""What to answer where a time cannot be had: the reason, and the nearest times that can."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bookings.engine.availability.nearest import nearest_slots
from bookings.engine.availability.reasons import why_not
from bookings.engine.placement import usual_location
from bookings.visits.models import Appointment
from bookings.visits.policy import Policy, policy_for
from bookings.visits.refusals import Reason
from bookings.visits.slot import Slot
from clinic.catalogue.models import Treatment
from clinic.practitioners.models import Practitioner


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotQuery:
    """A time that is asked for: why it cannot be had, and what is free instead, both asked only after a rollback."""

    treatment: Treatment
    practitioner: Practitioner | None
    starts_at: datetime
    now: datetime
    policy: Policy | None = None
    ignoring: Appointment | None = None
    by_staff: bool = False

    def alternatives(self) -> list[Slot]:
        """The nearest free times, by the rules of whoever asks."""
        return nearest_slots(
            treatment=self.treatment,
            practitioner=self.practitioner,
            starts_at=self.starts_at,
            now=self.now,
            policy=self._policy,
            ignoring=self.ignoring,
            patient=self.ignoring.patient if self.ignoring else None,
        )

    def why(self) -> Reason | None:
        """None if nothing is in the way, or no longer."""
        named = self.practitioner if self.by_staff else None
        return why_not(
            treatment=self.treatment,
            practitioner=self.practitioner,
            starts_at=self.starts_at,
            now=self.now,
            policy=self._policy,
            ignoring=self.ignoring,
            at_any_hour=named is not None,
            place=usual_location(named, self.starts_at) if named else None,
        )

    @property
    def _policy(self) -> Policy:
        policy = self.policy or policy_for(self.treatment)
        return policy.at_the_desk() if self.by_staff else policy


def again_at(visit: Appointment, now: datetime) -> SlotQuery:
    """For a visit that staff want to stand again at the time it had."""
    return SlotQuery(
        treatment=visit.treatment,
        practitioner=visit.practitioner,
        starts_at=visit.starts_at,
        now=now,
        ignoring=visit,
        by_staff=True,
    )

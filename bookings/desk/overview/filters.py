"""What a week or month is narrowed to, as its address says; what makes no sense is said, not passed over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bookings.timetable.models import Location
from bookings.visits.models.appointment import AppointmentQuerySet
from bookings.visits.models.statuses import Status
from clinic.catalogue.models import Treatment

SHOWN = {"view", "day", "with", "location", "treatment", "status", "by", "cancelled"}
STATUSES = [status for status in Status if status not in {Status.HELD, Status.EXPIRED}]


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """`unknown` says what of the address could not be followed."""

    location: Location | None = None
    treatment: Treatment | None = None
    status: str = ""
    unknown: list[str] = field(default_factory=list)

    def of(self, visits: AppointmentQuerySet) -> AppointmentQuerySet:
        """Those that pass; cancelled ones only where they are asked for."""
        if self.location:
            visits = visits.filter(location=self.location)
        if self.treatment:
            visits = visits.filter(treatment=self.treatment)
        return visits.filter(status=self.status) if self.status else visits.exclude(status=Status.CANCELLED)


def read_filters(asked: Mapping[str, str]) -> Filters:
    written = {name: asked.get(name, "").replace("\x00", "") for name in ("location", "treatment", "status")}
    location = Location.objects.filter(slug=written["location"]).first() if written["location"] else None
    treatment = Treatment.objects.filter(slug=written["treatment"]).first() if written["treatment"] else None
    status = written["status"] if written["status"] in STATUSES else ""
    found = {"location": location, "treatment": treatment, "status": status}
    unknown = [f"{name} “{written[name][:40]}”" for name, value in found.items() if written[name] and not value]
    unknown += [f"“{name[:40]}”" for name in asked if name not in SHOWN]
    return Filters(location=location, treatment=treatment, status=status, unknown=unknown)

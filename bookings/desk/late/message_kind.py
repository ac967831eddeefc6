"""We run late: about when the visit starts. Sent only when staff ask for it, and only while it is so."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bookings.desk.late.delays import late_visits
from bookings.messages.kinds.kind import AboutVisit, Channel, call, register, visit_of
from bookings.messages.models import Message
from bookings.messages.planning.lateness import SAME
from bookings.messages.wording.owner_words import values_of
from bookings.visits.models.statuses import UPCOMING
from clinic.core.models import ClinicSettings


@register
class RunningLate(AboutVisit):
    name = Message.Kind.LATE
    owner_words = {
        (Channel.EMAIL, False): (
            "Your visit starts at about {{late_time}}",
            (
                "We are sorry: we are running about {{minutes}} minutes late. Your visit starts at about {{late_time}}.\n\n"
                "You need do nothing. If you cannot wait, please call us."
            ),
        ),
        (Channel.SMS, False): (
            "",
            "{{clinic}}: sorry, we are running about {{minutes}} minutes late. Your visit starts at about {{late_time}}.",
        ),
    }

    def why_untrue(self, message: Message, now: datetime) -> str:
        visit = visit_of(message)
        if visit.status not in UPCOMING:
            return "The patient is here, or the visit is no longer to come."
        late = next((one for one in late_visits(visit.practitioner_id, now) if one.visit.pk == visit.pk), None)
        if late is None:
            return "The delay is gone."
        return "" if late.about > message.expires_at - SAME else "The delay is shorter by now."

    def facts(self, message: Message, clinic: ClinicSettings, now: datetime) -> dict[str, Any]:
        return super().facts(message, clinic, now) | _values(message, clinic)

    def texts(self, message: Message, clinic: ClinicSettings) -> list[str]:
        values = _values(message, clinic)
        start = f"{clinic.name}: sorry, we are running about {values['minutes']} minutes late."
        start = f"{start} Your visit starts at about {values['late_time']}."
        return [f"{start} Can’t wait?{call(clinic)}", start] if clinic.phone else [start]


def _values(message: Message, clinic: ClinicSettings) -> dict[str, str]:
    values = values_of(visit_of(message), clinic, message.expires_at)
    return {name: values[name] for name in ("late_time", "minutes")}

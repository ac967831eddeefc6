from __future__ import annotations

from datetime import datetime
from typing import Any

from bookings.messages.kinds.kind import MessageKind, register, visit_facts
from bookings.messages.models import Message
from bookings.visits.models import Appointment
from clinic.core.models import ClinicSettings
from clinic.patients.models import Patient
from clinic.sending.outcomes import Refused


@register
class VisitLinks(MessageKind):
    """The links of an address's coming visits, to whoever asked for them there."""

    name = Message.Kind.LINKS

    def why_untrue(self, message: Message, now: datetime) -> str:
        return ""

    def reader(self, message: Message) -> Patient | None:
        return None

    def facts(self, message: Message, clinic: ClinicSettings, now: datetime) -> dict[str, Any]:
        visits = Appointment.objects.upcoming(now).filter(patient__email__iexact=message.recipient)
        facts = [visit_facts(visit) for visit in visits.with_details().order_by("during")]
        if not facts:
            raise Refused("There is no coming visit any more.")
        return {"visits": facts}

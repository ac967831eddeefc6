"""That there are questions to answer before a visit, and that they are still open: neutral words (MSG-03), and a link."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bookings.messages.kinds.kind import AboutVisit, register, visit_of
from bookings.messages.models import Message
from bookings.visits.models.statuses import UPCOMING
from clinic.core.formats import short_time
from clinic.core.models import ClinicSettings
from clinic.records.answering.models import FormRequest
from clinic.records.answering.requesting import link_of
from clinic.records.links.giving import address_of


@register
class QuestionsToAnswer(AboutVisit):
    name = Message.Kind.FORMS
    templates = "records/forms"
    waits_for_day = True
    is_chase = False

    def why_untrue(self, message: Message, now: datetime) -> str:
        visit = visit_of(message)
        if visit.status not in UPCOMING or visit.starts_at != message.expires_at:
            return "The visit is no longer to come, or has another time."
        return "" if FormRequest.objects.open().filter(visit=visit).exists() else "The questions are answered."

    def facts(self, message: Message, clinic: ClinicSettings, now: datetime) -> dict[str, Any]:
        link = address_of(link_of(visit_of(message), now))
        return super().facts(message, clinic, now) | {"link": link, "is_chase": self.is_chase}

    def texts(self, message: Message, clinic: ClinicSettings) -> list[str]:
        visit = visit_of(message)
        link = address_of(link_of(visit, message.due_at))
        when = short_time(visit.starts_at)
        still = "still " if self.is_chase else ""
        return [
            f"{clinic.name}: there are {still}some questions to answer before your visit {when}: {link}",
            f"{clinic.name}: some questions before your visit: {link}",
        ]


@register
class QuestionsStillOpen(QuestionsToAnswer):
    name = Message.Kind.FORMS_CHASE
    is_chase = True

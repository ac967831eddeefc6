"""Say that answers are not needed before a visit, and why."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from bookings.visits.models import Appointment
from clinic.core.errors import DomainError
from clinic.practitioners.models import Practitioner
from clinic.records.answering.current import unanswered
from clinic.records.answering.models import FormRequest
from clinic.records.answering.models.request import State
from clinic.records.answering.requesting import make_requests
from clinic.records.entries.keys import sealer_of
from clinic.records.questions.models import Questionnaire


class NotOpen(DomainError):
    """They were sent, or waived, meanwhile."""

    code = "not_open"


def open_request(visit: Appointment, questionnaire: Questionnaire, now: datetime) -> FormRequest:
    """The request that is to be answered, made if nobody asked yet; anew where the answers were struck.

    Raises:
        NotOpen
    """
    rows = FormRequest.objects.filter(visit=visit, questionnaire=questionnaire)
    found = next((one for one in make_requests(visit, now) if one.is_open and one.questionnaire == questionnaire), None)
    if found is None and unanswered(visit).filter(questionnaire=questionnaire).exists():
        found, _ = rows.open().get_or_create(
            defaults={"patient": visit.patient, "made_at": now, "changed_at": now},
            visit=visit,
            questionnaire=questionnaire,
        )
    if found is None:
        raise NotOpen("These answers are in already, or are not needed any more.")
    return found


def waive(request: FormRequest, *, by: Practitioner, why: str, now: datetime) -> FormRequest:
    """Let the visit start without these answers. What was typed goes.

    Raises:
        NotOpen
    """
    with transaction.atomic():
        row = FormRequest.objects.select_for_update(no_key=True).get(pk=request.pk)
        if not row.is_open:
            raise NotOpen("These answers came in meanwhile. Please look at them.")
        sealer_of(row.patient).put(row, "waived_why", why)
        row.state, row.waived_by, row.changed_at = State.WAIVED, by, now
        row.save(update_fields=["state", "waived_by", "waived_why", "changed_at"])
        row.drafts.all().delete()
    return row

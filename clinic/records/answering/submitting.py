"""Sign the answers into the record, as they stand, under the words they were asked with."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from bookings.visits.models import Appointment
from clinic.core import clock
from clinic.core.errors import DomainError
from clinic.records.answering.models import FormRequest, QuestionnaireResponse
from clinic.records.answering.models.request import State
from clinic.records.answering.saving import NotOpen, read
from clinic.records.entries.keys import Reads
from clinic.records.entries.models import Entry, Kind
from clinic.records.entries.signing import Author, add_entry
from clinic.records.questions.content.checking import check
from clinic.records.questions.content.flags import raised, worst
from clinic.records.questions.content.signing import to_sign


class NotComplete(DomainError):
    """Some answers are missing or amiss: `faults`, by key."""

    code = "not_complete"

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__("Some answers are still to be given or put right.")
        self.faults = faults


def submit(request: FormRequest, *, opened: Reads, author: Author, now: datetime, interpreter: str = "") -> Entry:
    """Sign what is typed. Two who send at once make one entry.

    Raises:
        NotOpen: it was sent meanwhile.
        NotComplete
    """
    with transaction.atomic():
        Appointment.objects.select_for_update(no_key=True, of=("self",)).get(pk=request.visit_id)
        row = FormRequest.objects.select_for_update(no_key=True).get(pk=request.pk)
        if not row.is_open or row.version is None:
            raise NotOpen("These answers were sent already, or are not needed any more.")
        answers = {key: answer for key, (answer, _) in read(row, opened).items()}
        content = row.version.read()
        if faults := check(content, answers):
            raise NotComplete(faults)
        facts = facts_of(row.visit)
        flags = raised(content, answers, facts)
        response = QuestionnaireResponse(
            patient=row.patient,
            request=row,
            version=row.version,
            valid_until=clock.months_after(clock.today(now), row.questionnaire.valid_months),
            worst=worst(flags),
        )
        entry = add_entry(
            patient=row.patient,
            kind=Kind.QUESTIONNAIRE,
            body={
                "questionnaire": row.questionnaire.title,
                "version": row.version.number,
                "content_digest": row.version.content_digest,
                "answers": to_sign(content, answers),
                "flags": [flag.as_json() for flag in flags],
                "facts": {name: str(value) for name, value in facts.items()},
                "helped_by": str(author.user) if author.user else "",
                "interpreter": interpreter,
            },
            author=author,
            occurred_at=now,
            visit=row.visit,
            typed=[response],
        )
        _close(row, author, now)
    return entry


def facts_of(visit: Appointment) -> dict[str, Any]:
    """What nobody is asked: the age on the day of the visit. Earlier treatments come with their records."""
    born = visit.patient.date_of_birth if visit.patient else None
    return {"age": clock.age_on(born, clock.today(visit.starts_at))} if born else {}


def answer_again(request: FormRequest, now: datetime) -> FormRequest:
    """Let a patient send other answers until the visit starts; they stand beside those that were sent.

    Raises:
        NotOpen: the visit has begun.
    """
    visit = request.visit
    if request.is_open:
        return request
    if visit.has_begun(now) or request.state not in {State.SUBMITTED, State.REVIEWED}:
        raise NotOpen("Your visit has begun, so please tell your practitioner.")
    with transaction.atomic():
        Appointment.objects.select_for_update(no_key=True, of=("self",)).get(pk=visit.pk)
        rows = FormRequest.objects.open().filter(visit=visit, questionnaire=request.questionnaire)
        return rows.first() or FormRequest.objects.create(
            patient=request.patient, visit=visit, questionnaire=request.questionnaire, made_at=now, changed_at=now
        )


def _close(row: FormRequest, author: Author, now: datetime) -> None:
    row.drafts.all().delete()
    row.state, row.changed_at, row.helper = State.SUBMITTED, now, author.user
    row.save(update_fields=["state", "changed_at", "helper"])
    others = FormRequest.objects.answered().filter(visit=row.visit, questionnaire=row.questionnaire)
    others.exclude(pk=row.pk).update(state=State.SUPERSEDED, changed_at=now)

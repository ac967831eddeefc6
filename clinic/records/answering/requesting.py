"""Which questions are to be answered before a visit: requests are made for coming visits, and end with them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from bookings.visits.models import Appointment
from clinic.records.answering.models import DraftAnswer, FormRequest
from clinic.records.answering.models.request import OPEN, State
from clinic.records.answering.needed import OFF, asked_for, lacking, unasked_of
from clinic.records.links.giving import link_to, until_after
from clinic.records.links.models import Purpose, RecordLink
from clinic.records.questions.models import Questionnaire, QuestionnaireVersion
from clinic.records.versions.models import State as VersionState

KEPT_AFTER = timedelta(days=7)  # drafts of a visit that is over
AT_ONCE = 200


def version_in_use(questionnaire: Questionnaire) -> QuestionnaireVersion | None:
    return questionnaire.versions.filter(state=VersionState.APPROVED).first()


def make_requests(visit: Appointment, now: datetime) -> list[FormRequest]:
    """Make those that the visit lacks, and give all that are not past; the same asked twice makes nothing twice."""
    if visit.patient is None or visit.status in OFF:
        return list(FormRequest.objects.filter(visit=visit))
    with transaction.atomic():
        Appointment.objects.select_for_update(no_key=True, of=("self",)).get(pk=visit.pk)
        FormRequest.objects.bulk_create(
            FormRequest(patient=visit.patient, visit=visit, questionnaire=one, made_at=now, changed_at=now)
            for one in unasked_of(visit)
        )
    return list(asked_for().filter(visit=visit).select_related("questionnaire", "version"))


def link_of(visit: Appointment, now: datetime) -> RecordLink:
    """The one link by which all questions before a visit are answered."""
    if visit.patient is None:
        raise ValueError("A visit without a patient has nobody to ask.")
    return link_to(
        visit.pk,
        purpose=Purpose.QUESTIONS,
        patient=visit.patient,
        expires_at=until_after(visit.ends_at),
        now=now,
    )


def make_missing(now: datetime) -> list[FormRequest]:
    """Make the requests that coming visits lack; gives the open ones of these visits."""
    made: list[FormRequest] = []
    for visit in lacking(now).select_related("patient").iterator():
        made += [one for one in make_requests(visit, now) if one.is_open]
        if len(made) >= AT_ONCE:
            break
    return made


def end_past(now: datetime) -> int:
    """Let requests end whose visit is off, or has been over for a week; what was typed goes. Gives how many."""
    over = FormRequest.objects.filter(state__in=OPEN).filter(
        Q(visit__status__in=OFF) | Q(visit__during__endswith__lt=now - KEPT_AFTER)
    )
    return end(list(over.values_list("pk", flat=True)[:AT_ONCE]), now)


def end(keys: Iterable[object], now: datetime) -> int:
    with transaction.atomic():
        rows = FormRequest.objects.filter(pk__in=list(keys), state__in=OPEN)
        DraftAnswer.objects.filter(request__in=rows).delete()
        return rows.update(state=State.EXPIRED, changed_at=now)

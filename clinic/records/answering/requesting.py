"""Which questions are to be answered before a visit: requests are made for coming visits, and end with them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from bookings.visits.models import Appointment
from bookings.visits.models.statuses import UPCOMING, Status
from clinic.core import clock
from clinic.records.answering.models import DraftAnswer, FormRequest, QuestionnaireResponse
from clinic.records.answering.models.request import OPEN, State
from clinic.records.links.giving import link_to, until_after
from clinic.records.links.models import Purpose, RecordLink
from clinic.records.needs.models import TreatmentRules
from clinic.records.questions.models import Questionnaire, QuestionnaireVersion
from clinic.records.reading.whose import records_of
from clinic.records.versions.models import State as VersionState

KEPT_AFTER = timedelta(days=7)  # drafts of a visit that is over
AT_ONCE = 200
OFF = (Status.CANCELLED, Status.NO_SHOW, Status.EXPIRED)


def needed_by(visit: Appointment) -> list[Questionnaire]:
    """What its treatment asks for, of what a practitioner has approved for patients."""
    rows = Questionnaire.objects.filter(
        needed_by__treatment=visit.treatment_id,
        audience=Questionnaire.Audience.PATIENT,
        versions__state=VersionState.APPROVED,
    )
    return list(rows.order_by("title").distinct())


def version_in_use(questionnaire: Questionnaire) -> QuestionnaireVersion | None:
    return questionnaire.versions.filter(state=VersionState.APPROVED).first()


def make_requests(visit: Appointment, now: datetime) -> list[FormRequest]:
    """Make those that the visit lacks, and give all that are not past; the same asked twice makes nothing twice."""
    if visit.patient is None or visit.status in OFF:
        return list(FormRequest.objects.filter(visit=visit))
    with transaction.atomic():
        Appointment.objects.select_for_update(no_key=True, of=("self",)).get(pk=visit.pk)
        known = set(asked_for().filter(visit=visit).values_list("questionnaire_id", flat=True))
        FormRequest.objects.bulk_create(
            FormRequest(patient=visit.patient, visit=visit, questionnaire=one, made_at=now, changed_at=now)
            for one in needed_by(visit)
            if one.pk not in known and not is_covered(visit, one)
        )
    return list(asked_for().filter(visit=visit).select_related("questionnaire", "version"))


def asked_for() -> QuerySet[FormRequest]:
    """Requests that count; one that ended with a visit that was called off does not, should it stand again."""
    return FormRequest.objects.exclude(state=State.EXPIRED)


def is_covered(visit: Appointment, questionnaire: Questionnaire) -> bool:
    """Whether answers of before hold on the day of the visit. What asks something anew each time is never covered."""
    version = version_in_use(questionnaire)
    if visit.patient is None or version is None or any(one.ask_again for one in version.read().questions()):
        return False
    rows = QuestionnaireResponse.objects.filter(
        patient__in=records_of(visit.patient).values("pk"),
        version__of=questionnaire,
        valid_until__gte=clock.today(visit.starts_at),
    )
    return rows.filter(request__state__in=(State.SUBMITTED, State.REVIEWED)).exists()


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


def lacking(now: datetime) -> QuerySet[Appointment]:
    """Coming visits with a questionnaire that nobody has been asked for."""
    asked = asked_for().filter(visit=OuterRef(OuterRef("pk")), questionnaire=OuterRef("questionnaire"))
    needs = TreatmentRules.questionnaires.through.objects.filter(
        Q(questionnaire__versions__state=VersionState.APPROVED),
        questionnaire__audience=Questionnaire.Audience.PATIENT,
        treatmentrules=OuterRef("treatment"),
    )
    return (
        Appointment.objects.visits()
        .filter(status__in=UPCOMING, during__startswith__gt=now, patient__isnull=False)
        .filter(Exists(needs.filter(~Exists(asked))))
        .order_by("during")
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

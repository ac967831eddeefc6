"""Which questionnaires visits need, and which of them nobody has asked yet: judged by the database, reading no answers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import BooleanField, Exists, Func, OuterRef, Q, QuerySet
from django.db.models.functions import TruncDate

from bookings.visits.models import Appointment
from bookings.visits.models.statuses import UPCOMING, Status
from clinic.core import clock
from clinic.core.clock import LONDON
from clinic.records.answering.models import FormRequest, QuestionnaireResponse
from clinic.records.answering.models.request import FormRequestQuerySet, State
from clinic.records.entries.models import Entry, Kind
from clinic.records.questions.models import Questionnaire, QuestionnaireVersion
from clinic.records.versions.models import State as VersionState

OFF = (Status.CANCELLED, Status.NO_SHOW, Status.EXPIRED)
ASKS_ANEW = """jsonb_path_exists(%(expressions)s, '$.pages[*].questions[*] ? (@.ask_again == true)')"""


def needed_by(visit: Appointment) -> QuerySet[Questionnaire]:
    """What its treatment asks for, of what a practitioner has approved for patients."""
    return _needed(visit.treatment_id).order_by("title")


def unasked_of(visit: Appointment) -> QuerySet[Questionnaire]:
    """Of these, what was not asked for before this visit, and no answers of before cover; nothing if it is off."""
    if visit.patient_id is None or visit.status in OFF:
        return Questionnaire.objects.none()
    day = clock.today(visit.starts_at)
    return _unasked(treatment=visit.treatment_id, visit=visit.pk, patient=visit.patient_id, day=day)


def lacking(now: datetime) -> QuerySet[Appointment]:
    """Coming visits with a questionnaire that nobody has been asked for."""
    visit, patient, day = (OuterRef(OuterRef(name)) for name in ("pk", "patient", "day"))
    unasked = _unasked(treatment=OuterRef("treatment"), visit=visit, patient=patient, day=day)
    coming = Appointment.objects.visits().filter(status__in=UPCOMING, during__startswith__gt=now)
    dated = coming.alias(day=TruncDate("during__startswith", tzinfo=LONDON))
    return dated.filter(Exists(unasked), patient__isnull=False).order_by("during")


def asked_for() -> FormRequestQuerySet:
    """Requests that count; one that ended with a visit that was called off does not, should it stand again."""
    return FormRequest.objects.exclude(state=State.EXPIRED)


def standing() -> QuerySet[QuestionnaireResponse]:
    """Answers that nobody struck as entered in error."""
    strikes = Entry.objects.filter(corrects=OuterRef("entry"), kind=Kind.STRIKE)
    return QuestionnaireResponse.objects.filter(~Exists(strikes))


def _needed(treatment: Any) -> QuerySet[Questionnaire]:
    in_use = QuestionnaireVersion.objects.filter(of=OuterRef("pk"), state=VersionState.APPROVED)
    rows = Questionnaire.objects.filter(needed_by__treatment=treatment, audience=Questionnaire.Audience.PATIENT)
    return rows.filter(Exists(in_use))


def _unasked(*, treatment: Any, visit: Any, patient: Any, day: Any) -> QuerySet[Questionnaire]:
    """What asks something anew each time is never covered. Each argument is a value, or refers to an outer query."""
    asked = asked_for().filter(visit=visit, questionnaire=OuterRef("pk"))
    anew = QuestionnaireVersion.objects.filter(of=OuterRef("pk"), state=VersionState.APPROVED).filter(
        Func("content", template=ASKS_ANEW, output_field=BooleanField())
    )
    covers = standing().filter(
        Q(patient=patient) | Q(patient__merged_into=patient),
        version__of=OuterRef("pk"),
        valid_until__gte=day,
        request__state__in=(State.SUBMITTED, State.REVIEWED),
    )
    return _needed(treatment).filter(~Exists(asked), Exists(anew) | ~Exists(covers))

"""Which answers hold for a visit: those that were sent for it, else the newest of before that still count."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet

from bookings.visits.models import Appointment
from clinic.core import clock
from clinic.records.answering.models import FormRequest, QuestionnaireResponse
from clinic.records.answering.models.request import State
from clinic.records.answering.needed import asked_for, needed_by, standing
from clinic.records.reading.whose import records_of

ANSWERED = (State.SUBMITTED, State.REVIEWED)


def current_of(visit: Appointment) -> QuerySet[QuestionnaireResponse]:
    """One of each questionnaire, in the order of their titles; none of what was struck or is not needed."""
    if visit.patient is None:
        return QuestionnaireResponse.objects.none()
    asked = asked_for().filter(visit=visit)
    covers = Q(version__of__in=needed_by(visit).values("pk"), valid_until__gte=clock.today(visit.starts_at))
    of_before = covers & ~Q(version__of__in=asked.values("questionnaire"))
    rows = standing().filter(patient__in=records_of(visit.patient).values("pk"), request__state__in=ANSWERED)
    found = rows.filter(Q(request__visit=visit) | of_before).select_related(
        "entry", "version", "request__questionnaire"
    )
    return found.order_by("version__of__title", "version__of_id", "-entry__recorded_at").distinct(
        "version__of__title", "version__of_id"
    )


def unanswered(visit: Appointment) -> QuerySet[FormRequest]:
    """Requests whose answers were sent and then struck as entered in error."""
    answers = standing().filter(request=OuterRef("pk"))
    return FormRequest.objects.filter(~Exists(answers), visit=visit, state__in=ANSWERED)

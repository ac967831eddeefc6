"""That a patient is to answer a questionnaire before a visit, and what they have typed so far."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from bookings.visits.models import Appointment
from clinic.core.abstract import OutsideCms
from clinic.patients.models import Patient
from clinic.patients.references import new_reference
from clinic.practitioners.models import Practitioner
from clinic.records.entries.fields import RecordText
from clinic.records.questions.models import Questionnaire, QuestionnaireVersion


class State(models.TextChoices):
    WANTED = "wanted", "Not opened yet"
    OPENED = "opened", "Opened"
    STARTED = "started", "Begun"
    SUBMITTED = "submitted", "Sent"
    REVIEWED = "reviewed", "Reviewed"
    WAIVED = "waived", "Not needed"
    EXPIRED = "expired", "Not answered in time"
    SUPERSEDED = "superseded", "Answered again"


OPEN = (State.WANTED, State.OPENED, State.STARTED)
ALLOWED_MOVES: dict[str, tuple[State, ...]] = {
    State.WANTED: (State.OPENED, State.STARTED, State.SUBMITTED, State.WAIVED, State.EXPIRED),
    State.OPENED: (State.STARTED, State.SUBMITTED, State.WAIVED, State.EXPIRED),
    State.STARTED: (State.SUBMITTED, State.WAIVED, State.EXPIRED),
    State.SUBMITTED: (State.REVIEWED, State.SUPERSEDED),
    State.REVIEWED: (State.SUPERSEDED,),
}


class FormRequestQuerySet(models.QuerySet["FormRequest"]):
    def open(self) -> FormRequestQuerySet:
        return self.filter(state__in=OPEN)

    def answered(self) -> FormRequestQuerySet:
        return self.filter(state__in=(State.SUBMITTED, State.REVIEWED))


FormRequestManager = models.Manager.from_queryset(FormRequestQuerySet)


class FormRequest(OutsideCms):
    """`version` is the one that is being answered, from the first answer on. `helper` fills it in with the patient."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    reference = models.CharField(max_length=12, unique=True, editable=False, default=new_reference)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="form_requests")
    visit = models.ForeignKey(Appointment, on_delete=models.PROTECT, related_name="form_requests")
    questionnaire = models.ForeignKey(Questionnaire, on_delete=models.PROTECT, related_name="requests")
    version = models.ForeignKey(
        QuestionnaireVersion, null=True, blank=True, on_delete=models.PROTECT, related_name="requests"
    )
    state = models.CharField(max_length=10, choices=State.choices, default=State.WANTED)
    made_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    helper = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    waived_by = models.ForeignKey(Practitioner, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    waived_why = RecordText(about="why answers were not needed", blank=True, default="")

    objects = FormRequestManager()

    class Meta:
        ordering = ["made_at", "reference"]
        constraints = [
            models.UniqueConstraint(
                fields=["visit", "questionnaire"],
                condition=Q(state__in=OPEN),
                name="questions_are_open_once_for_a_visit",
                violation_error_message="These questions are open for this visit already.",
            ),
            models.CheckConstraint(
                name="questions_waived_say_by_whom_and_why",
                condition=Q(state=State.WAIVED, waived_by__isnull=False) & ~Q(waived_why="")
                | ~Q(state=State.WAIVED) & Q(waived_by=None, waived_why=""),
                violation_error_message="A practitioner says why the answers are not needed.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference} ({self.get_state_display()})"

    @property
    def is_open(self) -> bool:
        return self.state in OPEN


class DraftAnswer(OutsideCms):
    """One answer as it is typed: a row a question, so that two devices never write over each other's other answers.

    `written_on` tells the browser that wrote it, which may see it again without a date of birth.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    request = models.ForeignKey(FormRequest, on_delete=models.CASCADE, related_name="drafts")
    key = models.CharField(max_length=40)
    value = RecordText(about="draft of an answer")
    version = models.PositiveIntegerField(default=1)
    written_on = models.CharField(max_length=32)
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["request", "key"],
                name="a_question_has_one_draft_answer",
                violation_error_message="This question is being answered already.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.request_id} {self.key}, version {self.version}"

"""What somebody asked about their data, until when it has to be answered, and what became of it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import ClassVar

import pghistory
import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Func, Q

from clinic.core import clock
from clinic.core.abstract import OutsideCms
from clinic.patients.models import Patient
from clinic.patients.references import new_reference
from clinic.privacy.deadlines import A_MONTH, ACKNOWLEDGE_WITHIN, RED_AFTER, WORRIES_AFTER, latest_extension

OPEN = ("received", "identity", "working")
CLOSED = ("answered", "refused", "withdrawn")
DAYS_OFF_AT_MOST = 6
SET_AGAIN = """OLD."received_on" <> NEW."received_on"
    OR OLD."identity_asked_on" <> COALESCE(NEW."identity_asked_on", 'infinity')
    OR OLD."identity_proved_on" <> COALESCE(NEW."identity_proved_on", 'infinity')"""


class DataRequestQuerySet(models.QuerySet["DataRequest"]):
    def open(self) -> DataRequestQuerySet:
        return self.filter(state__in=OPEN)

    def with_details(self) -> DataRequestQuerySet:
        return self.select_related("patient", "account", "handled_by")


DataRequestManager = models.Manager.from_queryset(DataRequestQuerySet)


def _last_day() -> Func:
    """Counted by PostgreSQL: three months after receipt, and the days of waiting for a proof of identity."""
    return Func(
        F("received_on"),
        template="((%(expressions)s + interval '3 months')::date + \"paused_days\")",
        output_field=models.DateField(),
    )


def _proved_on() -> Func:
    return Func(F("identity_asked_on"), template='(%(expressions)s + "paused_days")', output_field=models.DateField())


def _month_later(days: int = 0) -> Func:
    """A month after receipt, and the days of waiting for a proof; `days` more, for those on which nobody works."""
    return Func(
        F("received_on"),
        template=f"((%(expressions)s + interval '1 month')::date + \"paused_days\" + {days})",
        output_field=models.DateField(),
    )


def _told_on() -> Func:
    return Func(
        F("extension_told_at"),
        template="((%(expressions)s AT TIME ZONE 'Europe/London')::date)",
        output_field=models.DateField(),
    )


@pghistory.track()
class DataRequest(OutsideCms):
    """One request of one person. Nothing closes it but an answer, a refusal or the person."""

    class Kind(models.TextChoices):
        ACCESS = "access", "A copy of their data"
        PORTABILITY = "portability", "Their data for another provider"
        RECTIFY = "rectify", "A correction"
        ERASE = "erase", "Deletion"
        RESTRICT = "restrict", "Limited use"
        OBJECT = "object", "An objection"
        COMPLAINT = "complaint", "A complaint about data"

    class Channel(models.TextChoices):
        ONLINE = "online", "Online"
        LETTER = "letter", "Letter"
        EMAIL = "email", "Email"
        PHONE = "phone", "Telephone"
        IN_PERSON = "in_person", "In person"

    class Identity(models.TextChoices):
        NONE = "none", "Not asked"
        ASKED = "asked", "Asked for"
        PROVED = "proved", "Proved"

    class State(models.TextChoices):
        RECEIVED = "received", "Received"
        IDENTITY = "identity", "Waiting for proof of identity"
        WORKING = "working", "In hand"
        ANSWERED = "answered", "Answered"
        REFUSED = "refused", "Refused"
        WITHDRAWN = "withdrawn", "Withdrawn"

    class Ground(models.TextChoices):
        UNFOUNDED = "unfounded", "It is manifestly unfounded"
        EXCESSIVE = "excessive", "It repeats one that was answered a short time ago"
        IDENTITY = "identity", "We could not make sure who asks"
        KEPT = "kept", "The record has to be kept"
        OTHERS = "others", "It would tell of other people"
        NOTHING = "nothing", "We hold nothing of this kind"

    reference = models.CharField(max_length=12, unique=True, editable=False, default=new_reference)
    patient = models.ForeignKey(Patient, null=True, blank=True, on_delete=models.SET_NULL, related_name="data_requests")
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="data_requests"
    )
    kind = models.CharField(max_length=12, choices=Kind.choices)
    channel = models.CharField(max_length=10, choices=Channel.choices, default=Channel.ONLINE)
    words = models.TextField("what they ask", blank=True, max_length=2000)
    received_on = models.DateField()
    identity = models.CharField(max_length=8, choices=Identity.choices, default=Identity.NONE)
    identity_asked_on = models.DateField(null=True, blank=True)
    identity_proved_on = models.DateField(null=True, blank=True)
    paused_days = models.PositiveSmallIntegerField(default=0, help_text="While proof of identity was waited for.")
    due_on = models.DateField()
    extended_to = models.DateField(null=True, blank=True)
    extension_told_at = models.DateTimeField(null=True, blank=True)
    extension_reason = models.CharField(max_length=300, blank=True, default="")
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.RECEIVED)
    ground = models.CharField(max_length=10, choices=Ground.choices, blank=True, default="")
    outcome = models.TextField("what was answered", blank=True, max_length=4000, default="")
    answered_at = models.DateTimeField("closed at", null=True, blank=True)
    handled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField()

    objects: ClassVar[DataRequestManager[DataRequest]] = DataRequestManager()

    class Meta:
        ordering = ["due_on", "pk"]
        indexes = [models.Index(fields=["due_on"], name="data_request_open", condition=Q(state__in=OPEN))]
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "kind"],
                condition=Q(state__in=OPEN, patient__isnull=False),
                name="one_open_request_of_a_kind_for_a_patient",
                violation_error_message="There is an open request of this kind already.",
            ),
            models.UniqueConstraint(
                fields=["account", "kind"],
                condition=Q(state__in=OPEN, patient=None),
                name="one_open_request_of_a_kind_for_an_account",
                violation_error_message="There is an open request of this kind already.",
            ),
            models.CheckConstraint(
                name="data_request_is_due_a_month_after_it_came",
                condition=Q(due_on__gte=_month_later(), due_on__lte=_month_later(DAYS_OFF_AT_MOST)),
                violation_error_message="A request is due a month after it was received, or on the next working day.",
            ),
            models.CheckConstraint(
                name="data_request_waits_only_for_identity",
                condition=Q(paused_days=0, identity_asked_on=None) & ~Q(state="identity") & ~Q(identity="asked")
                | Q(identity_asked_on__isnull=False, identity="asked", paused_days=0)
                | Q(identity_asked_on__isnull=False, identity="proved") & ~Q(state="identity"),
                violation_error_message="A request waits for nothing but the identity that was asked for.",
            ),
            models.CheckConstraint(
                name="data_request_waits_from_asking_to_proof",
                condition=~Q(identity="proved") & Q(identity_proved_on=None)
                | Q(identity="proved", identity_proved_on__isnull=False, identity_proved_on=_proved_on()),
                violation_error_message="The clock stands still from the day on which proof was asked for until it came.",
            ),
            models.CheckConstraint(
                name="data_request_asks_identity_after_it_came",
                condition=Q(identity_asked_on=None) | Q(identity_asked_on__gte=F("received_on")),
                violation_error_message="Proof of identity is asked for after the request came.",
            ),
            models.CheckConstraint(
                name="data_request_is_extended_by_two_months_at_most",
                condition=Q(extended_to=None) | Q(extended_to__gt=F("due_on"), extended_to__lte=_last_day()),
                violation_error_message="A request can be extended by two months at most.",
            ),
            models.CheckConstraint(
                name="data_request_extension_was_told_in_time",
                condition=Q(extended_to=None, extension_told_at=None)
                | Q(extended_to__isnull=False, extension_told_at__isnull=False, due_on__gte=_told_on()),
                violation_error_message="An extension is told before the request is due.",
            ),
            models.CheckConstraint(
                name="data_request_refused_has_a_ground",
                condition=Q(state="refused") & ~Q(ground="") | ~Q(state="refused") & Q(ground=""),
                violation_error_message="A refusal names its ground.",
            ),
            models.CheckConstraint(
                name="data_request_closed_says_when",
                condition=Q(state__in=OPEN, answered_at=None) | Q(state__in=CLOSED, answered_at__isnull=False),
                violation_error_message="A closed request says when.",
            ),
        ]

        triggers: ClassVar = [
            pgtrigger.Trigger(
                name="clock_is_set_once",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(SET_AGAIN),
                func="RAISE EXCEPTION 'the clock of a request is set once' USING ERRCODE = 'check_violation';",
            )
        ]

    def __str__(self) -> str:
        return f"{self.reference}: {self.get_kind_display()}"

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def is_paused(self) -> bool:
        return self.state == self.State.IDENTITY

    @property
    def until(self) -> date:
        """The day that counts now."""
        if self.must_acknowledge:
            return min(self.acknowledge_by, self.extended_to or self.due_on)
        return self.extended_to or self.due_on

    @property
    def acknowledge_by(self) -> date:
        return self.received_on + ACKNOWLEDGE_WITHIN

    @property
    def must_acknowledge(self) -> bool:
        return self.kind == self.Kind.COMPLAINT and self.acknowledged_at is None

    @property
    def latest_extension(self) -> date:
        return latest_extension(self.received_on, paused_days=self.paused_days)

    def can_be_extended(self, now: datetime) -> bool:
        return self.is_open and self.extended_to is None and not self.is_paused and clock.today(now) <= self.due_on

    def colour(self, now: datetime) -> str:
        """How near the day is: `red` past it or from day 28 on, `worry` from day 14 on, nothing before."""
        today = clock.today(now)
        waited = self.waited(today)
        if today > self.until or waited >= RED_AFTER:
            return "red"
        return "worry" if waited >= WORRIES_AFTER else ""

    def waited(self, today: date) -> timedelta:
        """How long it has been waiting: without the pause, and as if the longer time were a month too."""
        if self.extended_to:
            return A_MONTH - (self.extended_to - today)
        return today - self.received_on - timedelta(days=self.paused_days)

    @property
    def email(self) -> str:
        """Where letters about it go; empty where no address is known."""
        if self.account:
            return self.account.email
        return self.patient.email if self.patient else ""

    @property
    def who(self) -> str:
        if self.patient:
            return self.patient.full_name
        return self.account.email if self.account else "Erased"

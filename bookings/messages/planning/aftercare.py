"""After a visit: how are you, how was it, and, for those who asked, come again.

The last is marketing (PECR 2003 reg. 22): only with an opt-in, by e-mail, and with a way out in each.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bookings.messages.models import Message
from bookings.messages.planning.due_times import Rule, after_due
from bookings.messages.planning.rows import row_of, wants, write
from bookings.messages.planning.visit_messages import active_rules
from bookings.messages.planning.what_was_told import TOLD
from bookings.openings import gates
from bookings.visits.access import limited
from bookings.visits.models import Appointment
from bookings.visits.models.statuses import Status

Kind, State = Message.Kind, Message.State
AFTER = (Kind.FOLLOW_UP, Kind.REVIEW, Kind.RECALL)


def plan_completed(appointment: Appointment, now: datetime, rules: Sequence[Rule] | None = None) -> list[Message]:
    """What follows a visit that has just become completed; never again what was sent when it was before."""
    known = active_rules() if rules is None else rules
    rows = [
        row_of(appointment, rule.kind, rule.channel, rule.label, due[0], expires_at=due[1])
        for rule in known
        if (due := _due(rule, appointment, now))
    ]
    told = appointment.messages.filter(kind__in=AFTER, state__in=TOLD).values_list("key", flat=True) if rows else ()
    already = {_without_version(key) for key in told}
    return write(row for row in rows if _without_version(row.key) not in already)


def withdraw_completed(appointment: Appointment) -> int:
    """The visit is not over after all: take back what was to follow it; gives how many."""
    return appointment.messages.unsent().filter(kind__in=AFTER).update(state=State.WITHDRAWN, lease_until=None)


def why_untrue(message: Message, appointment: Appointment) -> str:
    """Why what was to follow this visit must not go out any more; nothing if it may."""
    if appointment.status != Status.COMPLETED:
        return "The visit is not completed."
    if limited(patient=appointment.patient).exists():
        return "The patient asked that their data be used for less."
    if message.kind != Kind.RECALL:
        return ""
    if appointment.patient is None or appointment.patient.marketing_opted_in_at is None:
        return "The patient has not asked for invitations."
    if not gates.may_invite(appointment):
        return "Nobody is invited after this visit."
    return "The patient has come again, or will." if comes_again(appointment) else ""


def comes_again(appointment: Appointment) -> bool:
    """Whether the patient has a later visit that stands."""
    later = Appointment.objects.standing().filter(patient=appointment.patient_id)
    return later.filter(during__startswith__gt=appointment.starts_at).exists()


def _without_version(key: str) -> str:
    """`follow-up-24h:email` of `visit:812:v3:follow-up-24h:email`, and of the same when it is sent again by hand."""
    return ":".join(key.split(":")[3:5])


def _due(rule: Rule, appointment: Appointment, now: datetime) -> tuple[datetime, datetime] | None:
    patient = appointment.patient
    if rule.kind not in AFTER or patient is None or not rule.is_about(appointment.treatment_id):
        return None
    is_recall = rule.kind == Kind.RECALL  # asked for by itself, whatever reminders come by
    asked_for = patient.marketing_opted_in_at is not None and rule.channel in patient.reached_by
    is_wanted = asked_for if is_recall else wants(patient, rule.channel)
    return after_due(rule, ends_at=appointment.ends_at, now=now) if is_wanted else None

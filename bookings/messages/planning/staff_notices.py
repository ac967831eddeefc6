"""Plan the e-mails to staff: of what, to whom and when. Their words are in `kinds.staff_notice`.

Never a name or a treatment: a list of a clinic's visits is health data (UK GDPR art. 9); mail is read on any screen.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Case, Exists, F, OuterRef, QuerySet, Value, When

from bookings.messages.models import Message
from bookings.messages.planning import scheduled_texts
from bookings.messages.planning.records import access_notices, request_notices
from bookings.messages.planning.rows import tell_staff_once
from bookings.visits.models import Appointment
from bookings.visits.models.statuses import UPCOMING, Status
from clinic.accounts.models import User
from clinic.core import clock
from clinic.core.models import ClinicSettings

BOOKED, MOVED, CANCELLED = "staff-booked", "staff-moved", "staff-cancelled"
FROM, UNTIL = time(17), time(21)  # on the clinic's wall clock: when tomorrow's unconfirmed visits are told
A_DAY = timedelta(days=1)
TO_ANSWER = timedelta(hours=1)  # from being asked until staff are told that there is no answer
_COURSE = "course:"
OF_RECORDS: list[tuple[Callable[[Message], bool], Callable[[Message], str]]] = [
    (one.is_theirs, one.why_untrue) for one in (access_notices, request_notices)
]


def of_change(appointment: Appointment, what: str, now: datetime) -> list[Message]:
    """What tells staff that a patient has booked, moved or cancelled online, not yet written down; none if nobody asks."""
    address = address_of(appointment)
    if not address or appointment.starts_at <= now:
        return []
    notice = Message(
        key=f"visit:{appointment.pk}:v{appointment.version}:{what}:email",
        kind=Message.Kind.STAFF_NOTICE,
        channel=Message.Channel.EMAIL,
        appointment=appointment,
        appointment_version=appointment.version,
        recipient=address,
        due_at=now,
        expires_at=appointment.starts_at,
    )
    return [notice]


def of_course(visits: Iterable[Appointment], now: datetime) -> list[Message]:
    """What tells staff of visits booked online at once, not yet written down: one notice for each who is told.

    It belongs to none of them, so that it goes out also if one is moved or cancelled before; it tells what stands then.
    """
    told: dict[int, list[Appointment]] = defaultdict(list)
    for visit in visits:
        told[visit.practitioner_id].append(visit)
    by_address: dict[str, list[Appointment]] = defaultdict(list)
    for together in told.values():
        by_address[address_of(together[0])] += together
    rows: list[Message] = []
    for address, together in by_address.items():
        if len(together) == 1:
            rows += of_change(together[0], BOOKED, now)
        elif address:
            rows.append(_course_notice(together, address, now))
    return rows


def _course_notice(visits: list[Appointment], address: str, now: datetime) -> Message:
    visits = sorted(visits, key=lambda visit: visit.starts_at)
    return Message(
        key=f"{_COURSE}{visits[0].pk}:v{visits[0].version}:{BOOKED}:email",
        kind=Message.Kind.STAFF_NOTICE,
        channel=Message.Channel.EMAIL,
        recipient=address,
        due_at=now,
        expires_at=visits[-1].starts_at,
    )


def is_of_course(notice: Message) -> bool:
    """Whether it tells of several visits booked at once."""
    return notice.key.startswith(_COURSE)


def visits_of_course(notice: Message) -> QuerySet[Appointment]:
    """The coming visits of the course that this notice tells of, as they stand now, by time."""
    first = Appointment.objects.filter(pk=int(notice.key.split(":")[1]))
    rows = Appointment.objects.filter(series__in=first.values("series"), status__in=UPCOMING)
    return _addressed(rows).filter(address__iexact=notice.recipient).order_by("during")


def address_of(appointment: Appointment) -> str:
    """Where this visit's practitioner reads mail; without a login, where the clinic does; or nothing."""
    of_person = User.objects.filter(practitioner=appointment.practitioner_id, is_active=True)
    return of_person.values_list("email", flat=True).first() or ClinicSettings.load().email


def plan_unconfirmed(now: datetime) -> list[Message]:
    """From five in the evening, once a day and address: who was asked whether they come tomorrow, and did not answer."""
    wall = clock.local(now)
    if not FROM <= wall.time() < UNTIL:
        return []
    five, tomorrow = (datetime.combine(wall.date(), FROM, tzinfo=clock.LONDON), wall.date() + A_DAY)
    known_by_five = _unconfirmed(tomorrow, now).filter(created_at__lt=five)
    keys = {
        f"staff:{tomorrow:%Y-%m-%d}:unconfirmed:{address.lower()}"[:120]: address
        for address in known_by_five.values_list("address", flat=True).distinct()
        if address
    }
    return tell_staff_once(keys, now, expires_at=datetime.combine(wall.date(), UNTIL, tzinfo=clock.LONDON))


def unconfirmed_for(notice: Message) -> QuerySet[Appointment]:
    """The visits that a notice of the evening before tells of, as they stand now."""
    found = _unconfirmed(day_of(notice), notice.due_at)
    return found.filter(address__iexact=notice.recipient).order_by("during")


def day_of(notice: Message) -> date:
    """The day whose visits a notice of the evening before tells of."""
    return clock.today(notice.expires_at) + A_DAY


def what_of(notice: Message) -> str:
    """BOOKED, MOVED or CANCELLED for a notice about a visit or a course."""
    return notice.key.split(":")[3]


def why_untrue(notice: Message, appointment: Appointment | None) -> str:
    """Why the notice need not go out any more; nothing if it is still so."""
    if scheduled_texts.is_of_text(notice):
        return "" if scheduled_texts.text_of(notice) else "The text was deleted."
    for is_theirs, why in OF_RECORDS:
        if is_theirs(notice):
            return why(notice)
    if is_of_course(notice):
        return "" if visits_of_course(notice).exists() else "No visit of the course is to come."
    if appointment is None:
        return "" if unconfirmed_for(notice).exists() else "Every visit of that day is confirmed."
    if what_of(notice) == CANCELLED:
        return "" if appointment.status == Status.CANCELLED else "The visit is not cancelled."
    is_so = appointment.status in UPCOMING and appointment.starts_at == notice.expires_at
    return "" if is_so else "The visit has changed since."


def _unconfirmed(day: date, now: datetime) -> QuerySet[Any]:
    """Visits of the local `day` whose patient was asked to confirm them, had time to, and has not by `now`; each with
    the `address` at which it is told."""
    begins, ends = clock.day_bounds(day)
    asked = Message.objects.filter(
        appointment=OuterRef("pk"),
        kind=Message.Kind.REMINDER,
        asks_to_confirm=True,
        sent_at__lte=now - TO_ANSWER,
        expires_at=OuterRef("during__startswith"),
    )
    coming = Appointment.objects.filter(during__startswith__gte=begins, during__startswith__lt=ends)
    return _addressed(coming.filter(Exists(asked), status=Status.BOOKED))


def _addressed(rows: QuerySet[Appointment]) -> QuerySet[Any]:
    own = When(practitioner__user__is_active=True, then=F("practitioner__user__email"))
    return rows.annotate(address=Case(own, default=Value(ClinicSettings.load().email)))

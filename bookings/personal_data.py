"""What becomes of visits, messages, notes and wishes when their patient asks for a copy, or to be erased."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from django.apps import apps
from django.db.models import Max, Q, QuerySet
from django.urls import reverse

from bookings.messages.models import Message
from bookings.visits import fhir
from bookings.visits.models import Appointment, PatientNote, VisitorTally
from bookings.visits.models.statuses import UPCOMING, Status
from clinic.core import clock
from clinic.core.formats import long_day
from clinic.core.personal.fhir import Resource
from clinic.core.personal.registry import keeper, not_personal, register, sets_aside
from clinic.core.personal.vocabulary import (
    BLANK,
    ERASE,
    EXPORT,
    OF_STAFF,
    ON_ITS_WAY,
    PSEUDONYM,
    RECORD,
    SECRET,
    THIRD_PARTY,
    Keeper,
    OpenMatter,
    Person,
    Personal,
    hidden,
    keep_until,
    of_patient,
)

DELIVERED = keep_until("90 days, without a name")
VISIT = (
    "reference status treatment practitioner location room device during price price_is_from note source created_at "
    "arrived_at cancelled_at was_cancelled_late"
)
BESIDE = "id patient occupied series follows hold_expires_at version"
TYPED = "typed_phone typed_contact_by"
OF_VISIT = {
    "arrived_at": "You arrived on",
    "cancelled_at": "Cancelled on",
    "created_at": "Booked on",
    "device": "Equipment",
    "during": "When",
    "price_is_from": "That was a price “from”",
    "source": "Booked",
    "was_cancelled_late": "Cancelled late",
}
HERE = (Status.ARRIVED, Status.IN_PROGRESS)
CALLED_OFF = (Status.CANCELLED, Status.NO_SHOW, Status.HELD, Status.EXPIRED)


def _messages(person: Person) -> QuerySet[Message]:
    """Those of their record, and letters of their account, which are known by the address alone."""
    letters = Q()
    for email in person.emails:
        letters |= Q(kind=Message.Kind.ACCOUNT, recipient__iexact=email)
    return Message.objects.filter(
        Q(patient__in=person.patients) | Q(appointment__patient__in=person.patients) | letters
    )


def _settlements(person: Person) -> QuerySet[Message]:
    rows: QuerySet[Message] = apps.get_model("bookings.MessageSettlement").objects.filter(pgh_obj__in=_messages(person))
    return rows


def _tallies(person: Person) -> QuerySet[VisitorTally]:
    return VisitorTally.objects.filter(Q(entry__patient__in=person.patients) | Q(hold__patient__in=person.patients))


register(
    Personal(
        "bookings.MessageSettlement",
        "Messages that staff dealt with",
        _settlements,
        {
            (EXPORT, RECORD): "pgh_created_at settled_at",
            (OF_STAFF, RECORD): "settled_by",
            (ON_ITS_WAY, RECORD): "pgh_id pgh_label pgh_obj pgh_context",
        },
    ),
    Personal(
        "bookings.Message",
        "Messages",
        _messages,
        {
            (EXPORT, RECORD): "kind channel due_at state sent_at delivered_at created_at",
            (EXPORT, BLANK): "subject body",
            (EXPORT, PSEUDONYM): "recipient",
            (ON_ITS_WAY, BLANK): "error report provider_id",
            (OF_STAFF, RECORD): "settled_by",
            (ON_ITS_WAY, RECORD): (
                "id key appointment appointment_version asks_to_confirm offer entry patient wording expires_at "
                "lease_until started_at retry_at attempts settled_at"
            ),
        },
        kept_as="when and how messages went, without their words",
        labels={"kind": "What it is about", "due_at": "Planned for", "recipient": "To", "body": "Text"},
    ),
    Personal(
        "bookings.Offer",
        "Times offered from the waiting list",
        of_patient("entry__patient", "bookings.Offer"),
        {
            (EXPORT, ERASE): "practitioner starts_at state created_at expires_at answered_at",
            (SECRET, ERASE): "link_salt link_digest",
            (ON_ITS_WAY, ERASE): "id entry appointment",
        },
        labels={"starts_at": "Time offered", "created_at": "Offered on", "answered_at": "Answered on"},
    ),
    Personal(
        "bookings.WaitingEntry_practitioners",
        "Practitioners wished for",
        of_patient("waitingentry__patient", "bookings.WaitingEntry_practitioners"),
        {(EXPORT, ERASE): "practitioner", (ON_ITS_WAY, ERASE): "id waitingentry"},
    ),
    Personal(
        "bookings.WaitingEntry",
        "Waiting list",
        of_patient("patient", "bookings.WaitingEntry"),
        {
            (EXPORT, ERASE): f"reference state treatment first_day last_day weekdays parts note created_at {TYPED}",
            (SECRET, ERASE): "link_salt link_digest",
            (ON_ITS_WAY, ERASE): "id patient is_unproven known_times",
        },
        labels={"created_at": "Put down on", "parts": "Times of day", "weekdays": "Days of the week"},
    ),
    Personal(
        "bookings.PatientNote",
        "Notes that staff wrote",
        of_patient("patient", "bookings.PatientNote"),
        {
            (EXPORT, RECORD): "kind written_at",
            (THIRD_PARTY, RECORD): "text",
            (OF_STAFF, RECORD): "author",
            (ON_ITS_WAY, RECORD): "id patient visit corrects token",
        },
        labels={"written_at": "Written on"},
    ),
    Personal(
        "bookings.ChangedVisit",
        "Visits changed together with others",
        of_patient("appointment__patient", "bookings.ChangedVisit"),
        {
            (EXPORT, RECORD): "action",
            (ON_ITS_WAY, RECORD): "id change appointment position version_before version_after",
        },
        labels={"action": "What was done"},
    ),
    Personal(
        "bookings.IdempotencyKey",
        "Keys of bookings",
        of_patient("appointment__patient", "bookings.IdempotencyKey"),
        {(ON_ITS_WAY, ERASE): "id key body_digest appointment created_at"},
        is_listed=False,
    ),
    Personal(
        "bookings.VisitorTally",
        "Digests of where a kept time or place came from",
        _tallies,
        {(ON_ITS_WAY, ERASE): "id hold entry address session email phone"},
        is_listed=False,
    ),
    Personal(
        "bookings.WebhookDelivery",
        "Facts of visits told to other programs",
        of_patient("appointment__patient", "bookings.WebhookDelivery"),
        {
            (EXPORT, DELIVERED): "event payload created_at delivered_at",
            (hidden("another company's"), DELIVERED): "endpoint answered_status error",
            (ON_ITS_WAY, DELIVERED): "id appointment appointment_version state due_at expires_at lease_until attempts",
        },
        labels={"event": "What had happened", "payload": "What was told"},
    ),
    Personal(
        "bookings.Appointment",
        "Visits",
        of_patient("patient", "bookings.Appointment"),
        {
            (EXPORT, RECORD): f"{VISIT} age_said age_said_at",
            (EXPORT, BLANK): TYPED,
            (OF_STAFF, RECORD): "age_said_to",
            (SECRET, PSEUDONYM): "link_salt link_digest",
            (ON_ITS_WAY, RECORD): f"{BESIDE} is_unproven",
        },
        labels={
            **OF_VISIT,
            "age_said": "Your age, as you told us: at least",
            "age_said_at": "You told us your age on",
        },
    ),
    Personal(
        "bookings.AppointmentEvent",
        "Visits, as they changed",
        of_patient("patient", "bookings.AppointmentEvent"),
        {
            (EXPORT, RECORD): f"pgh_created_at {VISIT}",
            (EXPORT, BLANK): TYPED,
            (ON_ITS_WAY, RECORD): f"pgh_id pgh_label pgh_obj pgh_context {BESIDE} is_unproven",
        },
        labels=OF_VISIT,
    ),
)
sets_aside("bookings.PatientNote:append_only")
not_personal("says of a refusal for age no name", "bookings.AgeRefusal")
not_personal("who works when, and where", *(f"bookings.{name}" for name in (
    "Location", "Room", "Device", "WorkingHours", "ExtraHours", "TimeOff", "RegularTimeOff", "OpenedHoliday", "DayChange",
    "DiaryChange", "CalendarFeed",
)))  # fmt: skip
not_personal("rules, wordings and other programs", *(f"bookings.{name}" for name in (
    "BookingSettings", "ApiKey", "WebhookEndpoint", "Wording", "LoopHeartbeat", "MessageRule", "MessageRule_treatments",
)))  # fmt: skip


class Diary(Keeper):
    """A coming visit is an open matter; a visit or a note is what a record is kept for."""

    def open_matters(self, person: Person, now: datetime) -> list[OpenMatter]:
        visits = Appointment.objects.filter(patient__in=person.patients)
        coming = visits.filter(Q(status__in=HERE) | Q(status__in=UPCOMING, during__endswith__gt=now)).order_by("during")
        return [
            OpenMatter(
                f"a visit on {long_day(clock.today(visit.starts_at))}",
                reverse("bookings:visit", args=[visit.reference]),
            )
            for visit in coming
        ]

    def last_contact(self, person: Person) -> date | None:
        visits = Appointment.objects.filter(patient__in=person.patients).exclude(status__in=CALLED_OFF)
        notes = PatientNote.objects.filter(patient__in=person.patients)
        last = [
            visits.aggregate(last=Max("during__startswith"))["last"],
            notes.aggregate(last=Max("written_at"))["last"],
        ]
        return max((clock.today(moment) for moment in last if moment), default=None)

    def came_back(self, patient: int, since: datetime) -> bool:
        return Appointment.objects.visits().filter(patient=patient, created_at__gt=since).exists()

    def resources(self, person: Person, patient: str) -> Iterator[Resource]:
        return fhir.resources(person.patients, patient)

    def stop(self, person: Person, now: datetime) -> None:
        """Withdraw what was planned to be sent; forget the letters of the account."""
        rows = _messages(person)
        rows.filter(kind=Message.Kind.ACCOUNT).delete()
        rows.unsent().update(state=Message.State.WITHDRAWN, lease_until=None)  # type: ignore[attr-defined]


keeper(Diary())

"""What becomes of requests and copies themselves. A request stays as proof that it was answered, without the person."""

from __future__ import annotations

from django.apps import apps
from django.db.models import Q, QuerySet

from clinic.core.personal.registry import not_personal, register
from clinic.core.personal.vocabulary import (
    BLANK,
    ERASE,
    EXPORT,
    OF_STAFF,
    ON_ITS_WAY,
    Person,
    Personal,
    keep_until,
    of_account,
    of_patient,
)
from clinic.privacy.models import DataRequest
from clinic.privacy.models.request import OPEN

PROOF = keep_until("proof that the request was answered")
ASKED = (
    "reference kind channel received_on due_on extended_to extension_told_at extension_reason acknowledged_at state "
    "ground answered_at created_at"
)
OF_REQUEST = {
    "acknowledged_at": "We confirmed it on",
    "answered_at": "Closed on",
    "channel": "How you asked",
    "due_on": "Answer due by",
    "extended_to": "Extended to",
    "extension_reason": "Why it was extended",
    "extension_told_at": "You were told so on",
    "ground": "Why it was refused",
    "outcome": "Our answer",
    "words": "What you asked",
}
BESIDE = "identity identity_asked_on identity_proved_on paused_days"


def _requests(person: Person) -> QuerySet[DataRequest]:
    rows = DataRequest.objects.filter(_whose(person))
    return rows.exclude(_unanswered()) if person.keeps_open else rows


def _events(person: Person) -> QuerySet[DataRequest]:
    rows: QuerySet[DataRequest] = apps.get_model("privacy.DataRequestEvent").objects.filter(_whose(person))
    return rows.exclude(_unanswered("pgh_obj__")) if person.keeps_open else rows


def _unanswered(path: str = "") -> Q:
    """Open, but not answered by the erasure itself."""
    return Q(**{f"{path}state__in": OPEN}) & ~Q(**{f"{path}kind": DataRequest.Kind.ERASE})


def _whose(person: Person) -> Q:
    """By the account alone only where it names no record: the desk may have typed in what a relative asked."""
    return Q(patient__in=person.patients) | Q(account=person.account, account__isnull=False)


register(
    Personal(
        "privacy.DataRequest",
        "Requests about data",
        _requests,
        {
            (EXPORT, PROOF): ASKED,
            (EXPORT, BLANK): "words outcome",
            (OF_STAFF, PROOF): "handled_by",
            (ON_ITS_WAY, PROOF): f"id patient {BESIDE}",
            (ON_ITS_WAY, BLANK): "account",
        },
        cut="patient",
        labels=OF_REQUEST,
        kept_as="that you asked, and when",
    ),
    Personal(
        "privacy.DataRequestEvent",
        "Requests about data, as they changed",
        _events,
        {
            (EXPORT, PROOF): f"pgh_created_at {ASKED}",
            (EXPORT, BLANK): "words outcome",
            (OF_STAFF, PROOF): "handled_by",
            (ON_ITS_WAY, PROOF): f"pgh_id pgh_label pgh_obj pgh_context id patient {BESIDE}",
            (ON_ITS_WAY, BLANK): "account",
        },
        cut="patient",
        labels=OF_REQUEST,
    ),
    Personal(
        "privacy.DataCopy",
        "Copies of your data",
        of_account("account", "privacy.DataCopy"),
        {
            (EXPORT, ERASE): "reference state asked_at ready_at expires_at taken_at",
            (ON_ITS_WAY, ERASE): "id account patient lease_until attempts held_back",
        },
        labels={"ready_at": "Ready on", "taken_at": "Downloaded on"},
    ),
    Personal(
        "privacy.LimitedRecord",
        "Limited use",
        of_patient("patient", "privacy.LimitedRecord"),
        {(EXPORT, PROOF): "since until", (ON_ITS_WAY, PROOF): "patient"},
    ),
)
not_personal("digests alone, of who was erased", "privacy.ErasureLog")
not_personal("the clinic itself", "core")
not_personal("bookkeeping of this program", "contenttypes")

"""What becomes of a patient's own fields."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from clinic.core.personal.registry import register
from clinic.core.personal.vocabulary import (
    BLANK,
    ERASE,
    EXPORT,
    OF_STAFF,
    ON_ITS_WAY,
    RECORD,
    SECRET,
    THIRD_PARTY,
    Person,
    Personal,
    hidden,
    of_account,
    of_patient,
)
from clinic.patients.models import JoinNotice, PatientAccess, PatientMerge

WISHES = "contact_by letter_format access_needs contact_note marketing_opted_in_at"
NAMED = "full_name email phone date_of_birth created_at"  # address and number: to reach them if a product is recalled


def _accesses(person: Person) -> QuerySet[PatientAccess]:
    """Also those of others to their record; what the account opens of others is the others'."""
    return PatientAccess.objects.filter(Q(patient__in=person.patients) | Q(user=person.account, kind="self"))


def _events_of_accesses(person: Person) -> QuerySet[PatientAccess]:
    events = PatientAccess.pgh_event_model.objects.all()  # type: ignore[attr-defined]
    found: QuerySet[PatientAccess] = events.filter(Q(patient__in=person.patients) | Q(user=person.account, kind="self"))
    return found


def _merges(person: Person) -> QuerySet[PatientMerge]:
    return PatientMerge.objects.filter(Q(kept__in=person.patients) | Q(gone__in=person.patients))


ACCESS = {
    (EXPORT, ERASE): "kind may source starts_at ends_at revoked_at",
    (THIRD_PARTY, ERASE): "evidence",
    (hidden("whose account it is, which the record of the account says"), ERASE): "user",
    (OF_STAFF, ERASE): "revoked_by",
}
INVITED = {
    (EXPORT, ERASE): "kind may by_staff ends_at invited_at expires_at accepted_at revoked_at",
    (THIRD_PARTY, ERASE): "email evidence",
    (hidden("who asked, which the record says"), ERASE): "invited_by",
}
OF_ACCESS = {"kind": "Whose account", "source": "How it was given"}
OF_INVITATION = {"kind": "Whose account", "by_staff": "Sent by the clinic", "invited_at": "Sent on"}
OF_PATIENT = {
    "access_needs": "What makes visits easier",
    "contact_note": "How to reach you",
    "email": "Email address",
    "marketing_opted_in_at": "Invitations to come again, asked for on",
}
EVENT = "pgh_id pgh_label pgh_obj pgh_context"

register(
    Personal(
        "patients.AccessOpened",
        "What those who help opened of the record",
        of_patient("access__patient", "patients.AccessOpened"),
        {(EXPORT, ERASE): "what day opened_at", (ON_ITS_WAY, ERASE): "id access about"},
        labels={"what": "What they did", "opened_at": "First opened on"},
    ),
    Personal(
        "patients.AccessInvitation",
        "Invitations to the record",
        of_patient("patient", "patients.AccessInvitation"),
        {**INVITED, (SECRET, ERASE): "link_salt link_digest", (ON_ITS_WAY, ERASE): "id patient access"},
        labels=OF_INVITATION,
    ),
    Personal(
        "patients.AccessInvitationEvent",
        "Invitations to the record, as they changed",
        of_patient("patient", "patients.AccessInvitationEvent"),
        {**INVITED, (ON_ITS_WAY, ERASE): f"{EVENT} pgh_created_at id patient access"},
        labels=OF_INVITATION,
    ),
    Personal(
        "patients.JoinNotice",
        "Letters about who can open the record",
        lambda person: JoinNotice.objects.filter(access__in=_accesses(person)),
        {
            (EXPORT, ERASE): "disputed_at settled_at",
            (SECRET, ERASE): "link_salt link_digest",
            (OF_STAFF, ERASE): "settled_by",
            (ON_ITS_WAY, ERASE): "id access",
        },
    ),
    Personal(
        "patients.PatientAccess",
        "Who can open the record",
        _accesses,
        {**ACCESS, (ON_ITS_WAY, ERASE): "id patient"},
        labels=OF_ACCESS,
    ),
    Personal(
        "patients.PatientAccessEvent",
        "Who can open the record, as it changed",
        _events_of_accesses,
        {
            (EXPORT, ERASE): "pgh_created_at kind may source starts_at ends_at revoked_at",
            (THIRD_PARTY, ERASE): "evidence",
            (hidden("whose account it is, which the record of the account says"), ERASE): "user",
            (OF_STAFF, ERASE): "revoked_by",
            (ON_ITS_WAY, ERASE): f"{EVENT} id patient",
        },
        labels=OF_ACCESS,
    ),
    Personal(
        "patients.ClaimAttempt",
        "Attempts to find a record",
        of_account("user", "patients.ClaimAttempt"),
        {(EXPORT, ERASE): "tried_at outcome", (ON_ITS_WAY, ERASE): "id user address_digest"},
        labels={"tried_at": "Tried on"},
    ),
    Personal(
        "patients.PatientMerge",
        "Records that were made into one",
        _merges,
        {
            (EXPORT, RECORD): "merged_at undone_at",
            (OF_STAFF, RECORD): "merged_by undone_by",
            (ON_ITS_WAY, RECORD): "id kept gone moved",
            (ON_ITS_WAY, BLANK): "filled",
        },
        labels={"merged_at": "Made into one on", "undone_at": "Parted again on"},
    ),
    Personal(
        "patients.Patient",
        "Personal details",
        of_patient("pk", "patients.Patient"),
        {
            (EXPORT, RECORD): f"reference {NAMED}",
            (EXPORT, BLANK): WISHES,
            (ON_ITS_WAY, RECORD): "id name_key contact_key kept_apart merged_into",
        },
        kept_as="name, date of birth, present email address and telephone number",
        labels=OF_PATIENT,
    ),
    Personal(
        "patients.PatientEvent",
        "Personal details, as they changed",
        of_patient("id", "patients.PatientEvent"),
        {
            (EXPORT, RECORD): "pgh_created_at full_name date_of_birth",
            (EXPORT, BLANK): f"email phone {WISHES}",
            (ON_ITS_WAY, RECORD): f"{EVENT} id reference created_at kept_apart merged_into",
        },
        labels=OF_PATIENT,
    ),
)

"""What becomes of a record when its patient asks for a copy, or to be erased: it is kept as long as the rule asks (REC-06)."""

from __future__ import annotations

from datetime import date

from django.db.models import Max, QuerySet

from clinic.core import clock
from clinic.core.personal.registry import keeper, not_personal, register
from clinic.core.personal.vocabulary import (
    ERASE,
    EXPORT,
    OF_STAFF,
    ON_ITS_WAY,
    RECORD,
    SECRET,
    Keeper,
    OpenMatter,
    Person,
    Personal,
    hidden,
    of_patient,
)
from clinic.records.answering.models import DraftAnswer
from clinic.records.entries.models import DraftPast, Entry, RecordKey

UNSIGNED = hidden("not signed yet, so no part of the record")
SEALED = hidden("sealed; shown in your record, and given with its own copy")


def _pasts(person: Person) -> QuerySet[DraftPast]:
    return DraftPast.objects.filter(draft__patient__in=person.patients)


def _answers(person: Person) -> QuerySet[DraftAnswer]:
    return DraftAnswer.objects.filter(request__patient__in=person.patients)


register(
    Personal(
        "records.RecordLink",
        "Links to what is asked or kept",
        of_patient("patient", "records.RecordLink"),
        {
            (SECRET, ERASE): "link_salt link_digest",
            (ON_ITS_WAY, ERASE): "id reference patient purpose subject made_at expires_at revoked_at birthday_tries",
        },
        is_listed=False,
    ),
    Personal(
        "records.DraftPast",
        "Former versions of drafts",
        _pasts,
        {
            (UNSIGNED, ERASE): "body",
            (OF_STAFF, ERASE): "updated_by",
            (ON_ITS_WAY, ERASE): "id draft version updated_at",
        },
        is_listed=False,
    ),
    Personal(
        "records.Draft",
        "Drafts of a record",
        of_patient("patient", "records.Draft"),
        {
            (UNSIGNED, ERASE): "body",
            (OF_STAFF, ERASE): "updated_by",
            (ON_ITS_WAY, ERASE): "id patient visit kind section version updated_at",
        },
        is_listed=False,
    ),
    Personal(
        "records.DraftAnswer",
        "Answers that are not sent yet",
        _answers,
        {(UNSIGNED, ERASE): "value", (ON_ITS_WAY, ERASE): "id request key version written_on updated_at"},
        is_listed=False,
    ),
    Personal(
        "records.ResponseReview",
        "Who went through your answers",
        of_patient("patient", "records.ResponseReview"),
        {(EXPORT, RECORD): "reviewer reviewed_on open_flags", (ON_ITS_WAY, RECORD): "entry patient response"},
        labels={"reviewer": "By", "reviewed_on": "On", "open_flags": "Points that stood open"},
    ),
    Personal(
        "records.QuestionnaireResponse",
        "Your answers to our questions",
        of_patient("patient", "records.QuestionnaireResponse"),
        {(EXPORT, RECORD): "valid_until worst", (ON_ITS_WAY, RECORD): "entry patient request version"},
        labels={"valid_until": "Good until", "worst": "Points to talk over"},
    ),
    Personal(
        "records.FormRequest",
        "Questions that we asked you",
        of_patient("patient", "records.FormRequest"),
        {
            (EXPORT, RECORD): "questionnaire state made_at changed_at",
            (SEALED, RECORD): "waived_why",
            (OF_STAFF, RECORD): "helper waived_by",
            (ON_ITS_WAY, RECORD): "id reference patient visit version",
        },
        labels={"state": "Where it stands", "made_at": "Asked on", "changed_at": "Changed on"},
    ),
    Personal(
        "records.AccessLog",
        "Who opened your clinical record",
        of_patient("patient", "records.AccessLog"),
        {
            (EXPORT, RECORD): "at role purpose page",
            (OF_STAFF, RECORD): "user",
            (ON_ITS_WAY, RECORD): "id patient entry visit session_digest address_digest",
        },
        labels={"at": "When", "role": "By a", "purpose": "Why", "page": "Where"},
    ),
    Personal(
        "records.AssessmentOutcome",
        "What your consultations came to",
        of_patient("patient", "records.AssessmentOutcome"),
        {
            (EXPORT, RECORD): "treatment outcome valid_until defer_until",
            (ON_ITS_WAY, RECORD): "id entry patient",
        },
        labels={"valid_until": "Good until", "defer_until": "Not before"},
    ),
    Personal(
        "records.Assessment",
        "Your consultations",
        of_patient("patient", "records.Assessment"),
        {
            (EXPORT, RECORD): "assessor mode assessed_at location information_given_at",
            (ON_ITS_WAY, RECORD): "entry patient",
        },
        labels={"mode": "How", "assessed_at": "When", "information_given_at": "Information given on"},
    ),
    Personal(
        "records.ConsentCopy",
        "Your copies of what you signed",
        of_patient("patient", "records.ConsentCopy"),
        {(SEALED, RECORD): "pdf", (ON_ITS_WAY, RECORD): "entry patient sha256"},
    ),
    Personal(
        "records.ConsentWithdrawal",
        "Consents that you took back",
        of_patient("patient", "records.ConsentWithdrawal"),
        {(EXPORT, RECORD): "by", (ON_ITS_WAY, RECORD): "entry patient grant"},
        labels={"by": "How it was said"},
    ),
    Personal(
        "records.ConsentConfirmation",
        "Consents that you confirmed on the day",
        of_patient("patient", "records.ConsentConfirmation"),
        {(EXPORT, RECORD): "visit asked_by", (ON_ITS_WAY, RECORD): "entry patient grant"},
    ),
    Personal(
        "records.ConsentGrant",
        "What you consented to",
        of_patient("patient", "records.ConsentGrant"),
        {
            (EXPORT, RECORD): (
                "treatment version scope visits_allowed granted_on expires_on asked_by information_given_at method"
            ),
            (ON_ITS_WAY, RECORD): "entry patient offer version_digest visit",
        },
        labels={"information_given_at": "Text given on", "version": "Text", "granted_on": "Signed on"},
    ),
    Personal(
        "records.ConsentOffer",
        "Texts that you were asked to consent by",
        of_patient("patient", "records.ConsentOffer"),
        {
            (EXPORT, RECORD): "treatment version asked_by information_given_at scope visits_allowed",
            (SEALED, RECORD): "details",
            (ON_ITS_WAY, RECORD): "id patient visit made_at",
        },
        labels={"information_given_at": "Given on", "version": "Text"},
    ),
    Personal(
        "records.Entry",
        "Your clinical record",
        of_patient("patient", "records.Entry"),
        {
            (EXPORT, RECORD): "number kind occurred_at recorded_at author_is practitioner",
            (SEALED, RECORD): "body",
            (OF_STAFF, RECORD): "author",
            (ON_ITS_WAY, RECORD): "id patient visit corrects schema prev_digest digest",
        },
        labels={
            "number": "Entry",
            "kind": "What it is",
            "occurred_at": "When it happened",
            "recorded_at": "When it was signed",
            "author_is": "Signed by",
        },
    ),
    Personal(
        "records.BreakGlassReview",
        "Who looked into it",
        of_patient("grant__patient", "records.BreakGlassReview"),
        {
            (EXPORT, RECORD): "at was_right",
            (OF_STAFF, RECORD): "by finding",
            (ON_ITS_WAY, RECORD): "grant token",
        },
        labels={"at": "Looked into on", "was_right": "It was in order"},
    ),
    Personal(
        "records.BreakGlass",
        "Openings of your record for a reason",
        of_patient("patient", "records.BreakGlass"),
        {
            (EXPORT, RECORD): "at until reason",
            (OF_STAFF, RECORD): "user",
            (ON_ITS_WAY, RECORD): "id token patient",
        },
        labels={"at": "From", "until": "Until", "reason": "The reason given"},
    ),
    Personal(
        "records.RecordKey",
        "The key of your record",
        of_patient("patient", "records.RecordKey"),
        {
            (SECRET, RECORD): "wrapped",
            (ON_ITS_WAY, RECORD): "patient reference head_number head_digest retain_until legal_hold",
        },
        is_listed=False,
    ),
)
not_personal("what a treatment needs of the record", "records.TreatmentRules", "records.TreatmentRules_questionnaires")


not_personal(
    "texts of the clinic, for all patients alike",
    "records.ConsentDocument",
    "records.ConsentRule",
    "records.ConsentVersion",
)


class Records(Keeper):
    """A signed entry is a contact; a legal hold keeps everything."""

    def last_contact(self, person: Person) -> date | None:
        last = Entry.objects.filter(patient__in=person.patients).aggregate(last=Max("recorded_at"))["last"]
        return clock.today(last) if last else None

    def open_matters(self, person: Person, now: object) -> list[OpenMatter]:
        held = RecordKey.objects.filter(patient__in=person.patients, legal_hold=True).exists()
        return [OpenMatter("Your record has to be kept for a legal matter. Please call us.")] if held else []


keeper(Records())

not_personal("what the clinic asks, without anybody's answers", "records.Questionnaire", "records.QuestionnaireVersion")

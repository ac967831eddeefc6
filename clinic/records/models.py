"""The models of the packages, for Django; nobody else imports this."""

from clinic.records.answering.models import DraftAnswer, FormRequest, QuestionnaireResponse, ResponseReview
from clinic.records.assessing.models import Assessment, AssessmentOutcome
from clinic.records.consent.models import (
    ConsentConfirmation,
    ConsentCopy,
    ConsentGrant,
    ConsentOffer,
    ConsentWithdrawal,
)
from clinic.records.consent_texts.models import ConsentDocument, ConsentRule, ConsentVersion
from clinic.records.entries.models import Draft, DraftPast, Entry, RecordKey
from clinic.records.links.models import RecordLink
from clinic.records.needs.models import TreatmentRules
from clinic.records.questions.models import Questionnaire, QuestionnaireVersion
from clinic.records.reading.models import AccessLog, BreakGlass, BreakGlassReview

__all__ = [
    "AccessLog",
    "Assessment",
    "AssessmentOutcome",
    "BreakGlass",
    "BreakGlassReview",
    "ConsentConfirmation",
    "ConsentCopy",
    "ConsentDocument",
    "ConsentGrant",
    "ConsentOffer",
    "ConsentRule",
    "ConsentVersion",
    "ConsentWithdrawal",
    "Draft",
    "DraftAnswer",
    "DraftPast",
    "Entry",
    "FormRequest",
    "Questionnaire",
    "QuestionnaireResponse",
    "QuestionnaireVersion",
    "RecordKey",
    "RecordLink",
    "ResponseReview",
    "TreatmentRules",
]

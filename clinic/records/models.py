"""The models of the packages, for Django; nobody else imports this."""

from clinic.records.answering.models import DraftAnswer, FormRequest, QuestionnaireResponse, ResponseReview
from clinic.records.entries.models import Draft, DraftPast, Entry, RecordKey
from clinic.records.links.models import RecordLink
from clinic.records.needs.models import TreatmentRules
from clinic.records.questions.models import Questionnaire, QuestionnaireVersion
from clinic.records.reading.models import AccessLog, BreakGlass, BreakGlassReview

__all__ = [
    "AccessLog",
    "BreakGlass",
    "BreakGlassReview",
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

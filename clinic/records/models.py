"""The models of the packages, for Django; nobody else imports this."""

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
    "DraftPast",
    "Entry",
    "Questionnaire",
    "QuestionnaireVersion",
    "RecordKey",
    "RecordLink",
    "TreatmentRules",
]

"""The models of the packages, for Django; nobody else imports this."""

from clinic.records.assessing.models import Assessment, AssessmentOutcome
from clinic.records.entries.models import Draft, DraftPast, Entry, RecordKey
from clinic.records.needs.models import TreatmentRules
from clinic.records.reading.models import AccessLog, BreakGlass, BreakGlassReview

__all__ = [
    "AccessLog",
    "Assessment",
    "AssessmentOutcome",
    "BreakGlass",
    "BreakGlassReview",
    "Draft",
    "DraftPast",
    "Entry",
    "RecordKey",
    "TreatmentRules",
]

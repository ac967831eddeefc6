from clinic.records.reading.models.access import AccessLog, Purpose
from clinic.records.reading.models.glass import BreakGlass, BreakGlassReview
from clinic.records.reading.models.promise import ConfidentialityPromise

__all__ = ["AccessLog", "BreakGlass", "BreakGlassReview", "ConfidentialityPromise", "Purpose"]

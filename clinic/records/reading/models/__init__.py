from clinic.records.reading.models.access import AccessLog, Purpose
from clinic.records.reading.models.glass import BreakGlass, BreakGlassReview

__all__ = ["AccessLog", "BreakGlass", "BreakGlassReview", "Purpose"]

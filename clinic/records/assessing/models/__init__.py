from clinic.records.assessing.models.assessment import Assessment, AssessmentOutcome, Mode, Outcome

__all__ = ["Assessment", "AssessmentOutcome", "Mode", "Outcome"]

"""What becomes of the fields of the clinical record."""

from __future__ import annotations

from clinic.core.personal.registry import not_personal

not_personal("what the clinic asks, without anybody's answers", "records.Questionnaire", "records.QuestionnaireVersion")

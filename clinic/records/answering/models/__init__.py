from clinic.records.answering.models.request import ALLOWED_MOVES, OPEN, DraftAnswer, FormRequest
from clinic.records.answering.models.response import QuestionnaireResponse, ResponseReview

__all__ = ["ALLOWED_MOVES", "OPEN", "DraftAnswer", "FormRequest", "QuestionnaireResponse", "ResponseReview"]

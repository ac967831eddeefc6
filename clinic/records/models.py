"""The models of the packages, for Django; nobody else imports this."""

from clinic.records.questions.models import Questionnaire, QuestionnaireVersion

__all__ = ["Questionnaire", "QuestionnaireVersion"]

"""The models of the packages, for Django; nobody else imports this."""

from clinic.records.needs.models import TreatmentRules

__all__ = ["TreatmentRules"]

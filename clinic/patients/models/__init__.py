from clinic.patients.models.merge import PatientMerge
from clinic.patients.models.patient import Patient, PatientQuerySet, fold, folded

__all__ = ["Patient", "PatientMerge", "PatientQuerySet", "fold", "folded"]

from clinic.patients.models.access import PatientAccess, PatientAccessQuerySet
from clinic.patients.models.merge import PatientMerge
from clinic.patients.models.patient import Patient, PatientQuerySet, fold, folded

__all__ = [
    "Patient",
    "PatientAccess",
    "PatientAccessQuerySet",
    "PatientMerge",
    "PatientQuerySet",
    "fold",
    "folded",
]

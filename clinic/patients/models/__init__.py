from clinic.patients.models.access import PatientAccess, PatientAccessQuerySet
from clinic.patients.models.access_invitation import AccessInvitation
from clinic.patients.models.access_opened import AccessOpened
from clinic.patients.models.claim import ClaimAttempt
from clinic.patients.models.join_notice import JoinNotice
from clinic.patients.models.merge import PatientMerge
from clinic.patients.models.patient import Patient, PatientQuerySet, fold, folded

__all__ = [
    "AccessInvitation",
    "AccessOpened",
    "ClaimAttempt",
    "JoinNotice",
    "Patient",
    "PatientAccess",
    "PatientAccessQuerySet",
    "PatientMerge",
    "PatientQuerySet",
    "fold",
    "folded",
]

from bookings.visits.models.age_refusal import AgeRefusal
from bookings.visits.models.appointment import Appointment
from bookings.visits.models.booking_settings import BookingSettings
from bookings.visits.models.diary_change import ChangedVisit, DiaryChange
from bookings.visits.models.idempotency_key import IdempotencyKey
from bookings.visits.models.note import PatientNote
from bookings.visits.models.visitor_tally import VisitorTally

__all__ = [
    "AgeRefusal",
    "Appointment",
    "BookingSettings",
    "ChangedVisit",
    "DiaryChange",
    "IdempotencyKey",
    "PatientNote",
    "VisitorTally",
]

from bookings.visits.models.age_refusal import AgeRefusal
from bookings.visits.models.appointment import Appointment, IdempotencyKey

__all__ = ["AgeRefusal", "Appointment", "IdempotencyKey"]

from bookings.models.appointment import Appointment, IdempotencyKey
from bookings.models.hours import ExtraHours, TimeOff, WorkingHours
from bookings.models.location import Location, Room
from bookings.models.message import Message
from bookings.models.refusal import AgeRefusal

__all__ = [
    "AgeRefusal",
    "Appointment",
    "ExtraHours",
    "IdempotencyKey",
    "Location",
    "Message",
    "Room",
    "TimeOff",
    "WorkingHours",
]

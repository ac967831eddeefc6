from bookings.models.appointment import Appointment, IdempotencyKey
from bookings.models.hours import ExtraHours, OpenedHoliday, RegularTimeOff, TimeOff, WorkingHours
from bookings.models.integration import ApiKey, WebhookDelivery, WebhookEndpoint
from bookings.models.location import Device, Location, Room
from bookings.models.message import Message
from bookings.models.refusal import AgeRefusal
from bookings.models.rules import MessageRule
from bookings.models.waiting import Offer, WaitingEntry
from bookings.models.wordings import Wording

__all__ = [
    "AgeRefusal",
    "ApiKey",
    "Appointment",
    "Device",
    "ExtraHours",
    "IdempotencyKey",
    "Location",
    "Message",
    "MessageRule",
    "Offer",
    "OpenedHoliday",
    "RegularTimeOff",
    "Room",
    "TimeOff",
    "WaitingEntry",
    "WebhookDelivery",
    "WebhookEndpoint",
    "Wording",
    "WorkingHours",
]

from bookings.messages.models.message import Message
from bookings.messages.models.rule import MessageRule
from bookings.messages.models.wording import Wording

__all__ = ["Message", "MessageRule", "Wording"]

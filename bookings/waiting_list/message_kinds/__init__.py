"""The kinds of messages that the waiting list adds to those of `messages.kinds`."""

from bookings.waiting_list.message_kinds import offered_time, waiting_link

__all__ = ["offered_time", "waiting_link"]

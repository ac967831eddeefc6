"""What there is to know of one way by which messages go, and the register of all ways."""

from __future__ import annotations

from datetime import datetime

from bookings.messages.models import Message
from bookings.messages.wording.owner_words import Words
from clinic.core.models import ClinicSettings
from clinic.sending.outcomes import Sent

_CHANNELS: dict[str, type[MessageChannel]] = {}


class MessageChannel:
    """One way by which messages go, for as long as there is something to send. `own` are the owner's own words."""

    name: str

    def as_recorded(
        self, message: Message, clinic: ClinicSettings, now: datetime, own: Words | None
    ) -> tuple[str, str]:
        """Subject and text of the message as the record keeps them: without secrets."""
        raise NotImplementedError

    def send(self, message: Message, clinic: ClinicSettings, now: datetime, own: Words | None) -> Sent:
        """Render the message and hand it to the provider.

        Raises:
            Refused, ProviderDown, PerhapsSent: see `clinic.sending.outcomes`.
        """
        raise NotImplementedError

    def open(self) -> None:
        """Get ready to send, before any message is taken from the queue."""

    def close(self) -> None:
        """Let go of what was kept from one message to the next."""


def register(channel: type[MessageChannel]) -> type[MessageChannel]:
    """Make a channel known: a decorator of its class, run while the program starts."""
    _CHANNELS[channel.name] = channel
    return channel


def channel_named(name: str) -> MessageChannel:
    """The channel, not open: ready to say what it would send."""
    return _CHANNELS[name]()


def all_channels() -> list[MessageChannel]:
    return [channel() for channel in _CHANNELS.values()]

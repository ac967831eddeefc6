"""Send messages, each by its channel. Neutral by rule: never a treatment, a price or an offer (docs/messages.md).

What each kind says is in `kinds`; how it goes is in `channels`.
"""

from __future__ import annotations

from datetime import datetime
from functools import cached_property
from types import TracebackType
from typing import Self

from bookings.messages.channels import all_channels
from bookings.messages.models import Message
from bookings.messages.wording.owner_words import Wordings
from clinic.core.models import ClinicSettings
from clinic.sending.outcomes import Sent


class Sender:
    """Sends messages, keeping what each channel keeps: `with Sender() as send: send(message, now)`."""

    def __init__(self) -> None:
        self.wordings = Wordings()
        self.channels = {channel.name: channel for channel in all_channels()}
        for channel in self.channels.values():
            channel.open()

    @cached_property
    def clinic(self) -> ClinicSettings:
        """Read when there is something to say: most looks find nothing due."""
        clinic: ClinicSettings = ClinicSettings.load()
        return clinic

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for channel in self.channels.values():
            channel.close()

    def __call__(self, message: Message, now: datetime) -> Sent:
        """Render and send one message to its recipient.

        Raises:
            Refused, ProviderDown, PerhapsSent: see `clinic.sending.outcomes`.
        """
        own = self.wordings.of(message, self.clinic, now)
        return self.channels[message.channel].send(message, self.clinic, now, own)


def send_message(message: Message, now: datetime) -> Sent:
    """Render and send one message; for many, keep a `Sender`."""
    with Sender() as send:
        return send(message, now)

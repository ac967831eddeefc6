"""What any way of sending can say about one message: it went, it never will, or the provider is away."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sent:
    """The words as they went out, fit to keep: no secret of a link in them."""

    subject: str
    text: str


class Refused(Exception):
    """This message can never reach this recipient; trying again is useless."""


class ProviderDown(Exception):
    """Nothing can be sent this way at the moment, whoever it is for."""


class PerhapsSent(Exception):
    """The provider may have taken it before the line broke: never repeat what would disturb someone twice."""

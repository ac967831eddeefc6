"""Radio buttons as cards, in groups."""

from __future__ import annotations

from dataclasses import dataclass

from django import forms


@dataclass(frozen=True, slots=True)
class Card:
    """What one choice shows: a name, a line about it, and something at its end (a price)."""

    title: str
    hint: str = ""
    aside: str = ""

    def __str__(self) -> str:
        return self.title


class ChoiceCards(forms.RadioSelect):
    template_name = "bookings/online/widgets/choice_cards.html"

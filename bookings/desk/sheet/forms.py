from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms

from bookings.desk.sheet.typed_day import OUTCOMES, Typed, outcomes
from bookings.visits.models import Appointment

AS_IT_IS = ("", "As it is")


class OutcomeForm(forms.Form):
    """What became of one visit. It offers what is possible now; whether that still holds is judged when it is saved."""

    version = forms.IntegerField(required=False, min_value=0, max_value=10**8)
    outcome = forms.ChoiceField(
        required=False,
        choices=[AS_IT_IS, *OUTCOMES],
        error_messages={"invalid_choice": "Choose what happened from the list."},
    )

    def __init__(self, data: Mapping[str, Any] | None, *, visit: Appointment, now: datetime) -> None:
        super().__init__(data, prefix=visit.reference)
        self.visit, self.refusal, self.is_saved = visit, "", False
        self.offered = [AS_IT_IS, *outcomes(visit, now)]

    @property
    def chosen(self) -> str:
        """The choice that is ticked; the first once nothing is left to save."""
        typed = self.data.get(self.add_prefix("outcome"), "") if self.is_bound and not self.is_saved else ""
        return typed if typed in dict(self.offered) else ""

    @property
    def typed(self) -> Typed | None:
        """What is to be saved of this visit; None if it stays as it is."""
        outcome = self.cleaned_data.get("outcome", "")
        return Typed(outcome, self.cleaned_data.get("version") or 0) if outcome else None

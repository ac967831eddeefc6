from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms

from bookings.desk.sheet.typed_day import OUTCOMES, Typed, outcomes
from bookings.engine.eligibility import needs_birthday
from bookings.visits.models import Appointment
from bookings.visits.models.statuses import Status
from clinic.patients.birthday_field import SplitDateField

AS_IT_IS = ("", "As it is")
CANCELLED = Status.CANCELLED


class OutcomeForm(forms.Form):
    """What became of one visit. It offers what is possible now; whether that still holds is judged when it is saved.

    Cancelled is a box of its own: among the others one arrow key from "As it is" would choose it.
    """

    version = forms.IntegerField(required=False, min_value=0, max_value=10**8)
    outcome = forms.ChoiceField(
        required=False,
        choices=[AS_IT_IS, *(one for one in OUTCOMES if one[0] != CANCELLED)],
        error_messages={"invalid_choice": "Choose what happened from the list."},
    )

    is_cancelled = forms.BooleanField(required=False)
    date_of_birth = SplitDateField(what="Date of birth", label="Date of birth", is_own=False, required=False)

    def __init__(self, data: Mapping[str, Any] | None, *, visit: Appointment, now: datetime) -> None:
        super().__init__(data, prefix=visit.reference)
        self.visit, self.refusal, self.is_saved = visit, "", False
        possible = outcomes(visit, now)
        self.offered = [AS_IT_IS, *(one for one in possible if one[0] != CANCELLED)]
        self.can_be_cancelled = len(self.offered) <= len(possible)
        if not (possible and needs_birthday(visit)):
            del self.fields["date_of_birth"]

    @property
    def chosen(self) -> str:
        """The choice that is ticked; the first once nothing is left to save."""
        typed = self.data.get(self.add_prefix("outcome"), "") if self.is_bound and not self.is_saved else ""
        return typed if typed in dict(self.offered) else ""

    @property
    def is_open(self) -> bool:
        """Whether anything can be typed in about it."""
        return self.can_be_cancelled or len(self.offered) > 1

    @property
    def ticks_cancelled(self) -> bool:
        return self.is_bound and not self.is_saved and self.add_prefix("is_cancelled") in self.data

    def clean(self) -> dict[str, Any]:
        answers: dict[str, Any] = super().clean() or {}
        if answers.get("is_cancelled"):
            if answers.get("outcome"):
                raise forms.ValidationError("Choose “Cancelled” or what else happened, not both.")
            answers["outcome"] = CANCELLED.value
        return answers

    @property
    def typed(self) -> Typed | None:
        """What is to be saved of this visit; None if it stays as it is."""
        outcome, born = self.cleaned_data.get("outcome", ""), self.cleaned_data.get("date_of_birth")
        return Typed(outcome, self.cleaned_data.get("version") or 0, born) if outcome or born else None

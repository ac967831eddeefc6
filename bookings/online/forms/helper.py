"""Whom a patient asks for help, with what and how long."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms

from clinic.core.formats import written_date
from clinic.patients import validation
from clinic.patients.helping.invitations import Asked
from clinic.patients.models import PatientAccess

LENGTHS = ((30, "A month"), (91, "Three months"), (182, "Half a year"), (364, "A year"))
MAY_WORDS = {  # forms are offered once there are any
    PatientAccess.May.VISITS: "See, book, move and cancel visits",
    PatientAccess.May.MESSAGES: "Read messages about visits",
}


def lengths_from(today: date) -> list[tuple[str, str]]:
    """How long help may last, each with its last day."""
    return [(str(days), f"{words}, until {written_date(today + timedelta(days=days))}") for days, words in LENGTHS]


class HelperForm(forms.Form):
    use_required_attribute = False
    email = forms.CharField(
        label="Their email address",
        help_text="They sign in with it. It must be their own, not one that you share",
        widget=forms.EmailInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": "Enter their email address"},
    )
    may = forms.MultipleChoiceField(
        label="What may they do?",
        choices=[(may.value, words) for may, words in MAY_WORDS.items()],
        widget=forms.CheckboxSelectMultiple,
        initial=[PatientAccess.May.VISITS],
        error_messages={"required": "Choose at least one", "invalid_choice": "Choose from these"},
    )
    days = forms.ChoiceField(
        label="For how long?",
        widget=forms.RadioSelect,
        initial="91",
        error_messages={"required": "Choose how long", "invalid_choice": "Choose one of these"},
    )

    def __init__(self, data: Any = None, *, today: date, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.today = today
        self.fields["days"].choices = lengths_from(today)  # type: ignore[attr-defined]

    def clean_email(self) -> str:
        return validation.email(self.cleaned_data["email"])

    @property
    def asked(self) -> Asked:
        until = self.today + timedelta(days=int(self.cleaned_data["days"]))
        return Asked(email=self.cleaned_data["email"], may=self.cleaned_data["may"], until=until)

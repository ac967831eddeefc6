"""The fields of both forms: a name, and a choice of several."""

from __future__ import annotations

from typing import Any

from django import forms


class NameField(forms.CharField):
    def __init__(self, *, hint: str) -> None:
        super().__init__(
            label="Name",
            max_length=80,
            help_text=hint,
            error_messages={"required": "Enter a name", "max_length": "Use 80 characters at most"},
        )


class SeveralField(forms.MultipleChoiceField):
    widget = forms.CheckboxSelectMultiple

    def __init__(self, *, label: str, choices: Any, missing: str) -> None:
        messages = {"required": missing, "invalid_choice": "Choose from the list"}
        super().__init__(label=label, choices=choices, error_messages=messages)

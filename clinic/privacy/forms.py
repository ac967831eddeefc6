"""What a person asks about their data, and what staff type of a request."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms

from clinic.core.date_fields import DayField
from clinic.privacy.models import DataRequest

Kind = DataRequest.Kind
ONLINE = {
    Kind.RECTIFY: "Correct something that is wrong",
    Kind.RESTRICT: "Limit what my data is used for",
    Kind.OBJECT: "Stop a use of my data",
    Kind.PORTABILITY: "Pass my data to another provider",
    Kind.COMPLAINT: "Complain about how my data is used",
}


def _words(label: str, *, required: bool = True, help_text: str = "", missing: str = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        required=required,
        max_length=2000,
        help_text=help_text,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": missing or "Say what it is about", "max_length": "Use 2,000 letters at most"},
    )


class AskForm(forms.Form):
    use_required_attribute = False
    kind = forms.ChoiceField(
        label="What would you like us to do?",
        choices=list(ONLINE.items()),
        widget=forms.RadioSelect,
        error_messages={"required": "Choose one", "invalid_choice": "Choose one of the list"},
    )
    words = _words("In your own words", help_text="What it is about, and what you would like to be different.")


class TakeInForm(forms.Form):
    use_required_attribute = False
    kind = forms.ChoiceField(
        label="What they ask for",
        choices=Kind.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what they ask for"},
    )
    channel = forms.ChoiceField(
        label="How it came",
        choices=[one for one in DataRequest.Channel.choices if one[0] != "online"],
        error_messages={"required": "Choose how it came"},
    )
    received_on = DayField(label="When it came", help_text="The clock runs from this day on.")
    words = _words("In their words", required=False)

    def __init__(self, data: Any, *, today: date) -> None:
        super().__init__(data, initial={"received_on": today})
        self.today = today

    def clean_received_on(self) -> date:
        day: date = self.cleaned_data["received_on"]
        if day > self.today:
            raise forms.ValidationError("The day cannot lie ahead")
        return day


class AnswerForm(forms.Form):
    use_required_attribute = False
    outcome = _words("Your answer", help_text="They get these words by email.", missing="Write the answer")


class RefuseForm(AnswerForm):
    ground = forms.ChoiceField(
        label="Why",
        choices=[("", "Choose"), *DataRequest.Ground.choices],
        error_messages={"required": "Choose why it is refused"},
    )
    field_order = ["ground", "outcome"]


class ExtendForm(forms.Form):
    use_required_attribute = False
    until = DayField(label="Answer by")
    reason = forms.CharField(
        label="Why it takes longer",
        max_length=300,
        help_text="They are told this, and that they may complain.",
        error_messages={"required": "Say why it takes longer", "max_length": "Use 300 letters at most"},
    )

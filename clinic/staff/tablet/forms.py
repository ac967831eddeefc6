"""What an owner says of a shared tablet, and what is typed on it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from clinic.staff.tablet.pins import DIGITS, Face

SIX_DIGITS = {"inputmode": "numeric", "autocomplete": "off", "class": "w-10", "maxlength": DIGITS}


class TabletForm(forms.Form):
    use_required_attribute = False
    name = forms.CharField(
        label="Name of this tablet",
        max_length=60,
        help_text="As people here call it, for example “Front desk”.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "Enter a name", "max_length": "Use 60 characters at most"},
    )
    location = forms.CharField(
        label="Where it is",
        max_length=60,
        required=False,
        help_text="The room or the desk.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"max_length": "Use 60 characters at most"},
    )


class PinForm(forms.Form):
    use_required_attribute = False
    pin = forms.CharField(
        label="PIN for today",
        max_length=DIGITS,
        help_text="Six digits that do not repeat or count up or down. It ends this evening.",
        widget=forms.PasswordInput(attrs=SIX_DIGITS),
        error_messages={"required": "Choose six digits", "max_length": "Choose six digits"},
    )
    again = forms.CharField(
        label="The same once more",
        max_length=DIGITS,
        widget=forms.PasswordInput(attrs=SIX_DIGITS),
        error_messages={"required": "Type the PIN once more", "max_length": "Type the PIN once more"},
    )

    def clean(self) -> None:
        first, second = self.cleaned_data.get("pin"), self.cleaned_data.get("again")
        if first and second and first != second:
            self.add_error("again", "This is not the same as above")


class UnlockForm(forms.Form):
    use_required_attribute = False
    person = forms.TypedChoiceField(
        label="Who are you?",
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose your initials", "invalid_choice": "Choose your initials"},
    )
    pin = forms.CharField(
        label="PIN",
        max_length=DIGITS,
        widget=forms.PasswordInput(attrs=SIX_DIGITS),
        error_messages={"required": "Enter your PIN", "max_length": "A PIN has six digits"},
    )

    def __init__(self, faces: Sequence[Face], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices: Any = self.fields["person"]
        choices.choices = [(face.user.pk, face.initials) for face in faces]

from __future__ import annotations

from django import forms

from clinic.patients import validation
from clinic.patients.birthday_field import SplitDateField


class FindRecordForm(forms.Form):
    """Who the person of an account is, in the words of their record."""

    use_required_attribute = False
    full_name = forms.CharField(
        label="Full name",
        max_length=validation.LONGEST_NAME,
        help_text="As you gave it when you booked",
        widget=forms.TextInput(attrs={"autocomplete": "name", "spellcheck": "false"}),
        error_messages={"required": "Enter your full name", "max_length": "Full name must be 150 letters or fewer"},
    )
    date_of_birth = SplitDateField(
        what="Date of birth",
        label="Date of birth",
        help_text="For example, 27 3 1984",
        error_messages={"required": "Enter your date of birth"},
    )

    def clean_full_name(self) -> str:
        return validation.name(self.cleaned_data["full_name"])

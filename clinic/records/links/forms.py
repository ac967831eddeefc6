from __future__ import annotations

from django import forms

from clinic.patients.birthday_field import SplitDateField


class BirthdayForm(forms.Form):
    use_required_attribute = False
    date_of_birth = SplitDateField(
        what="Date of birth",
        label="Date of birth",
        help_text="For example, 27 3 1984",
        error_messages={"required": "Enter your date of birth"},
    )

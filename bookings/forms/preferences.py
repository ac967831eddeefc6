"""How a patient wants to be written to."""

from __future__ import annotations

from django import forms

from clinic.patients.models import Patient


class PreferencesForm(forms.Form):
    """`invitations` is marketing: never ticked for her (PECR reg. 22)."""

    use_required_attribute = False

    contact_by = forms.ChoiceField(
        label="How should we remind you of your visits?",
        choices=Patient.Channel.choices,
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choose how we should remind you",
            "invalid_choice": "Choose how we should remind you",
        },
    )
    letter_format = forms.ChoiceField(
        label="How should our emails look?",
        choices=Patient.LetterFormat.choices,
        widget=forms.RadioSelect,
        required=False,
        error_messages={"invalid_choice": "Choose how our emails should look"},
    )
    invitations = forms.BooleanField(
        label="Email me now and then when it may be time to come again",
        required=False,
        help_text="To stop them, untick this and save, or use the link in any of these emails.",
    )

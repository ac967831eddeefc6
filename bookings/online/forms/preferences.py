"""How a patient wants to be written to."""

from __future__ import annotations

from typing import Any

from django import forms

from bookings.messages.planning.reach import why_no_texts
from clinic.patients.models import Patient


class PreferencesForm(forms.Form):
    """`invitations` is marketing: never ticked for them (PECR reg. 22).

    Each field carries what its page showed: only what was changed on that page is in `changed_data`.
    """

    use_required_attribute = False

    contact_by = forms.ChoiceField(
        show_hidden_initial=True,
        label="How should we remind you of your visits?",
        choices=Patient.Channel.choices,
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choose how we should remind you",
            "invalid_choice": "Choose how we should remind you",
        },
        help_text="Text messages reach mobile numbers only",
    )
    letter_format = forms.ChoiceField(
        show_hidden_initial=True,
        label="How should our emails look?",
        choices=Patient.LetterFormat.choices,
        widget=forms.RadioSelect,
        required=False,
        error_messages={"invalid_choice": "Choose how our emails should look"},
    )
    invitations = forms.BooleanField(
        show_hidden_initial=True,
        label="Email me now and then when it may be time to come again",
        required=False,
        help_text="To stop them, untick this and save, or use the link in any of these emails.",
    )

    def __init__(self, data: Any = None, *, patient: Patient, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.patient = patient

    def clean_contact_by(self) -> str:
        """Texts alone are no way to reach a number that takes none, while there is an address."""
        chosen: str = self.cleaned_data["contact_by"]
        phone = self.patient.phone
        reason = why_no_texts(str(phone), phone.as_national) if phone else ""
        if chosen == Patient.Channel.SMS and reason and self.patient.email:
            raise forms.ValidationError(f"{reason}. Choose email, or call us to give another number", code="no_texts")
        return chosen

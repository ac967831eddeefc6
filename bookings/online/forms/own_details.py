"""What patients change of their own record. Name and birthday are put right by the desk."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms

from bookings.messages.planning.reach import why_no_texts
from clinic.patients import validation
from clinic.patients.corrections import as_filled_in
from clinic.patients.models import Patient

OWN = ("email", "phone", "contact_by", "letter_format", "access_needs")
CHOOSE = "Choose one of these"


class OwnDetailsForm(forms.Form):
    """`seen` is the state of the record that the page showed. An address is one that the account has proved."""

    use_required_attribute = False
    email = forms.ChoiceField(
        label="Where our emails go",
        required=False,
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": CHOOSE},
    )
    phone = forms.CharField(
        label="Telephone number",
        max_length=validation.LONGEST_PHONE,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "class": "w-20"}),
        error_messages={"required": "Enter your telephone number", "max_length": validation.BAD_PHONE},
    )
    contact_by = forms.ChoiceField(
        label="How should we remind you of your visits?",
        choices=Patient.Channel.choices,
        widget=forms.RadioSelect,
        help_text="Text messages reach mobile numbers only",
        error_messages={"required": CHOOSE, "invalid_choice": CHOOSE},
    )
    letter_format = forms.ChoiceField(
        label="How should our emails look?",
        choices=Patient.LetterFormat.choices,
        widget=forms.RadioSelect,
        error_messages={"required": CHOOSE, "invalid_choice": CHOOSE},
    )
    access_needs = forms.CharField(
        label="Anything that would make a visit easier for you",
        required=False,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Such as step-free access, a hearing loop, an interpreter or more time. Staff see it with every visit",
        error_messages={"max_length": "This must be 300 letters or fewer"},
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, patient: Patient, addresses: Iterable[str], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.patient = patient
        proved = sorted(one for one in addresses if one != patient.email.lower())
        known = [patient.email] if patient.email else []
        self.fields["email"].choices = [(one, one) for one in (*known, *proved)]  # type: ignore[attr-defined]
        if not proved:
            del self.fields["email"]

    def clean_email(self) -> str:
        return self.cleaned_data["email"] or self.patient.email

    def clean_phone(self) -> str:
        return validation.phone(self.cleaned_data["phone"])

    def clean_access_needs(self) -> str:
        return " ".join(self.cleaned_data["access_needs"].split())

    def clean(self) -> dict[str, Any]:
        """Texts alone are no way to reach a number that takes none, while there is an address."""
        cleaned = super().clean() or self.cleaned_data
        number = cleaned.get("phone")
        if number and cleaned.get("contact_by") == Patient.Channel.SMS and self.patient.email:
            reason = why_no_texts(number, self.data.get("phone", ""))
            if reason:
                self.add_error("contact_by", f"{reason}. Choose email, or give a mobile number")
        return cleaned

    @classmethod
    def of(cls, patient: Patient, addresses: Iterable[str]) -> OwnDetailsForm:
        """The form as the record fills it in."""
        return cls(patient=patient, addresses=addresses, initial=as_filled_in(patient, OWN))

    @property
    def details(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in OWN if name in self.fields}

    @property
    def moves_letters(self) -> bool:
        """Whether emails or texts go somewhere else afterwards."""
        said = self.details
        was = self.patient
        return bool(said["phone"] != str(was.phone) or said.get("email", was.email) != was.email)

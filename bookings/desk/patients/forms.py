"""Correct a patient's details, and write a note."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms

from bookings.visits.models.note import LONGEST
from clinic.patients import validation
from clinic.patients.birthday_field import SplitDateField
from clinic.patients.corrections import DETAILS, as_filled_in
from clinic.patients.helping.invitations import Asked
from clinic.patients.models import Patient

TYPED = {"autocomplete": "off", "spellcheck": "false"}


class DetailsForm(forms.Form):
    """What the record says. `seen` is the state of it that the page showed."""

    use_required_attribute = False
    full_name = forms.CharField(
        label="Full name",
        max_length=validation.LONGEST_NAME,
        widget=forms.TextInput(attrs=TYPED),
        error_messages={
            "required": "Enter the patient's full name",
            "max_length": "Full name must be 150 letters or fewer",
        },
    )
    date_of_birth = SplitDateField(
        what="Date of birth",
        is_own=False,
        label="Date of birth",
        error_messages={"required": "Enter the date of birth"},
    )
    phone = forms.CharField(
        label="Telephone number",
        required=False,
        max_length=validation.LONGEST_PHONE,
        help_text="Without a mobile number no text messages are sent",
        widget=forms.TextInput(attrs={"type": "tel", **TYPED}),
        error_messages={"max_length": validation.BAD_PHONE},
    )
    email = forms.CharField(
        label="Email address",
        required=False,
        help_text="Without one, no confirmation or calendar file is sent by email",
        widget=forms.EmailInput(attrs=TYPED),
    )
    contact_by = forms.ChoiceField(
        label="Reminders by",
        choices=Patient.Channel.choices,
        error_messages={"required": "Choose how to send reminders", "invalid_choice": "Choose one of these"},
    )
    access_needs = forms.CharField(
        label="Access needs",
        required=False,
        max_length=300,
        help_text="Such as step-free access, a hearing loop or an interpreter. Shown with every visit",
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"max_length": "Access needs must be 300 letters or fewer"},
    )
    contact_note = forms.CharField(
        label="How to contact",
        required=False,
        max_length=200,
        help_text="Such as “Do not ring at work”",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"max_length": "This must be 200 letters or fewer"},
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, is_birthday_known: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["date_of_birth"].required = is_birthday_known

    def clean_full_name(self) -> str:
        return validation.name(self.cleaned_data["full_name"])

    def clean_email(self) -> str:
        written = self.cleaned_data["email"]
        return validation.email(written) if written else ""

    def clean_phone(self) -> str:
        written = self.cleaned_data["phone"]
        return validation.phone(written) if written else ""

    def clean_access_needs(self) -> str:
        return " ".join(self.cleaned_data["access_needs"].split())

    def clean_contact_note(self) -> str:
        return " ".join(self.cleaned_data["contact_note"].split())

    @classmethod
    def of(cls, patient: Patient) -> DetailsForm:
        """The form as the record fills it in."""
        return cls(initial=as_filled_in(patient, DETAILS), is_birthday_known=patient.date_of_birth is not None)

    @property
    def details(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in DETAILS}


class GiveAccessForm(forms.Form):
    """Whose account may open a record, and what staff saw before they allowed it."""

    use_required_attribute = False
    kind = forms.ChoiceField(
        label="Who is it?",
        choices=[("self", "The patient"), ("carer", "Someone who helps the patient with visits")],
        widget=forms.RadioSelect,
        initial="self",
        error_messages={"required": "Choose who it is", "invalid_choice": "Choose who it is"},
    )
    email = forms.CharField(
        label="Email address of the account",
        help_text="A link goes there, and opens the record once they have signed in with that address",
        widget=forms.EmailInput(attrs=TYPED),
        error_messages={"required": "Enter the email address"},
    )
    evidence = forms.CharField(
        label="What have you seen?",
        max_length=200,
        help_text="Such as a passport, a written authority, or the number of a power of attorney",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "Say what you have seen", "max_length": "This must be 200 letters or fewer"},
    )
    messages = forms.BooleanField(label="Someone who helps may also read messages about visits", required=False)
    until = forms.DateField(
        label="Someone who helps: until",
        required=False,
        help_text="Within a year. Before it ends you find it under To check",
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"invalid": "Enter a day"},
    )

    def clean_email(self) -> str:
        return validation.email(self.cleaned_data["email"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("kind") == "carer" and not cleaned.get("until") and "until" not in self.errors:
            self.add_error("until", "Enter the last day")
        return cleaned

    @property
    def asked(self) -> Asked:
        said = self.cleaned_data
        may = ["visits", "messages"] if said["messages"] else ["visits"]
        until = said["until"] if said["kind"] == "carer" else None
        return Asked(email=said["email"], kind=said["kind"], may=may, until=until, evidence=said["evidence"])


class NoteField(forms.CharField):
    """A text with the line ends that a browser counts."""

    def to_python(self, value: Any) -> str:
        return str(super().to_python("" if value is None else str(value).replace("\r\n", "\n")))


class NoteForm(forms.Form):
    """`token` is the form's own, so that sending it again adds no second note."""

    use_required_attribute = False
    text = NoteField(
        label="Note",
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Write the note", "max_length": "A note must be 2,000 letters or fewer"},
    )
    visit = forms.CharField(required=False, max_length=12, widget=forms.HiddenInput)
    corrects = forms.IntegerField(required=False, min_value=1, max_value=2**62, widget=forms.HiddenInput)
    token = forms.UUIDField(initial=uuid.uuid4, widget=forms.HiddenInput)

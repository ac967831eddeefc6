"""What a patient types on the way to a booking."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from bookings.messages.planning.reach import why_no_texts
from bookings.online.forms.choice_cards import ChoiceCards
from bookings.online.forms.email_question import EmailQuestionMixin
from bookings.online.forms.trap import BOX, PASS, TrapMixin
from clinic.patients import validation
from clinic.patients.birthday_field import SplitDateField
from clinic.patients.models import Patient

BIRTHDAY_HINT = "For example, 27 3 1984"


class DetailsForm(EmailQuestionMixin, TrapMixin):
    """Who is coming, and how to reach them."""

    use_required_attribute = False
    full_name = forms.CharField(
        label="Full name",
        max_length=validation.LONGEST_NAME,
        widget=forms.TextInput(attrs={"autocomplete": "name", "spellcheck": "false"}),
        error_messages={"required": "Enter your full name", "max_length": "Full name must be 150 letters or fewer"},
    )
    email = forms.EmailField(
        label="Email address",
        max_length=validation.LONGEST_EMAIL,
        help_text="We send the confirmation and the link to change your visit here",
        widget=forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false"}),
        error_messages={
            "required": "Enter your email address",
            "invalid": validation.BAD_EMAIL,
            "max_length": "Email address must be 254 letters or fewer",
        },
    )
    phone = forms.CharField(
        label="Mobile number",
        max_length=validation.LONGEST_PHONE,
        help_text="In case we need to reach you about this visit",
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
        error_messages={
            "required": "Enter your mobile number",
            "max_length": validation.BAD_PHONE,
        },
    )
    date_of_birth = SplitDateField(what="Date of birth", label="Date of birth", help_text=BIRTHDAY_HINT)
    contact_by = forms.ChoiceField(
        label="How shall we remind you?",
        choices=Patient.Channel.choices,
        initial=Patient.Channel.BOTH,
        widget=ChoiceCards,
        help_text="Text messages reach mobile numbers only",
        error_messages={"required": "Choose how we should remind you", "invalid_choice": "Choose one of these"},
    )
    note = forms.CharField(
        label="Anything that would help us on the day?",
        required=False,
        max_length=1000,
        help_text="Access needs, for example. Please don't include medical details here",
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"max_length": "The note must be 1,000 letters or fewer"},
    )

    def __init__(self, data: Any = None, *, asks_birthday: bool, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        if not asks_birthday:
            del self.fields["date_of_birth"]

    def clean_full_name(self) -> str:
        return validation.name(self.cleaned_data["full_name"])

    def clean_phone(self) -> str:
        written = self.cleaned_data["phone"]
        return validation.phone(written) if written else ""

    def clean_contact_by(self) -> str:
        """Texts alone are no way to reach a number that takes none, while there is an address."""
        chosen: str = self.cleaned_data["contact_by"]
        phone = self.cleaned_data.get("phone", "")
        if chosen == Patient.Channel.SMS and self.cleaned_data.get("email") and (reason := why_no_texts(phone)):
            raise ValidationError(f"{reason}. Choose email, or give a mobile number", code="no_texts")
        return chosen

    def as_typed(self) -> dict[str, Any]:
        """What stands in the boxes, right or wrong, to show them again without judging."""
        return {box.name: box.value() for box in self if box.name not in {BOX, PASS}}


class BookingDetailsForm(DetailsForm):
    """The details of a patient who books online: the box for invitations is marketing, so never ticked for them (PECR reg. 22)."""

    marketing_opt_in = forms.BooleanField(
        label="Email me now and then when it may be time to come again",
        required=False,
        help_text="Only if you would like that: your visit does not depend on it. Each of these emails has a link "
        "that stops them.",
    )


class TermsForm(forms.Form):
    """`may_join`: it is asked whether the visit is theirs, since people book for each other from one mailbox."""

    use_required_attribute = False
    accept_terms = forms.BooleanField(
        label="I agree to these terms, and ask for my visit on this day",
        error_messages={"required": "Tick the box to say that you agree to the terms"},
    )
    is_mine = forms.BooleanField(
        label="This visit is for me: show it in my account",
        required=False,
        help_text="Leave it empty if you book for somebody else",
    )

    def __init__(self, data: Any = None, *, may_join: bool = False) -> None:
        super().__init__(data)
        if not may_join:
            del self.fields["is_mine"]

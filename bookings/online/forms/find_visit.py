from __future__ import annotations

from django import forms

from bookings.online.forms.trap import BOX, PASS, TrapMixin
from clinic.patients import validation


class FindVisitForm(TrapMixin):
    use_required_attribute = False
    email = forms.EmailField(
        label="Email address",
        max_length=254,
        help_text="The one you gave when you booked",
        widget=forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false"}),
        error_messages={
            "required": "Enter your email address",
            "invalid": validation.BAD_EMAIL,
        },
    )
    field_order = ("email", BOX, PASS)

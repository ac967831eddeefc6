"""What the owner chooses for a key with which a program asks."""

from __future__ import annotations

from django import forms

from bookings.integrations.forms.fields import NameField, SeveralField
from bookings.integrations.models import ApiKey


class KeyForm(forms.Form):
    use_required_attribute = False
    prefix = "key"
    name = NameField(hint="Which program uses it, such as “Website” or “Accounts”.")
    scopes = SeveralField(
        label="What it may do", choices=ApiKey.Scope.choices, missing="Choose at least one thing that this key may do"
    )

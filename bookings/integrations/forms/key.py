"""What the owner chooses for a key with which a program asks."""

from __future__ import annotations

from typing import Any

from django import forms

from bookings.integrations.forms.fields import NameField, SeveralField
from bookings.integrations.models import ApiKey
from clinic.accounts.rights import Right


class KeyForm(forms.Form):
    use_required_attribute = False
    prefix = "key"
    name = NameField(hint="Which program uses it, such as “Website” or “Accounts”.")
    scopes = SeveralField(
        label="What it may do", choices=ApiKey.Scope.choices, missing="Choose at least one thing that this key may do"
    )

    def __init__(self, *args: Any, rights: frozenset[Right], **kwargs: Any) -> None:
        """Nobody gives a key what they may not do themselves: `rights` are those of its maker."""
        super().__init__(*args, **kwargs)
        self.fields["scopes"].choices = [  # type: ignore[attr-defined]
            (scope.value, scope.label) for scope in ApiKey.Scope if scope.right in rights
        ]

"""Which document was shown. Nothing of it is kept: no number, no copy."""

from __future__ import annotations

from django import forms
from django.db import models


class Document(models.TextChoices):
    PASSPORT = "passport", "Passport"
    LICENCE = "licence", "Driving licence"
    CARD = "card", "Identity card, or a card with the PASS hologram"
    KNOWN = "known", "None: known to me in person"


class IdentityForm(forms.Form):
    use_required_attribute = False
    document = forms.ChoiceField(
        label="What did they show you?",
        choices=Document.choices,
        widget=forms.RadioSelect,
        help_text="Look that the photograph and the date of birth are theirs. Nothing is copied.",
        error_messages={"required": "Choose what you saw", "invalid_choice": "Choose from the list"},
    )

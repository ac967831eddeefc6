"""A hidden box against programs that fill in every box, and the way past it for people whose browser filled it in."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.signing import BadSignature, TimestampSigner

BOX, PASS = "more", "again"
STANDS = timedelta(hours=1)
_SIGNER = TimestampSigner(salt="bookings.online.forms.trap")
# Asks password managers to leave it alone: 1Password, LastPass, Bitwarden, Dashlane. Browsers know no box of this name.
_LEFT_ALONE = {
    "autocomplete": "off",
    "tabindex": "-1",
    "data-1p-ignore": "true",
    "data-lpignore": "true",
    "data-bwignore": "true",
    "data-form-type": "other",
}


class TrapMixin(forms.Form):
    """Refuses a form whose hidden box is filled in, once: the form that is shown again has no such box.

    A program that reads the second page gets through, as does one that leaves hidden boxes alone.
    """

    more = forms.CharField(label="Leave this empty", required=False, widget=forms.TextInput(attrs=_LEFT_ALONE))
    again = forms.CharField(required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        answers: dict[str, Any] = super().clean() or self.cleaned_data
        filled, passed = answers.pop(BOX, ""), answers.pop(PASS, "")
        if filled and not _is_ours(passed):
            raise ValidationError(
                "A box that people do not see was filled in, perhaps by your browser or password manager. "
                "Your answers are kept: please look them over and press the button once more.",
                code="trap",
            )
        return answers

    @property
    def pass_to_carry(self) -> str:
        """What the form that is shown again carries instead of the box; nothing while the box is to be shown."""
        carried = self.data.get(self.add_prefix(PASS), "") if self.is_bound else ""
        if _is_ours(carried):
            return carried
        was_caught = self.is_bound and self.has_error("__all__", code="trap")
        return _SIGNER.sign("person") if was_caught else ""


def _is_ours(carried: str) -> bool:
    try:
        return _SIGNER.unsign(carried, max_age=STANDS) == "person"
    except BadSignature:
        return False

"""A hidden box and a moment of the page against programs that send forms, and the way past both for people.

A browser or a password manager may fill in the hidden box, and somebody whose details it fills in may press the button
at once: nobody loses what they typed, they press once more.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.signing import BadSignature, Signer, TimestampSigner

from clinic.core import clock

BOX, PASS, SHOWN = "more", "again", "shown"
STANDS = timedelta(hours=1)
QUICKEST = timedelta(seconds=1)  # to read a page, and press its button
_SIGNER = TimestampSigner(salt="bookings.online.forms.trap")
_MOMENTS = Signer(salt="bookings.online.forms.shown")  # a TimestampSigner tells whole seconds alone
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
    """Refuses a form whose hidden box is filled in, or that is sent at once: the form that is shown again goes through.

    A program that reads the second page gets through, as does one that leaves hidden boxes alone.
    """

    more = forms.CharField(label="Leave this empty", required=False, widget=forms.TextInput(attrs=_LEFT_ALONE))
    again = forms.CharField(required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        answers: dict[str, Any] = super().clean() or self.cleaned_data
        filled, passed = answers.pop(BOX, ""), answers.pop(PASS, "")
        if _is_ours(passed):
            return answers
        if settings.RATE_LIMITS and not _was_read(self.data.get(SHOWN, "")):
            raise ValidationError(
                "That was very quick, so we ask once more. Your answers are kept: please look them over and press the "
                "button once more.",
                code="trap",
            )
        if filled:
            raise ValidationError(
                "A box that people do not see was filled in, perhaps by your browser or password manager. "
                "Your answers are kept: please look them over and press the button once more.",
                code="trap",
            )
        return answers

    @property
    def shown_at(self) -> str:
        """When the form was shown, for the form to say when it is sent."""
        return _MOMENTS.sign(f"{clock.now().timestamp():.3f}")

    @property
    def pass_to_carry(self) -> str:
        """What the form that is shown again carries instead of the box; nothing while the box is to be shown."""
        carried = self.data.get(self.add_prefix(PASS), "") if self.is_bound else ""
        if _is_ours(carried):
            return carried
        was_caught = self.is_bound and self.has_error("__all__", code="trap")
        return _SIGNER.sign("person") if was_caught else ""


def _was_read(shown: str) -> bool:
    try:
        moment = float(_MOMENTS.unsign(shown))
    except (BadSignature, ValueError):
        return False
    return clock.now().timestamp() - moment >= QUICKEST.total_seconds()


def _is_ours(carried: str) -> bool:
    try:
        return _SIGNER.unsign(carried, max_age=STANDS) == "person"
    except BadSignature:
        return False

"""The owner's words, judged before they are kept."""

from __future__ import annotations

from typing import Any

from wagtail.admin.forms.models import WagtailAdminModelForm

from bookings.messages.models import Wording
from bookings.messages.wording.owner_words import MOST_SEGMENTS, check_without_name, longest_text
from bookings.messages.wording.placeholders import BrokenWording, names_of_treatments, problems
from clinic.core import clock
from clinic.sending import sms_length


class WordingForm(WagtailAdminModelForm):  # type: ignore[misc]
    """What is wrong stands beside the field, and what was typed stays."""

    def clean(self) -> dict[str, Any]:
        answers: dict[str, Any] = super().clean()
        if not {"kind", "channel", "body"} <= answers.keys():
            return answers
        names = ("kind", "channel", "asks_to_confirm", "variant", "subject", "body")
        wording = Wording(**{name: answers.get(name) or "" for name in names if name != "asks_to_confirm"})
        wording.asks_to_confirm = bool(answers.get("asks_to_confirm"))
        found = problems(wording, names_of_treatments())
        for field, reasons in found.items():
            self.add_error(field, reasons)
        if not found:
            self._check_filled(wording)
        return answers

    def _check_filled(self, wording: Wording) -> None:
        now = clock.now()
        try:
            text = longest_text(wording, now)
            check_without_name(wording, now)
        except BrokenWording as error:
            self.add_error(error.field, str(error))
            return
        if wording.channel == Wording.Channel.SMS and sms_length.segments(text) > MOST_SEGMENTS:
            self.add_error(
                "body",
                f"With a long name and day this is {sms_length.length(text)} characters, "
                f"{sms_length.segments(text)} text messages. "
                f"Keep it to {MOST_SEGMENTS}.",
            )

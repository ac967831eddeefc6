"""“Did you mean anna@gmail.com?”, asked once, beside the box, and answered by one press. Never a refusal."""

from __future__ import annotations

from typing import Any

from django import forms

from clinic.patients import mail_hint, validation

ANSWER, SEEN = "email_is", "email_seen"


class EmailQuestionMixin(forms.Form):
    """For a form with an `email`. While `email_meant` says something the form is not yet valid, and has no error of it.

    `email_is`, from either button, is the answer. `email_seen` is the address that the page has asked about: to press
    the form's own button again keeps it.
    """

    email_meant = ""
    email_seen = ""

    def clean_email(self) -> str:
        written = self.cleaned_data["email"]
        typed = validation.email(written) if written else ""
        meant = mail_hint.meant(typed)
        if not meant:
            return typed
        if self._said(ANSWER) == meant:
            self._put_into_the_box(meant)
            return meant
        self.email_seen = typed
        if typed not in {self._said(ANSWER), self._said(SEEN)}:
            self.email_meant = meant
        return typed

    def is_valid(self) -> bool:
        return super().is_valid() and not self.email_meant

    def _said(self, name: str) -> str:
        return str(self.data.get(self.add_prefix(name), ""))

    def _put_into_the_box(self, email: str) -> None:
        """So that the address stays chosen when another box is wrong."""
        before: Any = self.data
        answers = before.copy()
        answers[self.add_prefix("email")] = email
        self.data = answers

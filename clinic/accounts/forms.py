"""Sign in: allauth's form, in the order in which it is typed."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import LoginForm

FOR_STAFF = ("/diary/", "/staff/", "/cms/")


class SignInForm(LoginForm):  # type: ignore[misc]
    """Email, password, button, and only then the link for who forgot theirs: the template has it.

    Staff who are sent here from their own pages type at once; patients first read that they need no account.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].help_text = ""
        self.fields["remember"].label = "Stay signed in on this device"
        asked = self.request.GET.get("next", "") if self.request else ""
        if asked.startswith(FOR_STAFF):
            self.fields["login"].widget.attrs["autofocus"] = True

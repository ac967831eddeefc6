"""What an owner asks of a member of staff, and what they type on their way in."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import forms

from clinic.accounts.rights import Role
from clinic.core import clock
from clinic.core.date_fields import DayField, TimeField
from clinic.practitioners.models import Practitioner

LONGEST_AHEAD = timedelta(days=366)

ROLE_HINTS = {
    Role.OWNER: "runs the clinic, with its people and settings",
    Role.PRACTITIONER: "sees patients and keeps their own diary",
    Role.DESK: "books, moves and answers for everyone",
    Role.EDITOR: "writes articles, treatments and profiles",
}


class RolesField(forms.MultipleChoiceField):
    widget = forms.CheckboxSelectMultiple

    def __init__(self) -> None:
        super().__init__(
            label="Roles",
            help_text="Several add up.",
            choices=[(role.value, f"{role.label}: {ROLE_HINTS[role]}") for role in Role],
            error_messages={"required": "Choose at least one role", "invalid_choice": "Choose from the list"},
        )


class InvitationForm(forms.Form):
    use_required_attribute = False
    email = forms.EmailField(
        label="Email address",
        max_length=254,
        help_text="Their own, which nobody else reads: whoever opens it can answer the invitation.",
        error_messages={"required": "Enter an email address", "invalid": "Enter an address such as name@example.com"},
    )
    roles = RolesField()
    practitioner = forms.ModelChoiceField(
        label="Profile",
        queryset=Practitioner.objects.none(),
        required=False,
        empty_label="None",
        help_text="Of a practitioner: whose diary is theirs.",
        error_messages={"invalid_choice": "Choose from the list"},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        profiles: Any = self.fields["practitioner"]
        profiles.queryset = Practitioner.objects.filter(user=None).order_by("name", "pk")
        self.fields["email"].widget.attrs["autocomplete"] = "off"


class RolesForm(forms.Form):
    use_required_attribute = False
    roles = RolesField()


class LeaveForm(forms.Form):
    use_required_attribute = False
    day = DayField(label="Last day")
    at = TimeField(label="At", initial="18:00")

    def clean(self) -> dict[str, Any]:
        day, at = self.cleaned_data.get("day"), self.cleaned_data.get("at")
        if day and at:
            if clock.is_left_out(day, at):
                self.add_error("at", "The clocks go forward over this time: choose an hour later")
            elif day > clock.today() + LONGEST_AHEAD:
                self.add_error("day", "Choose a day within a year")
            self.cleaned_data["leaves_at"] = datetime.combine(day, at, tzinfo=clock.LONDON)
        return self.cleaned_data


class NameForm(forms.Form):
    use_required_attribute = False
    name = forms.CharField(
        label="Your full name",
        max_length=150,
        help_text="As colleagues know you. It stands beside what you write.",
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": "Enter your name", "max_length": "Use 150 characters at most"},
    )


class CodeForm(forms.Form):
    use_required_attribute = False
    code = forms.CharField(
        label="One of these codes",
        max_length=20,
        help_text="Type one of them from your paper or file. It stays good.",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={"required": "Type one of the codes", "max_length": "A code is shorter than that"},
    )


class AgreementForm(forms.Form):
    use_required_attribute = False
    agreed = forms.BooleanField(
        label="I have read this and will keep to it",
        error_messages={"required": "Tick the box if you agree"},
    )

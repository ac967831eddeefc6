"""What staff type: a visit booked at the desk, another time, a search among messages."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from bookings.domain.availability import Slot
from bookings.domain.desk import moment
from bookings.forms import DetailsForm
from bookings.forms.trap import BOX, PASS
from bookings.models import Message
from clinic.core import clock
from clinic.patients.models import Patient

FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2100, 1, 1)


class DayField(forms.DateField):
    widget = forms.DateInput(attrs={"type": "date", "class": "w-10"}, format="%Y-%m-%d")

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            error_messages={"required": "Choose a day", "invalid": "Enter a day, for example 24/11/2026"}, **kwargs
        )

    def validate(self, value: Any) -> None:
        super().validate(value)
        if value and not FIRST_DAY <= value < LAST_DAY:
            raise ValidationError("Enter a day of this century", code="invalid")


class TimeField(forms.TimeField):
    widget = forms.TimeInput(attrs={"type": "time", "class": "w-10", "step": "300"}, format="%H:%M")

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            error_messages={"required": "Enter a time", "invalid": "Enter a time, for example 14:30"}, **kwargs
        )


def read_day(written: str | None) -> date | None:
    try:
        day = date.fromisoformat(written or "")
    except ValueError:
        return None
    return day if FIRST_DAY <= day < LAST_DAY else None


class AtForm(forms.Form):
    """A day and a time by hand. `cleaned_data["starts_at"]` is aware."""

    use_required_attribute = False
    day = DayField(label="Day")
    at = TimeField(label="Time")

    def clean(self) -> dict[str, Any]:
        answers: dict[str, Any] = super().clean() or {}
        if answers.get("day") and answers.get("at"):
            answers["starts_at"] = moment(answers["day"], answers["at"])
            if answers["starts_at"] is None:
                self.add_error("at", "The clocks go forward then: this time does not exist on that day")
        return answers


def slot_value(slot: Slot) -> str:
    """What a time's button or radio sends."""
    return f"{clock.local(slot.starts_at).isoformat()}|{slot.practitioner_slug}"


def read_slot(value: str) -> tuple[datetime, str] | None:
    written, _, slug = value.partition("|")
    try:
        starts_at = datetime.fromisoformat(written)
    except ValueError:
        return None
    if starts_at.tzinfo is None or not FIRST_DAY <= starts_at.date() < LAST_DAY or "\x00" in slug:
        return None
    return starts_at.astimezone(UTC), slug


class NewPatientForm(DetailsForm):
    """The patient's own form, asked by someone else."""

    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, asks_birthday=True, **kwargs)
        for name in ("note", BOX, PASS):
            del self.fields[name]
        self.fields["full_name"].error_messages["required"] = "Enter the patient's full name"
        hints = {
            "full_name": "",
            "email": "Without one, no confirmation or calendar file is sent by email",
            "phone": "Without a mobile number no text messages are sent",
        }
        for name, hint in hints.items():
            self.fields[name].help_text = hint
            self.fields[name].required = name == "full_name"
            self.fields[name].widget.attrs["autocomplete"] = "off"
        self.fields["phone"].label = "Telephone number"
        self.fields["contact_by"].label = "Reminders by"
        self.fields["contact_by"].help_text = ""
        channels = [("", "As on their record; both, if there is none"), *Patient.Channel.choices]
        self.fields["contact_by"].widget = forms.Select(choices=channels)
        self.fields["contact_by"].required, self.fields["contact_by"].initial = False, ""


class MessageSearchForm(forms.Form):
    use_required_attribute = False
    q = forms.CharField(label="Search", required=False, max_length=150, strip=True)
    state = forms.ChoiceField(label="State", required=False, choices=[("", "All states"), *Message.State.choices])
    day = DayField(label="Day", required=False)

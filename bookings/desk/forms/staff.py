"""A time typed by hand, and the details of a new patient. The visit booked at the desk: `booking`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django import forms

from bookings.desk.times import moment
from bookings.online.forms.details import DetailsForm
from bookings.online.forms.trap import BOX, PASS
from bookings.visits.slot import Slot
from clinic.core import clock
from clinic.core.date_fields import FIRST_DAY, LAST_DAY, DayField, TimeField
from clinic.patients.birthday_field import forget_birthdays
from clinic.patients.models import Patient


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
        self.fields["date_of_birth"].required = False
        forget_birthdays(self.fields["date_of_birth"])
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

    def say_that_the_birthday_comes_first(self) -> None:
        """For a treatment that is not booked without; the engine refuses it."""
        field = self.fields["date_of_birth"]
        field.required = True
        field.help_text = f"{field.help_text}. This treatment is not booked before it is known"

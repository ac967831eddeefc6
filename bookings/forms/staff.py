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
from bookings.models import Appointment, Message
from clinic.catalogue.models import Treatment
from clinic.core import clock
from clinic.patients.models import Patient
from clinic.practitioners.models import Practitioner

NEW = "new"
MOST_FOUND = 10
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


class DeskForm(forms.Form):
    """A visit booked by staff: everything but who it is for."""

    use_required_attribute = False
    treatment = forms.ModelChoiceField(
        queryset=Treatment.objects.filter(live=True),
        to_field_name="slug",
        empty_label="Choose a treatment",
        error_messages={"required": "Choose a treatment", "invalid_choice": "Choose one of the treatments"},
    )
    practitioner = forms.ModelChoiceField(
        queryset=Practitioner.objects.filter(live=True, is_bookable=True),
        to_field_name="slug",
        required=False,
        label="With",
        empty_label="Whoever is free",
        error_messages={"invalid_choice": "Choose one of the practitioners"},
    )
    day = DayField(label="Day")
    slot = forms.CharField(required=False, widget=forms.HiddenInput)
    at = TimeField(
        label="Another time",
        required=False,
        help_text="Outside the free times: choose with whom. Overlaps are refused.",
    )
    search = forms.CharField(
        label="Find a patient",
        required=False,
        max_length=150,
        help_text="Part of a name, an email address, a number or a birthday",
    )
    patient = forms.CharField(required=False, initial=NEW, widget=forms.HiddenInput)
    follows = forms.CharField(required=False, max_length=12, widget=forms.HiddenInput)
    note = forms.CharField(label="Note", required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 2}))

    def clean_patient(self) -> Patient | None:
        """None: someone new."""
        written = self.cleaned_data["patient"]
        if written in {"", NEW}:
            return None
        found = (
            Patient.objects.filter(pk=written).first() if written.isdecimal() and len(written) < MOST_FOUND else None
        )
        if found is None:
            raise ValidationError("Choose a patient from the list, or enter a new one", code="invalid")
        return found

    def clean_follows(self) -> Appointment | None:
        """The visit that this one follows; a reference that is none is as good as absent."""
        return Appointment.objects.standing().filter(reference=self.cleaned_data["follows"]).first()

    def clean(self) -> dict[str, Any]:
        answers: dict[str, Any] = super().clean() or {}
        if answers.get("at"):
            self._take_typed_time(answers)
        elif answers.get("slot"):
            self._take_slot(answers)
        elif not self.errors:
            self.add_error("at", "Choose a free time, or enter another")
        return answers

    def _take_typed_time(self, answers: dict[str, Any]) -> None:
        if not answers.get("day"):
            return
        answers["starts_at"] = moment(answers["day"], answers["at"])
        if answers["starts_at"] is None:
            self.add_error("at", "The clocks go forward then: this time does not exist on that day")
        elif not answers.get("practitioner") and "practitioner" not in self.errors:
            self.add_error("practitioner", "Choose who sees the patient at this time")

    def _take_slot(self, answers: dict[str, Any]) -> None:
        chosen = read_slot(answers["slot"])
        if chosen is None:
            self.add_error("at", "Choose the time again")
            return
        answers["starts_at"], slug = chosen
        answers["practitioner"] = Practitioner.objects.filter(slug=slug).first() or answers.get("practitioner")


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
        self.fields["contact_by"].widget = forms.Select(choices=Patient.Channel.choices)


class MessageSearchForm(forms.Form):
    use_required_attribute = False
    q = forms.CharField(label="Search", required=False, max_length=150, strip=True)
    state = forms.ChoiceField(label="State", required=False, choices=[("", "All states"), *Message.State.choices])
    day = DayField(label="Day", required=False)

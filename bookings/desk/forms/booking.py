"""Book a visit at the desk: what, when and for whom, with the time on the page as the time that is booked."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from bookings.desk.forms.age import adult_field
from bookings.desk.forms.staff import read_slot
from bookings.desk.times import moment
from bookings.visits.access import Reader, diaries_of, known_to, sees_all, visits_of
from bookings.visits.models import Appointment
from clinic.catalogue.models import Treatment
from clinic.core import clock
from clinic.core.date_fields import DayField, TimeField
from clinic.patients.models import Patient, PatientQuerySet
from clinic.practitioners.models import Practitioner

NEW, OTHER = "new", "other"
OWN_DIARY = "The desk can book with the others."
OWN_ONLY = "You can book into your own diary only. Ask {} or the desk to book this one."
NO_DIARY = "Your account has no diary to book into. Ask the owner to connect it with your profile."
MOST_FOUND = 10
LONGEST_REFERENCE = 12


def patients_called(reference: str, reader: Reader) -> PatientQuerySet:
    """The record of this reference, or the one it was merged into; or none, if `reader` may open it."""
    written = reference.replace("\x00", "")[:LONGEST_REFERENCE]
    return known_to(reader, Patient.objects.filter(reference=written).remaining())


class DeskForm(forms.Form):
    """A visit booked by staff: everything but who it is for.

    `slot` is the ticked time, or OTHER for the one typed in `at`. `times_for` and `at_was` tell what the page showed:
    for which treatment, person and day it listed times, and what stood in `at`. An answer that contradicts them is
    asked for again.
    """

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
    times_for = forms.CharField(required=False, widget=forms.HiddenInput)
    at = TimeField(
        label="Another time",
        required=False,
        help_text="Outside the free times: choose with whom. Overlaps are refused.",
    )
    at_was = forms.CharField(required=False, widget=forms.HiddenInput)
    search = forms.CharField(
        label="Find a patient",
        required=False,
        max_length=150,
        help_text="Part of a name, an email address, a number or a birthday",
    )
    patient = forms.CharField(required=False, initial=NEW, widget=forms.HiddenInput)
    is_adult = adult_field()
    follows = forms.CharField(required=False, max_length=12, widget=forms.HiddenInput)
    key = forms.UUIDField(required=False, initial=uuid.uuid4, widget=forms.HiddenInput)
    note = forms.CharField(label="Note", required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, data: Mapping[str, Any] | None = None, *, reader: Reader, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.reader, self.diaries = reader, diaries_of(reader)
        if not sees_all(reader):
            self._offer_own_diary()

    def _offer_own_diary(self) -> None:
        """Leave no choice but their own, and say to whom another's is open."""
        field = self.fields["practitioner"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 -- declared above
        field.queryset = Practitioner.objects.filter(live=True, is_bookable=True, pk__in=self.diaries)
        field.empty_label = None
        field.help_text = OWN_DIARY if self.diaries else NO_DIARY
        field.error_messages["invalid_choice"] = OWN_ONLY.format("them") if self.diaries else NO_DIARY

    def show(self, **values: str) -> None:
        """Put these values into the boxes, in place of what was sent."""
        if self.is_bound:
            self.data = {name: self.data[name] for name in self.data} | values
        self.initial = {**(self.initial or {}), **values}

    def ask_age_at_once(self) -> None:
        """Put the focus on the tick, which is all that the page still lacks."""
        self.fields["is_adult"].widget.attrs["autofocus"] = True

    def clean_patient(self) -> Patient | None:
        """None: someone new."""
        written = self.cleaned_data["patient"]
        if written in {"", NEW}:
            return None
        found = patients_called(written, self.reader).first()
        if found is None:
            raise ValidationError("Choose a patient from the list, or enter a new one", code="invalid")
        return found

    def clean_follows(self) -> Appointment | None:
        """The visit that this one follows; a reference that is none is as good as absent."""
        return visits_of(self.reader).standing().filter(reference=self.cleaned_data["follows"]).first()

    def clean(self) -> dict[str, Any]:
        answers: dict[str, Any] = super().clean() or {}
        ticked = answers.get("slot")
        if ticked and ticked != OTHER:
            self._take_slot(answers)
        elif answers.get("at"):
            self._take_typed_time(answers)
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
        practitioner = Practitioner.objects.filter(slug=chosen[1]).first() if chosen else None
        if chosen is None or practitioner is None:
            self.add_error("at", "Choose the time again")
        elif not self.diaries.filter(pk=practitioner.pk).exists():
            self.add_error("at", OWN_ONLY.format(practitioner.name) if self.diaries else NO_DIARY)
        elif self._typed_another(answers, f"{clock.local(chosen[0]):%H:%M}"):
            self.add_error("at", "You ticked a free time and typed another. Tick “Another time”, or empty this box")
        elif not self.errors and answers["times_for"] != times_for(**{name: answers.get(name) for name in SHOWN_FOR}):
            self.add_error("at", "The times shown were for another choice. Choose the time again")
        else:
            answers["starts_at"], answers["practitioner"] = chosen[0], practitioner

    def _typed_another(self, answers: dict[str, Any], ticked: str) -> bool:
        typed = f"{answers['at']:%H:%M}" if answers.get("at") else ""
        return typed not in {"", answers["at_was"], ticked}


SHOWN_FOR = ("treatment", "practitioner", "day")


def times_for(*, treatment: Treatment | None, practitioner: Practitioner | None, day: Any) -> str:
    """Name the question to which a list of free times is the answer."""
    return f"{treatment.slug if treatment else ''}|{practitioner.slug if practitioner else ''}|{day or ''}"

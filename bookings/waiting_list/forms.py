"""What would suit someone who waits for a time, and who they are."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms

from bookings.engine.eligibility import PatientDetails
from bookings.online.forms.choose import bookable_practitioners
from bookings.online.forms.details import DetailsForm
from bookings.online.forms.trap import BOX, PASS
from bookings.timetable.models.hours import Weekday
from bookings.waiting_list.models import DayPart
from clinic.catalogue.models import Treatment
from clinic.core.date_fields import DayField
from clinic.practitioners.models import Practitioner

PARTS = {
    DayPart.MORNING: "Morning, before midday",
    DayPart.AFTERNOON: "Afternoon, midday to 5pm",
    DayPart.EVENING: "Evening, from 5pm",
}
USUAL_WAIT = timedelta(days=30)
WISHES = ("practitioners", "first_day", "last_day", "weekdays", "parts")
PERSON = tuple(name for name in DetailsForm.base_fields if name not in {BOX, PASS})


class JoinForm(DetailsForm):
    """`wishes` and `details` give the answers as the waiting list takes them."""

    practitioners = forms.MultipleChoiceField(
        label="Who would you like to see?",
        required=False,
        help_text="Choose nobody if anyone will do",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "Choose one of these people"},
    )
    first_day = DayField(label="From which day?")
    last_day = DayField(label="Until which day?")
    weekdays = forms.TypedMultipleChoiceField(
        label="Which days of the week?",
        coerce=int,
        choices=Weekday.choices,
        initial=Weekday.values,
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "Choose at least one day of the week",
            "invalid_choice": "Choose from these days",
        },
    )
    parts = forms.MultipleChoiceField(
        label="Which times of day?",
        choices=list(PARTS.items()),
        initial=list(PARTS),
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "Choose at least one time of day",
            "invalid_choice": "Choose from these times of day",
        },
    )
    field_order = (*WISHES, *PERSON, BOX, PASS)

    def __init__(self, data: Any = None, *, treatment: Treatment, today: date, **kwargs: Any) -> None:
        super().__init__(data, asks_birthday=True, **kwargs)
        self._practitioners = {row.slug: row for row in bookable_practitioners(treatment)}
        self.fields["practitioners"].choices = [(slug, row.name) for slug, row in self._practitioners.items()]  # type: ignore[attr-defined]
        self.fields["first_day"].initial = today
        self.fields["last_day"].initial = today + USUAL_WAIT
        self.fields["phone"].help_text = "In case we need to reach you"
        self.fields["email"].help_text = "We write here when a time comes free"
        self.fields["contact_by"].label = "How shall we tell you?"

    def clean(self) -> dict[str, Any]:
        answers = super().clean()
        first, last = answers.get("first_day"), answers.get("last_day")
        if first and last and last < first:
            self.add_error("last_day", "The last day must not be before the first")
        return answers

    @property
    def wishes(self) -> dict[str, Any]:
        answers = self.cleaned_data
        chosen: list[Practitioner] = [self._practitioners[slug] for slug in answers["practitioners"]]
        return {
            **{name: answers[name] for name in WISHES},
            "practitioners": chosen,
            "weekdays": sorted(set(answers["weekdays"])),  # a form by hand may name one twice
            "parts": [part.value for part in PARTS if part in answers["parts"]],
        }

    @property
    def details(self) -> PatientDetails:
        return PatientDetails(**{name: self.cleaned_data[name] for name in PERSON})

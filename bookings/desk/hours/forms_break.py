"""A break of every week as typed."""

from __future__ import annotations

from typing import Any

from django import forms

from bookings.desk.hours.forms import EVERY, HoursForm
from bookings.timetable.edits import AddBreak, Edit
from bookings.timetable.models.hours import Weekday
from bookings.timetable.weeks import Weeks
from clinic.core.date_fields import DayField, TimeField


class BreakForm(HoursForm):
    """Lunch or another break that comes every week."""

    weekdays = forms.TypedMultipleChoiceField(
        label="On", coerce=int, choices=Weekday.choices, widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one day"},
    )  # fmt: skip
    starts = TimeField(label="From")
    ends = TimeField(label="To")
    reason = forms.CharField(label="Reason", max_length=60, required=False, initial="Lunch")
    day = DayField(label="First day")
    until = DayField(label="Last day", required=False, help_text="Empty: until you end it")
    every = forms.TypedChoiceField(
        label="Which weeks", coerce=int, choices=EVERY, initial=1, help_text="Counted from the week of the first day"
    )

    def clean(self) -> dict[str, Any]:
        answers = super().clean()
        if answers.get("starts") and answers.get("ends") and answers["ends"] <= answers["starts"]:
            self.add_error("ends", "The end must be after the start")
        if not self.errors:
            weeks = Weeks(answers["day"], answers["until"], answers["every"])
            answers["change"] = self.change_of_weeks(
                self.edit(answers, weeks), weeks, f"break: {answers['reason'] or 'no reason given'}"
            )
        return answers

    def edit(self, answers: dict[str, Any], weeks: Weeks) -> Edit:
        return self.break_of(answers, weeks)

    def break_of(self, answers: dict[str, Any], weeks: Weeks) -> AddBreak:
        return AddBreak(
            practitioner_id=self.practitioner.pk if self.practitioner else None,
            weekdays=tuple(answers["weekdays"]),
            starts_at=answers["starts"],
            ends_at=answers["ends"],
            reason=answers["reason"],
            weeks=weeks,
        )

"""What is asked of someone's age at the desk: the date of birth, or what they say."""

from __future__ import annotations

from django import forms

from bookings.visits.models.age_said import SAID_AT_LEAST, AgeQuestion
from clinic.patients.birthday_field import SplitDateField

ASKED = {AgeQuestion.WORD: "is_adult", AgeQuestion.BIRTHDAY: "date_of_birth"}


def adult_field() -> forms.BooleanField:
    return forms.BooleanField(
        label=f"They say they are {SAID_AT_LEAST} or over",
        required=False,
        help_text="If the date of birth is not known yet: it is asked before the visit starts.",
    )


class BirthdayForm(forms.Form):
    """For a patient who was booked without one."""

    use_required_attribute = False
    date_of_birth = SplitDateField(
        what="Date of birth",
        is_own=False,
        label="Date of birth",
        help_text="For example, 27 3 1984",
        error_messages={"required": "Enter the patient's date of birth"},
    )

    def take_focus(self) -> None:
        self.fields["date_of_birth"].widget.widgets[0].attrs["autofocus"] = True


class AgeForm(BirthdayForm):
    """The one question that a booking needs, on a page with several such forms: `number` tells them apart."""

    is_adult = adult_field()

    def __init__(self, question: AgeQuestion, *, number: int, takes_focus: bool) -> None:
        super().__init__(auto_id=f"id_%s-{number}")
        self.fields["is_adult"].help_text = "The date of birth is asked before the visit starts."
        self.fields = {name: field for name, field in self.fields.items() if name == ASKED.get(question)}
        for field in self.fields.values():
            boxes = getattr(field.widget, "widgets", [field.widget])
            for box in boxes:  # the browser asks for it on the spot: a refusal opens the page of the whole booking
                box.attrs["required"] = True
            boxes[0].attrs |= {"autofocus": True} if takes_focus else {}

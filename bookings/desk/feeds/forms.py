from __future__ import annotations

from typing import Any

from django import forms

from bookings.desk.feeds.models import CalendarFeed


class FeedForm(forms.Form):
    """Without the owner's leave there is nothing to choose: a feed tells times only."""

    use_required_attribute = False
    name = forms.CharField(
        label="Name",
        max_length=60,
        help_text="Which calendar reads it, such as “Phone” or “Home”.",
        error_messages={"required": "Enter a name", "max_length": "Use 60 characters at most"},
    )
    detail = forms.ChoiceField(
        label="What it shows",
        choices=CalendarFeed.Detail.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what it shows", "invalid_choice": "Choose from the list"},
    )

    def __init__(self, *args: Any, may_name_patients: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["detail"].initial = CalendarFeed.Detail.TIMES
        if not may_name_patients:
            del self.fields["detail"]

    @property
    def detail_chosen(self) -> str:
        return str(self.cleaned_data.get("detail", CalendarFeed.Detail.TIMES))

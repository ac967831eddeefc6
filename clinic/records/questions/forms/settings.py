"""What is said of a questionnaire as a whole, its pages, and the file it may come from."""

from __future__ import annotations

from typing import Any

from django import forms

from clinic.records.questions.content.strict_json import LARGEST
from clinic.records.questions.models import Questionnaire


class SettingsForm(forms.ModelForm[Questionnaire]):
    use_required_attribute = False

    class Meta:
        model = Questionnaire
        fields = ["title", "audience", "valid_months", "instrument", "licence_note"]
        labels = {
            "title": "Title, for staff",
            "audience": "Who answers it",
            "valid_months": "Answers hold for (months)",
            "instrument": "Named instrument, if it is one",
            "licence_note": "By which licence you use it",
        }
        help_texts = {
            "valid_months": "1 to 24. Within them a patient is asked whether last time’s answers are still right.",
            "instrument": "A published questionnaire with a name. Blank for questions of your own.",
        }
        widgets = {"audience": forms.RadioSelect}
        error_messages = {
            "title": {"required": "Enter a title"},
            "valid_months": {"required": "Enter a number of months", "invalid": "Enter a number of months"},
        }

    def clean(self) -> dict[str, Any]:
        answers: dict[str, Any] = super().clean() or {}
        if answers.get("instrument") and not answers.get("licence_note"):
            self.add_error("licence_note", "Say by which licence you use this instrument")
        return answers


class PageForm(forms.Form):
    use_required_attribute = False
    title = forms.CharField(
        label="Title of the page", max_length=300, error_messages={"required": "Enter a title for the page"}
    )


class ImportForm(forms.Form):
    use_required_attribute = False
    file = forms.FileField(label="File", error_messages={"required": "Choose a file", "empty": "The file is empty"})

    def clean_file(self) -> bytes:
        uploaded = self.cleaned_data["file"]
        raw: bytes = uploaded.read(LARGEST + 1)
        return raw

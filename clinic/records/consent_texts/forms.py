from __future__ import annotations

from typing import Any

from django import forms

from clinic.catalogue.models import Treatment
from clinic.records.consent_texts.content import HEADINGS, MAY_BE_EMPTY, compose, text_of

LONGEST_TEXT, LONGEST_LINE, MOST_LINES = 8000, 300, 40
MATERIAL = {
    "yes": "It matters: ask everyone again. Consents to the versions before lapse when this one is approved.",
    "no": "Wording only: consents to the versions before still count.",
}


class Lines(forms.CharField):
    """One a line."""

    widget = forms.Textarea(attrs={"rows": 8})

    def clean(self, value: Any) -> list[str]:  # type: ignore[override]  # a list of what was typed in one box
        lines = [line.strip() for line in super().clean(value).splitlines() if line.strip()]
        if len(lines) > MOST_LINES:
            raise forms.ValidationError(f"{MOST_LINES} lines at most; this has {len(lines)}")
        if too_long := [line for line in lines if len(line) > LONGEST_LINE]:
            raise forms.ValidationError(f"{LONGEST_LINE} letters a line at most: “{too_long[0][:40]}…” is longer")
        return lines


class NewDocumentForm(forms.Form):
    use_required_attribute = False
    name = forms.CharField(
        label="Name, for the team",
        max_length=80,
        help_text="Such as the family of treatments that it is for",
        error_messages={"required": "Enter a name"},
    )


class VersionForm(forms.Form):
    """All of a version on one page; nothing but the title has to be filled in before it is saved."""

    use_required_attribute = False
    title = forms.CharField(
        label="Title, as patients read it", max_length=120, error_messages={"required": "Enter a title"}
    )
    risks = Lines(label="Risks to point out", help_text="One a line", required=False)
    statements = Lines(
        label="Statements that patients tick one by one", help_text="One a line, beginning with “I”", required=False
    )
    is_material = forms.ChoiceField(
        label="How much does this change?",
        choices=list(MATERIAL.items()),
        widget=forms.RadioSelect,
        error_messages={"required": "Choose how much this changes"},
    )
    treatments = forms.ModelMultipleChoiceField(
        label="Treatments that ask for it",
        queryset=Treatment.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["treatments"].queryset = Treatment.objects.order_by("name")  # type: ignore[attr-defined]
        last = {name: self.fields.pop(name) for name in ("risks", "statements", "is_material", "treatments")}
        for key, heading in HEADINGS.items():
            self.fields[key] = forms.CharField(
                label=heading,
                required=False,
                max_length=LONGEST_TEXT,
                widget=forms.Textarea(attrs={"rows": 6}),
                help_text="Leave empty if nothing is used so" if key in MAY_BE_EMPTY else "",
            )
        self.fields.update(last)

    @classmethod
    def values_of(cls, content: dict[str, Any]) -> dict[str, Any]:
        """What the boxes show of a version."""
        texts = {key: text_of(content, key) for key in HEADINGS}
        return {
            "title": content["title"],
            "risks": "\n".join(content["risks"]),
            "statements": "\n".join(content["statements"]),
            **texts,
        }

    def content(self, note: str = "") -> dict[str, Any]:
        values = self.cleaned_data
        texts = {key: values[key].replace("\r\n", "\n").strip() for key in HEADINGS}
        return compose(values["title"], texts, values["risks"], values["statements"], note)

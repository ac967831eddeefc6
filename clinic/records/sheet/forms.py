from __future__ import annotations

import uuid

from django import forms

from clinic.records.entries.corrections import LONGEST
from clinic.records.reading.models.glass import LEAST_REASON
from clinic.records.reading.models.glass import LONGEST as LONGEST_REASON


def _text(label: str, *, rows: int = 4, longest: int = LONGEST, missing: str, hint: str = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=longest,
        help_text=hint,
        widget=forms.Textarea(attrs={"rows": rows, "autocomplete": "off"}),
        error_messages={"required": missing, "max_length": f"{longest:,} letters at most"},
    )


class NoteForm(forms.Form):
    """A note of a visit; `version` is that of the draft which the page showed."""

    use_required_attribute = False
    text = _text("Note", rows=6, missing="Write the note")
    version = forms.IntegerField(required=False, initial=0, widget=forms.HiddenInput)


class AdditionForm(forms.Form):
    use_required_attribute = False
    text = _text("What you want to add", missing="Write what you want to add")


class StrikeForm(forms.Form):
    use_required_attribute = False
    text = _text(
        "What was wrong with it",
        rows=2,
        longest=500,
        missing="Say what was wrong with it",
        hint="The entry stays readable, struck through, with this reason. It counts for nothing any more.",
    )


class GlassForm(forms.Form):
    """`token` is the form's own, so that sending it again opens the record once."""

    use_required_attribute = False
    reason = forms.CharField(
        label="Why you have to open it",
        min_length=LEAST_REASON,
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off"}),
        error_messages={
            "required": "Say why you have to open this record",
            "min_length": f"Say it in {LEAST_REASON} letters or more",
        },
    )
    token = forms.UUIDField(initial=uuid.uuid4, widget=forms.HiddenInput)


class ReviewForm(forms.Form):
    use_required_attribute = False
    was_right = forms.TypedChoiceField(
        label="Was it in order?",
        choices=[("yes", "Yes"), ("no", "No")],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
        error_messages={"required": "Say whether it was in order"},
    )
    finding = forms.CharField(
        label="What you found",
        required=False,
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

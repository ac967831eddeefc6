"""What a practitioner decides on each flag."""

from __future__ import annotations

from typing import Any

from django import forms

from clinic.records.answering.reviewing.flags import CLEARED, LEAST_REASON, STANDS, Raised

LONGEST_REASON = 500
CHOICES = [(CLEARED, "Cleared, because"), (STANDS, "It stands: we do not start today")]


class FlagsForm(forms.Form):
    """Two fields a flag that a practitioner may clear; `version` and `after` are of what the page showed."""

    use_required_attribute = False
    version = forms.IntegerField(required=False, initial=0, widget=forms.HiddenInput)
    after = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, flags: list[Raised], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.flags = flags
        for one in self._clearable():
            self.fields[f"does_{one.flag.rule}"] = forms.ChoiceField(
                label=one.flag.to_staff,
                choices=CHOICES,
                widget=forms.RadioSelect,
                error_messages={
                    "required": "Say whether it is cleared or stands",
                    "invalid_choice": "Choose one of the two",
                },
            )
            self.fields[f"why_{one.flag.rule}"] = forms.CharField(
                label="Why it is cleared",
                required=False,
                max_length=LONGEST_REASON,
                widget=forms.Textarea(attrs={"rows": 2, "autocomplete": "off"}),
                error_messages={"max_length": f"{LONGEST_REASON} letters at most"},
            )

    def rows(self) -> list[tuple[Raised, forms.BoundField | None, forms.BoundField | None]]:
        """Each flag with its fields; without, where nobody may clear it."""
        return [(one, self._field("does", one), self._field("why", one)) for one in self.flags]

    def clean(self) -> dict[str, Any]:
        for one in self._clearable():
            why = self.cleaned_data.get(f"why_{one.flag.rule}", "")
            if self.cleaned_data.get(f"does_{one.flag.rule}") == CLEARED and len(why) < LEAST_REASON:
                self.add_error(f"why_{one.flag.rule}", f"Say why, in {LEAST_REASON} letters or more")
        return self.cleaned_data

    def typed(self) -> dict[str, str]:
        """What was sent of each field, valid or not."""
        return {name: self[name].value() or "" for name in self.fields if name not in {"version", "after"}}

    def decided(self) -> list[dict[str, str]]:
        """What is signed of each flag."""
        said = self.cleaned_data
        return [
            {
                "rule": one.flag.rule,
                "to_staff": one.flag.to_staff,
                "effect": one.flag.effect,
                "came_to": said.get(f"does_{one.flag.rule}", STANDS),
                "why": said.get(f"why_{one.flag.rule}", "")
                if said.get(f"does_{one.flag.rule}") == CLEARED
                else one.why_not,
            }
            for one in self.flags
        ]

    def _clearable(self) -> list[Raised]:
        return [one for one in self.flags if not one.why_not]

    def _field(self, what: str, one: Raised) -> forms.BoundField | None:
        name = f"{what}_{one.flag.rule}"
        return self[name] if name in self.fields else None

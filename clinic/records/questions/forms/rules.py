"""A rule that raises a flag, and a score that sums scales, as the owner writes them."""

from __future__ import annotations

from typing import Any

from django import forms

from clinic.catalogue.models import Treatment
from clinic.records.questions.arranging import free_key, keys
from clinic.records.questions.content.families import Family
from clinic.records.questions.content.shapes import CLEARED_BY, EFFECTS, Condition, Content, Rule, Score
from clinic.records.questions.forms.conditions import WithCondition

MISSING = {"required": "Choose one", "invalid_choice": "Choose one of the list"}


class RuleForm(WithCondition):
    use_required_attribute = False
    condition_title = "Raise the flag when"
    to_staff = forms.CharField(
        label="What staff read",
        max_length=300,
        help_text="Short, such as “Takes blood thinners”.",
        error_messages={"required": "Write what staff read"},
    )
    to_patient = forms.CharField(
        label="What the patient reads, if anything",
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="It stands on the page after they have sent their answers.",
    )
    effect = forms.ChoiceField(
        label="What it does", choices=list(EFFECTS.items()), widget=forms.RadioSelect, error_messages=MISSING
    )
    clear_by = forms.ChoiceField(
        label="Who may clear it", choices=list(CLEARED_BY.items()), widget=forms.RadioSelect, error_messages=MISSING
    )
    applies_to = forms.MultipleChoiceField(
        label="For which treatments",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="None ticked: for all of them.",
        error_messages={"invalid_choice": "Choose from the list"},
    )

    def __init__(self, data: Any = None, *, content: Content, rule: Rule | None = None) -> None:
        known = {name: getattr(rule, name) for name in ("to_staff", "to_patient", "effect", "clear_by")} if rule else {}
        super().__init__(data, initial=known | ({"applies_to": list(rule.applies_to)} if rule else {}))
        self.content, self.rule = content, rule
        self.fields["applies_to"].choices = _families(rule)  # type: ignore[attr-defined]
        self.add_condition(content.questions(), content.scores, known=rule.when if rule else None, takes_facts=True)

    def clean(self) -> dict[str, Any]:
        answers: dict[str, Any] = super().clean() or {}
        self.read_condition(answers)
        if self.condition is None and not self.errors:
            self.add_error("about_1", "Choose what the rule looks at")
        return answers

    def made(self) -> Rule:
        values = self.cleaned_data
        name = self.rule.id if self.rule else free_key(values["to_staff"], [one.id for one in self.content.rules])
        return Rule(
            id=name,
            when=self.condition or Condition(()),
            effect=values["effect"],
            clear_by=values["clear_by"],
            to_staff=values["to_staff"],
            to_patient=values["to_patient"],
            applies_to=tuple(values["applies_to"]),
        )


class ScoreForm(forms.Form):
    use_required_attribute = False
    text = forms.CharField(label="What it is called", max_length=300, error_messages={"required": "Name the score"})
    of = forms.MultipleChoiceField(
        label="The scales that it sums",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one scale", "invalid_choice": "Choose from the list"},
    )

    def __init__(self, data: Any = None, *, content: Content, score: Score | None = None) -> None:
        super().__init__(data, initial={"text": score.text, "of": list(score.of)} if score else {})
        self.content, self.score = content, score
        scales = [(one.key, one.text) for one in content.questions() if one.type == "scale"]
        self.fields["of"].choices = scales  # type: ignore[attr-defined]

    def made(self) -> Score:
        values = self.cleaned_data
        key = self.score.key if self.score else free_key(values["text"], keys(self.content))
        return Score(key, values["text"], tuple(values["of"]))


def _families(rule: Rule | None) -> list[tuple[str, str]]:
    """Product families, then treatments; and whatever else the rule names already."""
    found = dict(Family.choices) | dict(Treatment.objects.values_list("slug", "name"))
    return [*found.items(), *((name, name) for name in (rule.applies_to if rule else ()) if name not in found)]

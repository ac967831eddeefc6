"""One question, as the owner writes it. Which boxes there are depends on its type."""

from __future__ import annotations

import re
from typing import Any

from django import forms

from clinic.records.questions.arranging import free_key, keys
from clinic.records.questions.content.numbers import as_number
from clinic.records.questions.content.shapes import OF_A_LIST, TYPES, YES_OR_NO, Content, Option, Question
from clinic.records.questions.forms.conditions import WithCondition

OPTION = re.compile(r"\s*(?:([a-z0-9][a-z0-9_]{0,39})\s*\|)?\s*(\S.*?)\s*", re.ASCII)
LONG, LONGER = 300, 1000


class TypeForm(forms.Form):
    use_required_attribute = False
    type = forms.ChoiceField(
        label="What kind of answer?",
        choices=list(TYPES.items()),
        widget=forms.RadioSelect,
        error_messages={"required": "Choose the kind of answer", "invalid_choice": "Choose one of the list"},
    )


class QuestionForm(WithCondition):
    use_required_attribute = False
    condition_title = "Ask it only when"
    condition_hint = "All lines blank: it is always asked. Only questions that stand before it can be chosen."
    text = forms.CharField(
        label="Question",
        max_length=LONGER,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "Write the question"},
    )
    hint = forms.CharField(
        label="Hint below it", required=False, max_length=LONGER, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, data: Any = None, *, content: Content, question: Question | None = None, type: str = "") -> None:  # noqa: A002 -- as the question has it
        super().__init__(data, initial=_initial(question))
        self.content, self.question = content, question
        self.type = question.type if question else type
        self._add_boxes()
        if self.type == "info":
            self.fields["text"].label = "Text"
        else:
            self.fields["required"] = forms.BooleanField(label="It must be answered", required=False)
            self.fields["ask_again"] = forms.BooleanField(
                label="Ask it blank each time", required=False, help_text="Last time’s answer is never offered."
            )
        known = list(content.questions())
        if question:
            known = known[: next(number for number, one in enumerate(known) if one.key == question.key)]
        self.add_condition(known, known=question.shown_when if question else None)

    def _add_boxes(self) -> None:
        if self.type in OF_A_LIST:
            none = " “None of these” is added by itself." if self.type == "multi" else ""
            self.fields["options"] = forms.CharField(
                label="Options, one a line",
                widget=forms.Textarea(attrs={"rows": 6}),
                help_text=f"The short name before | stays when you change the words behind it.{none}",
                error_messages={"required": "Write at least one option"},
            )
        if self.type in YES_OR_NO:
            self.fields["detail"] = forms.CharField(
                label="Words of a box that opens under Yes", required=False, max_length=LONG
            )
        if self.type in {"number", "scale"}:
            is_scale = self.type == "scale"
            self.fields["minimum"] = forms.CharField(label="From", required=is_scale, max_length=12)
            self.fields["maximum"] = forms.CharField(label="To", required=is_scale, max_length=12)
            names = (("low", "The lowest means"), ("high", "The highest means")) if is_scale else (("unit", "Unit"),)
            for name, label in names:
                self.fields[name] = forms.CharField(label=label, required=False, max_length=60 if is_scale else 20)

    def clean_minimum(self) -> str:
        return self._number("minimum")

    def clean_maximum(self) -> str:
        return self._number("maximum")

    def clean_options(self) -> tuple[Option, ...]:
        found: list[Option] = []
        for line in self.cleaned_data["options"].splitlines():
            if match := OPTION.fullmatch(line):
                value = match[1] or free_key(match[2], [one.value for one in found]).removeprefix("q_")
                found.append(Option(value, match[2]))
        if len({one.value for one in found}) < len(found):
            raise forms.ValidationError("Two options have the same short name before |")
        if any(len(one.text) > LONG for one in found):
            raise forms.ValidationError(f"An option has {LONG} letters at most")
        return tuple(found)

    def clean(self) -> dict[str, Any]:
        answers: dict[str, Any] = super().clean() or {}
        self.read_condition(answers)
        return answers

    def made(self) -> Question:
        """The question as it was written; its key stays, or is made of its words."""
        values = self.cleaned_data
        key = self.question.key if self.question else free_key(values["text"], keys(self.content))
        names = ("text", "hint", "detail", "minimum", "maximum", "unit", "low", "high")
        return Question(
            key=key,
            type=self.type,
            required=values.get("required", False),
            ask_again=values.get("ask_again", False),
            options=values.get("options", ()),
            shown_when=self.condition,
            **{name: values.get(name, "") for name in names},
        )

    def _number(self, name: str) -> str:
        typed = str(self.cleaned_data[name]).strip().replace(",", ".")
        if typed and as_number(typed) is None:
            raise forms.ValidationError("Enter a number")
        return typed


def _initial(question: Question | None) -> dict[str, Any]:
    if question is None:
        return {}
    names = ("text", "hint", "detail", "minimum", "maximum", "unit", "low", "high", "required", "ask_again")
    options = "\n".join(f"{one.value} | {one.text}" for one in question.options)
    return {name: getattr(question, name) for name in names} | {"options": options}

"""What the owner types of one treatment."""

from __future__ import annotations

from typing import Any

from django import forms

from clinic.records.needs.models import Cosign, RecordKind, TreatmentRules
from clinic.records.questions.content.families import Family
from clinic.records.questions.models import Questionnaire

CHOOSE = {"required": "Choose one", "invalid_choice": "Choose from the list"}


class RulesForm(forms.Form):
    use_required_attribute = False
    record_kind = forms.ChoiceField(
        label="What is signed before a visit is completed",
        choices=RecordKind.choices,
        widget=forms.RadioSelect,
        error_messages=CHOOSE,
    )
    families = forms.MultipleChoiceField(
        label="Products that it uses",
        choices=Family.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Answers that speak against a product then speak against this treatment.",
        error_messages=CHOOSE,
    )
    assessment_valid_days = forms.IntegerField(
        label="An assessment counts for (days)",
        min_value=1,
        max_value=730,
        help_text="After that a new one is needed. The time to think before it is set with the treatment.",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "size": 4}),
        error_messages={
            "required": "Enter a number of days",
            "invalid": "Enter a whole number, such as 180",
            "min_value": "Enter 1 or more",
            "max_value": "Enter 730 or less",
        },
    )
    questionnaires = forms.ModelMultipleChoiceField(
        label="Questions before the visit",
        queryset=Questionnaire.objects.filter(audience=Questionnaire.Audience.PATIENT).order_by("title"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Asked of whoever books, once a practitioner has approved them.",
        error_messages={"invalid_choice": "Choose from the list", "invalid_pk_value": "Choose from the list"},
    )
    needs_identity_check = forms.BooleanField(
        label="Identity is seen before the first visit",
        required=False,
        help_text="Which document was shown, and to whom. Nothing is copied.",
    )
    cosign = forms.ChoiceField(
        label="A second practitioner signs",
        choices=Cosign.choices,
        widget=forms.RadioSelect,
        error_messages=CHOOSE,
    )

    @classmethod
    def of(cls, rules: TreatmentRules, data: Any = None) -> RulesForm:
        initial = {name: getattr(rules, name) for name in cls.base_fields if name != "questionnaires"}
        return cls(data, initial={**initial, "questionnaires": [one.pk for one in rules.questionnaires.all()]})

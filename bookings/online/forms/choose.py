"""The first questions: what is booked, with whom, and where the law asks it, the birthday."""

from __future__ import annotations

from collections.abc import Callable
from itertools import groupby
from typing import Any

from django import forms
from django.db.models import QuerySet

from bookings.online.forms.choice_cards import Card, ChoiceCards
from bookings.online.forms.details import BIRTHDAY_HINT
from clinic.catalogue.models import Treatment
from clinic.patients.birthday_field import SplitDateField
from clinic.practitioners.models import Practitioner

ANY = "any"
RETURNING = "For people who have been here before"


AFTER = "After a consultation with us. New here? Begin with one of those above"


class ChooseForm(forms.Form):
    """What for, with whom, and where the treatment asks for it the date of birth: only what is not known yet."""

    use_required_attribute = False
    treatment = forms.ChoiceField(
        label="What would you like to come in for?",
        widget=ChoiceCards,
        error_messages={
            "required": "Choose what you would like to come in for",
            "invalid_choice": "That can't be booked online at the moment. Choose one of these, or call us",
        },
    )
    who = forms.ChoiceField(
        label="Who would you like to see?",
        widget=ChoiceCards,
        error_messages={
            "required": "Choose who you would like to see, or first available",
            "invalid_choice": "They don't take bookings online at the moment. Choose someone else, or first available",
        },
    )
    date_of_birth = SplitDateField(
        what="Date of birth",
        label="What is your date of birth?",
        help_text=f"We have to ask before we keep a time for this visit. {BIRTHDAY_HINT}",
    )

    def __init__(
        self,
        data: Any = None,
        *,
        known: Treatment | None,
        asks: frozenset[str],
        opened: Callable[[list[Treatment]], frozenset[int]] = lambda _: frozenset(),
        **kwargs: Any,
    ) -> None:
        super().__init__(data, **kwargs)
        self.known = known
        for name in set(self.fields) - asks:
            del self.fields[name]
        if "treatment" in asks:
            self._treatments = {row.slug: row for row in Treatment.objects.bookable_online().select_related("category")}
            rows = list(self._treatments.values())
            self.fields["treatment"].choices = _treatment_cards(rows, opened(rows))  # type: ignore[attr-defined]
        if "who" in asks:
            offered = None if "treatment" in asks else known
            self.fields["who"].choices = _practitioner_cards(bookable_practitioners(offered))  # type: ignore[attr-defined]

    def clean_treatment(self) -> Treatment:
        return self._treatments[self.cleaned_data["treatment"]]

    def clean(self) -> dict[str, Any]:
        answers: dict[str, Any] = self.cleaned_data
        treatment = answers.get("treatment") or self.known
        who = answers.get("who")
        if treatment and who and who != ANY:
            _refuse_if_not_offered(self, treatment, who)
        return answers


def _refuse_if_not_offered(form: ChooseForm, treatment: Treatment, who: str) -> None:
    names = {row.slug: row.name for row in bookable_practitioners(treatment)}
    if who not in names:
        others = ", ".join(names.values())
        form.add_error(
            "who", f"They don't see people for this. Choose first available{f' or {others}' if others else ''}"
        )


def _treatment_cards(treatments: list[Treatment], opened: frozenset[int]) -> list[Any]:
    """By category; what this visitor is not known to have a right to comes last, and says what comes before it."""
    shut = [row for row in treatments if row.is_gated and row.pk not in opened]
    gated = [row for row in shut if row.requires_consultation]
    returning = [row for row in shut if row not in gated]
    direct = [row for row in treatments if row not in shut]
    groups = [(str(category), list(rows)) for category, rows in groupby(direct, key=lambda row: row.category)]
    return [
        (name, [(row.slug, _treatment_card(row)) for row in rows])
        for name, rows in [*groups, (RETURNING, returning), (AFTER, gated)]
        if rows
    ]


def _treatment_card(treatment: Treatment) -> Card:
    about = " · ".join(filter(None, [f"{treatment.duration_minutes} minutes", treatment.summary]))
    return Card(treatment.name, about, treatment.price_in_words)


def _practitioner_cards(practitioners: QuerySet[Practitioner]) -> list[tuple[str, Card]]:
    first = (ANY, Card("First available", "Whoever can see you soonest"))
    return [first, *((row.slug, Card(row.name, row.job_title)) for row in practitioners)]


def bookable_practitioners(treatment: Treatment | None) -> QuerySet[Practitioner]:
    """Who can be booked for `treatment`, or for anything that is booked online."""
    if treatment:
        return Practitioner.objects.bookable_for(treatment)
    offered = Treatment.objects.bookable_online()
    return Practitioner.objects.public().filter(is_bookable=True, offered__treatment__in=offered).distinct()

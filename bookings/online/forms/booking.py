"""What a patient types on the way to a booking."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from bookings.messages.planning.reach import why_no_texts
from bookings.online.forms.choice_cards import Card, ChoiceCards
from bookings.online.forms.email_question import EmailQuestionMixin
from bookings.online.forms.trap import BOX, PASS, TrapMixin
from clinic.catalogue.models import Treatment
from clinic.patients import validation
from clinic.patients.birthday_field import SplitDateField
from clinic.patients.models import Patient
from clinic.practitioners.models import Practitioner

ANY = "any"
YEARS = range(2000, 2200)
RETURNING = "For people who have been here before"
AFTER = "After a consultation with us. New here? Begin with one of those above"
BIRTHDAY_HINT = "For example, 27 3 1984"


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


def bookable_practitioners(treatment: Treatment | None) -> QuerySet[Practitioner]:
    """Who can be booked for `treatment`, or for anything that is booked online."""
    if treatment:
        return Practitioner.objects.bookable_for(treatment)
    offered = Treatment.objects.bookable_online()
    return Practitioner.objects.public().filter(is_bookable=True, offered__treatment__in=offered).distinct()


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


@dataclass(frozen=True, slots=True)
class ChosenTime:
    """`starts_at` is aware; `practitioner` is a slug, or empty for whoever is free."""

    starts_at: datetime
    practitioner: str


def read_time(value: str) -> ChosenTime | None:
    """A time as its button carries it, "2026-11-24T10:15:00+00:00|slug"; None for anything else.

    The offset keeps the two half past ones of the night the clocks go back apart.
    """
    written, _, slug = value.partition("|")
    try:
        starts_at = datetime.fromisoformat(written)
    except ValueError:
        return None
    if starts_at.tzinfo is None or starts_at.year not in YEARS:
        return None
    return ChosenTime(starts_at.astimezone(UTC), slug if slug.replace("-", "").replace("_", "").isalnum() else "")


class DetailsForm(EmailQuestionMixin, TrapMixin):
    """Who is coming, and how to reach them."""

    use_required_attribute = False
    full_name = forms.CharField(
        label="Full name",
        max_length=validation.LONGEST_NAME,
        widget=forms.TextInput(attrs={"autocomplete": "name", "spellcheck": "false"}),
        error_messages={"required": "Enter your full name", "max_length": "Full name must be 150 letters or fewer"},
    )
    email = forms.EmailField(
        label="Email address",
        max_length=validation.LONGEST_EMAIL,
        help_text="We send the confirmation and the link to change your visit here",
        widget=forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false"}),
        error_messages={
            "required": "Enter your email address",
            "invalid": validation.BAD_EMAIL,
            "max_length": "Email address must be 254 letters or fewer",
        },
    )
    phone = forms.CharField(
        label="Mobile number",
        max_length=validation.LONGEST_PHONE,
        help_text="In case we need to reach you about this visit",
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
        error_messages={
            "required": "Enter your mobile number",
            "max_length": validation.BAD_PHONE,
        },
    )
    date_of_birth = SplitDateField(what="Date of birth", label="Date of birth", help_text=BIRTHDAY_HINT)
    contact_by = forms.ChoiceField(
        label="How shall we remind you?",
        choices=Patient.Channel.choices,
        initial=Patient.Channel.BOTH,
        widget=ChoiceCards,
        help_text="Text messages reach mobile numbers only",
        error_messages={"required": "Choose how we should remind you", "invalid_choice": "Choose one of these"},
    )
    note = forms.CharField(
        label="Anything that would help us on the day?",
        required=False,
        max_length=1000,
        help_text="Access needs, for example. Please don't include medical details here",
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"max_length": "The note must be 1,000 letters or fewer"},
    )

    def __init__(self, data: Any = None, *, asks_birthday: bool, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        if not asks_birthday:
            del self.fields["date_of_birth"]

    def clean_full_name(self) -> str:
        return validation.name(self.cleaned_data["full_name"])

    def clean_phone(self) -> str:
        written = self.cleaned_data["phone"]
        return validation.phone(written) if written else ""

    def clean_contact_by(self) -> str:
        """Texts alone are no way to reach a number that takes none, while there is an address."""
        chosen: str = self.cleaned_data["contact_by"]
        phone = self.cleaned_data.get("phone", "")
        if chosen == Patient.Channel.SMS and self.cleaned_data.get("email") and (reason := why_no_texts(phone)):
            raise ValidationError(f"{reason}. Choose email, or give a mobile number", code="no_texts")
        return chosen

    def as_typed(self) -> dict[str, Any]:
        """What stands in the boxes, right or wrong, to show them again without judging."""
        return {box.name: box.value() for box in self if box.name not in {BOX, PASS}}


class BookingDetailsForm(DetailsForm):
    """Of whoever books online herself: the box for invitations is marketing, so never ticked for her (PECR reg. 22)."""

    marketing_opt_in = forms.BooleanField(
        label="Email me now and then when it may be time to come again",
        required=False,
        help_text="Only if you would like that: your visit does not depend on it. Each of these emails has a link "
        "that stops them.",
    )


class TermsForm(forms.Form):
    use_required_attribute = False
    accept_terms = forms.BooleanField(
        label="I agree to these terms, and ask for my visit on this day",
        error_messages={"required": "Tick the box to say that you agree to the terms"},
    )


class FindVisitForm(forms.Form):
    use_required_attribute = False
    email = forms.EmailField(
        label="Email address",
        max_length=254,
        help_text="The one you gave when you booked",
        widget=forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false"}),
        error_messages={
            "required": "Enter your email address",
            "invalid": validation.BAD_EMAIL,
        },
    )

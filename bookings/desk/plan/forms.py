"""What time is to be blocked, as typed; and what is to become of the visits in the way, as chosen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import time, timedelta
from typing import Any

from django import forms
from django.http import QueryDict

from bookings.desk.forms.staff import read_slot, slot_value
from bookings.desk.plan.presets import Preset
from bookings.desk.times import moment
from bookings.engine.plans.block import Block
from bookings.engine.plans.choices import CANCEL, KEEP, Action, Choice
from clinic.core.date_fields import DayField, TimeField
from clinic.practitioners.models import Practitioner

EVERYONE = "everyone"
CHOICE, VERSION = "choice-", "version-"


class BlockForm(forms.Form):
    """Who, from when to when, and why. Without times whole days are blocked; `cleaned_data["block"]` is what was meant."""

    use_required_attribute = False
    who = forms.ChoiceField(label="Whose diary", error_messages={"invalid_choice": "Choose whose diary"})
    day = DayField(label="Day")
    starts = TimeField(label="From", required=False, help_text="Empty: from the start of the day")
    until = DayField(label="Last day", required=False, help_text="Empty: that day alone")
    ends = TimeField(label="To", required=False, help_text="Empty: to the end of the day")
    reason = forms.CharField(label="Reason", max_length=80, required=False, help_text="Staff see it in the diary")

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, people: Sequence[Practitioner], may_close: bool, **kwargs: Any
    ) -> None:
        super().__init__(data, **kwargs)
        self.people = {person.slug: person for person in people}
        choices = [(slug, person.name) for slug, person in self.people.items()]
        self.fields["who"].choices = [*choices, *([(EVERYONE, "Everyone: the clinic is closed")] if may_close else [])]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        answers: dict[str, Any] = super().clean() or {}
        if self.errors:
            return answers
        last = answers["until"] or answers["day"]
        after = answers["ends"] in {None, time(0)}
        starts_at = moment(answers["day"], answers["starts"] or time(0))
        ends_at = moment(last + timedelta(days=1), time(0)) if after else moment(last, answers["ends"])
        for name, at in (("starts", starts_at), ("ends", ends_at)):
            if at is None:
                self.add_error(name, "The clocks go forward then: this time does not exist on that day")
        if starts_at and ends_at and ends_at <= starts_at:
            is_day = last < answers["day"]
            said = "The last day cannot be before the first" if is_day else "The end must be after the start"
            self.add_error("until" if is_day else "ends", said)
        elif starts_at and ends_at:
            answers["block"] = Block(
                practitioner=self.people.get(answers["who"]),
                starts_at=starts_at,
                ends_at=ends_at,
                reason=answers["reason"],
            )
        return answers


def filled_in(asked: QueryDict, offered: Iterable[Preset]) -> QueryDict:
    """What is asked, with the times of the preset whose button was pressed; who, the day and the reason stay."""
    pressed = next((one for one in offered if one.name == asked.get("preset")), None)
    if pressed is None:
        return asked
    filled = asked.copy()
    filled["starts"], filled["ends"], filled["until"] = pressed.starts, pressed.ends, ""
    return filled


def carried(form: forms.Form, asked: QueryDict, *also: str) -> list[tuple[str, str]]:
    """What was asked, for the page of the plan to send again."""
    names = [*also, *form.fields]
    return [(name, value) for name in names for value in asked.getlist(name)]


def choice_value(choice: Choice) -> str:
    """What the option of a choice sends."""
    if choice.action == Action.MOVED and choice.starts_at and choice.practitioner:
        return f"move|{choice.starts_at.isoformat()}|{choice.practitioner.slug}"
    return "cancel" if choice.action == Action.CANCELLED else "keep"


def read_choices(posted: Mapping[str, str]) -> dict[str, Choice]:
    """What was chosen, by the visit's reference; what makes no sense is left out, and so decided anew."""
    wanted = {name.removeprefix(CHOICE): value for name, value in posted.items() if name.startswith(CHOICE)}
    slots = {reference: read_slot(value.removeprefix("move|")) for reference, value in wanted.items()}
    slugs = {slot[1] for slot in slots.values() if slot}
    people = {person.slug: person for person in Practitioner.objects.filter(slug__in=slugs)} if slugs else {}
    found = {}
    for reference, value in wanted.items():
        slot = slots[reference]
        if value in {"cancel", "keep"}:
            found[reference] = CANCEL if value == "cancel" else KEEP
        elif slot and slot[1] in people:
            found[reference] = Choice(action=Action.MOVED, starts_at=slot[0], practitioner=people[slot[1]])
    return found


def read_versions(posted: Mapping[str, str]) -> dict[str, int]:
    """The versions of the visits that the page showed, by reference."""
    written = {name.removeprefix(VERSION): value for name, value in posted.items() if name.startswith(VERSION)}
    most = 8  # digits that fit the column
    return {reference: int(value) for reference, value in written.items() if value.isdecimal() and len(value) <= most}


__all__ = ["EVERYONE", "BlockForm", "carried", "choice_value", "read_choices", "read_versions", "slot_value"]

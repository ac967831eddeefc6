"""The kinds of change that the page of hours knows."""

from __future__ import annotations

from dataclasses import dataclass

from bookings.desk.hours.forms import HoursForm
from bookings.desk.hours.forms_break import BreakForm
from bookings.desk.hours.forms_changed_break import ChangedBreakForm
from bookings.desk.hours.forms_end import EndBreakForm, RemoveForm
from bookings.desk.hours.forms_extra import ExtraForm
from bookings.desk.hours.forms_week import OneWeekForm, WeekForm


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of change: its form, the words of its page, and whether it can be the whole clinic's.

    `only_adds`: it takes no hours away, so no visit can be in its way.
    """

    form: type[HoursForm]
    title: str
    button: str
    is_for_everyone: bool = False
    needs_place: bool = False
    only_adds: bool = False


KINDS = {
    "week": Kind(WeekForm, "Change the usual week", "Change the hours", needs_place=True),
    "different": Kind(OneWeekForm, "One week different", "Change the week", needs_place=True),
    "extra": Kind(ExtraForm, "Extra hours", "Add the hours", needs_place=True, only_adds=True),
    "break": Kind(BreakForm, "Add a break", "Add the break", is_for_everyone=True),
    "changed": Kind(ChangedBreakForm, "Change a break", "Change the break", is_for_everyone=True),
    "end": Kind(EndBreakForm, "End a break", "End the break", is_for_everyone=True, only_adds=True),
    "remove": Kind(RemoveForm, "Take it back", "Take it back", is_for_everyone=True),
}

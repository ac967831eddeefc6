"""The lines of the section “Outcome” as they are typed: a treatment, what it came to, until when or to whom."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError

from clinic.core.date_fields import DayField
from clinic.records.assessing.models import Outcome
from clinic.records.assessing.sections import LINE, LINES, LONGEST, Values

DIGITS = 10  # of the longest number of a treatment


@dataclass(frozen=True, slots=True)
class Line:
    """One line that something was typed into. `number` is its place on the page."""

    number: int
    treatment: str
    outcome: str
    until: str
    to: str

    @property
    def day(self) -> date | None:
        """The day until which it is put off; None where there is none, or it is no day."""
        try:
            found: date | None = DayField(required=False).clean(self.until)
        except ValidationError:
            return None
        return found

    def problems(self, treatments: Mapping[int, str], today: date) -> list[str]:
        """What is wrong with it, a sentence each."""
        if not self.treatment:
            return [f"Line {self.number + 1}: choose a treatment."]
        name = (
            treatments.get(int(self.treatment)) if self.treatment.isdecimal() and len(self.treatment) < DIGITS else None
        )
        if name is None:
            return [f"Line {self.number + 1}: choose a treatment from the list."]
        if self.outcome not in Outcome.values:
            return [f"{name}: say what it came to."]
        if self.outcome == Outcome.DEFER and (self.day is None or self.day <= today):
            return [f"{name}: give a day to come until which it is put off."]
        if self.outcome == Outcome.REFER and not self.to.strip():
            return [f"{name}: say to whom you refer them."]
        return [f"{name}: {LONGEST:,} characters at most."] if len(self.to) > LONGEST else []


def lines_of(values: Values) -> list[Line]:
    """The lines with anything in them."""
    rows = ((number, [values.get(f"{name}_{number}", "") for name in LINE]) for number in range(LINES))
    return [Line(number, *row) for number, row in rows if any(row)]


def problems_of_lines(lines: Iterable[Line], treatments: Mapping[int, str], today: date) -> list[str]:
    """What is wrong with them, together too."""
    found, seen = list[str](), set[str]()
    lines = list(lines)
    if not lines:
        return ["Say for at least one treatment what it came to."]
    for line in lines:
        found += line.problems(treatments, today)
        if line.treatment in seen and line.treatment:
            found.append(f"Line {line.number + 1}: this treatment stands here twice.")
        seen.add(line.treatment)
    return found

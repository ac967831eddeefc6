"""The sections of a consultation, headed as the outpatient headings of PRSB and AoMRC, so that exports can map them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

LONGEST = 4000
TEXT, LEFT, NO_TREATMENT, GIVEN, MODE, WORDS = (
    "text",
    "not_relevant",
    "no_treatment",
    "information_given",
    "mode",
    "words",
)
LINES = 8  # of outcomes, at most
LINE = ("treatment", "outcome", "until", "to")
Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Section:
    """`may_be_left`: where it says why, it may be left without an answer."""

    key: str
    title: str
    hint: str = ""
    may_be_left: bool = True
    more: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The fields of its form."""
        return (TEXT, *((LEFT,) if self.may_be_left else ()), *self.more)


SECTIONS = (
    Section("concerns", "Reason and concerns", "In their own words: what brings them, what they hope for, since when."),
    Section("history", "History", "Health, earlier treatments and how they went. Add to what the answers say."),
    Section("medicines", "Medicines and allergies"),
    Section("expectations", "Expectations", "What they expect to see, and whether it can be had."),
    Section(
        "wellbeing",
        "Psychological and social",
        "Pressure from others, recent events in their life, worry about their appearance.",
    ),
    Section("examination", "Examination and findings"),
    Section(
        "options",
        "Options discussed",
        "Every option that was talked about, with what it can and cannot do.",
        may_be_left=False,
        more=(NO_TREATMENT,),
    ),
    Section(
        "risks",
        "Risks told",
        "The usual ones, the rare and serious ones, and those that matter to this person.",
        more=(GIVEN,),
    ),
    Section("questions", "Their questions", "What they asked, and the answers."),
    Section("plan", "Plan"),
    Section("fees", "Fees told", "What was said to cost what, before anything is agreed."),
    Section(
        "outcome",
        "Outcome",
        "What it came to, for each treatment that was talked about.",
        may_be_left=False,
        more=(MODE, WORDS, *(f"{name}_{number}" for number in range(LINES) for name in LINE)),
    ),
)
BY_KEY = {section.key: section for section in SECTIONS}


def posted(section: Section, sent: Values) -> Values:
    """What was typed into the fields of a section, as it is; nothing else that was sent."""
    return {name: str(sent[name]) for name in section.names if sent.get(name)}


def after(section: Section) -> Section | None:
    """The next one, if it is not the last."""
    number = SECTIONS.index(section) + 1
    return SECTIONS[number] if number < len(SECTIONS) else None

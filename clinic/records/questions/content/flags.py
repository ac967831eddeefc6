"""Which rules are raised by answers and by facts that nobody is asked, such as an age."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from clinic.records.questions.content.answers import Answers
from clinic.records.questions.content.evaluating import NO_FACTS, Facts, holds, outcome
from clinic.records.questions.content.shapes import SEVERITY, Content


@dataclass(frozen=True, slots=True)
class Flag:
    """A rule that was raised, in the words it had then; `because` names the questions that raised it."""

    rule: str
    effect: str
    clear_by: str
    to_staff: str
    to_patient: str
    applies_to: tuple[str, ...]
    because: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"applies_to": list(self.applies_to), "because": list(self.because)}

    @classmethod
    def read(cls, said: Mapping[str, Any]) -> Flag:
        """A flag as `as_json` wrote it."""
        return cls(**{**said, "applies_to": tuple(said["applies_to"]), "because": tuple(said["because"])})


def raised(content: Content, answers: Answers, facts: Facts = NO_FACTS) -> tuple[Flag, ...]:
    """The flags, the gravest first and then in the order of the rules."""
    result = outcome(content, answers)
    found = [
        Flag(
            rule=rule.id,
            effect=rule.effect,
            clear_by=rule.clear_by,
            to_staff=rule.to_staff,
            to_patient=rule.to_patient,
            applies_to=rule.applies_to,
            because=rule.when.keys,
        )
        for rule in content.rules
        if holds(rule.when, result, facts)
    ]
    return tuple(sorted(found, key=lambda flag: -SEVERITY.index(flag.effect)))


def concerns(flag: Flag, what: Iterable[str]) -> bool:
    """Whether it is about one of these product families or treatments; a rule that names none is about all."""
    return not flag.applies_to or bool(set(flag.applies_to) & set(what))


def worst(flags: Iterable[Flag]) -> str:
    """The gravest effect among them, or "none"."""
    return max((flag.effect for flag in flags), key=SEVERITY.index, default=SEVERITY[0])

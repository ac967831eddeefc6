"""What the company of a word changes: prices, areas, treatments, creams."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from clinic.advertising.rules.surfaces import Surface, Verdict
from clinic.advertising.rules.wordlists import WORD_LISTS, WordList

NEAR = 120  # characters; the distance is our reading of POM-08, not a figure of the rule

Span = tuple[int, int]

_MONEY = re.compile(r"£|\bgbp\b|\b\d+ pounds?\b")
_TREATMENT_WORD = re.compile(
    r"\b(?:treatments?|procedures?|inject\w*|jabs?|fillers?|botox|toxin|peels?|(?:micro)?needling|laser|ipl|facials?"
    r"|lips?|cheeks?|jawline|wrinkles?|skin ?boosters?|boosters?|polynucleotides?|prp|threads?|lift|mesotherapy"
    r"|dermaplaning|fat dissolving|hair removal|tattoo removal|sclerotherapy|profhilo|aesthetics?)\b"
)
_NOT_TOXIN_AREAS = re.compile(r"\b(?:laser|ipl|hair removal|fillers?|peels?|(?:micro)?needling|led|car park)\b")
_COSMETIC_PRODUCT = re.compile(r"\b(?:cream|serum|moisturi[sz]er|balm|lotion|primer|mask|spf)s?\b")
_REFUSAL = re.compile(
    r"\b(?:cannot|can ?not|can't|do not|don't|does not|must not|may not|not(?! only| just)|never(?! too)|nobody|no one|refuse\w*|illegal|offence"
    r"|against the law|unlawful|only (?:see|treat|book)\w*|adults only)\b"
)
_CALL = re.compile(r"\b(?:welcome|(?:never|not) refuse\w*)\b")
_END = re.compile(r"[.!?:;\n]")
_WHOLE_PAGE_SELLS = frozenset({Surface.TREATMENT, Surface.BOOKING})


@dataclass(frozen=True)
class Reading:
    """One reading of all the texts of a thing, joined, with what was found in it."""

    text: str
    surface: Surface
    lists: Sequence[WordList] = field(default=WORD_LISTS)

    @cached_property
    def found(self) -> dict[str, list[re.Match[str]]]:
        return {word_list.id: list(word_list.pattern.finditer(self.text)) for word_list in self.lists}

    def verdict(self, word_list: WordList, match: re.Match[str]) -> Verdict:
        rule = _CONTEXT_RULES.get(word_list.id)
        base = word_list.severity(self.surface)
        return base if rule is None else rule(self, match.span(), base)

    def is_near_list(self, span: Span, *list_ids: str) -> bool:
        return any(_is_near(span, self._spans[list_id], NEAR) for list_id in list_ids)

    def is_near_money(self, span: Span) -> bool:
        return _is_near(span, self._money, NEAR)

    def is_near_treatment(self, span: Span) -> bool:
        return _is_near(span, self._treatments, NEAR)

    def has_medicine(self) -> bool:
        """Any T hit that counts by itself ("3 areas" does not)."""
        return any(matches for id_, matches in self.found.items() if id_.startswith("T") and id_ != "T6" and matches)

    def turns_the_young_away(self, match: re.Match[str]) -> bool:
        """Whether its sentence says who cannot come, rather than calls them: "Under 18s cannot book"."""
        before, after = self.text[: match.start()], self.text[match.end() :]
        sentence = _END.split(before)[-1] + match[0] + _END.split(after, maxsplit=1)[0]
        return match[0].startswith("under") and bool(_REFUSAL.search(sentence)) and not _CALL.search(sentence)

    def around(self, span: Span, distance: int) -> str:
        return self.text[max(0, span[0] - distance) : span[1] + distance]

    @cached_property
    def _money(self) -> list[Span]:
        return [match.span() for match in _MONEY.finditer(self.text)]

    @cached_property
    def _treatments(self) -> list[Span]:
        return [match.span() for match in _TREATMENT_WORD.finditer(self.text)]

    @cached_property
    def _spans(self) -> dict[str, list[Span]]:
        return {list_id: [match.span() for match in matches] for list_id, matches in self.found.items()}


def _is_near(span: Span, others: list[Span], distance: int) -> bool:
    """Whether one of `others` (sorted, apart from each other) lies within `distance` characters of `span`."""
    at = bisect_left(others, span)
    neighbours = others[max(0, at - 1) : at + 2]
    return any(start - span[1] <= distance and span[0] - end <= distance for start, end in neighbours)


def _priced(reading: Reading, span: Span, base: Verdict) -> Verdict:
    """T4, T5: Block beside a price (POM-08)."""
    return Verdict.BLOCK if reading.is_near_money(span) else base


def _areas(reading: Reading, span: Span, base: Verdict) -> Verdict:
    """T6: nothing alone; Block beside T4, T5, T7 or a price (POM-09); laser and filler areas are priced lawfully."""
    if reading.is_near_list(span, "T4", "T5", "T7"):
        return Verdict.BLOCK
    if not reading.is_near_money(span):
        return base
    return Verdict.REVIEW if _NOT_TOXIN_AREAS.search(reading.around(span, 40)) else Verdict.BLOCK


def _general_injection(reading: Reading, span: Span, base: Verdict) -> Verdict:
    """T7: Block beside "3 areas" or a price, else Review (POM-09)."""
    return Verdict.BLOCK if reading.is_near_list(span, "T6") or reading.is_near_money(span) else base


def _smoothing(reading: Reading, span: Span, base: Verdict) -> Verdict:
    """T3: a cream that smooths lines is a cosmetic, so a second person may clear it (the one exception)."""
    return Verdict.REVIEW if _COSMETIC_PRODUCT.search(reading.around(span, 25)) else base


def _syringe(reading: Reading, _span: Span, base: Verdict) -> Verdict:
    """Emoji: Block with any medicine named, else Review (POM-19)."""
    return Verdict.BLOCK if reading.has_medicine() else base


def _urgency(reading: Reading, span: Span, base: Verdict) -> Verdict:
    """P1: Block on any page or message about a cosmetic intervention (CAP-02)."""
    sells = reading.surface in _WHOLE_PAGE_SELLS or reading.is_near_treatment(span)
    return Verdict.BLOCK if sells else base


def _trivial(reading: Reading, span: Span, base: Verdict) -> Verdict:
    """P2: Block beside a treatment, else Review (CAP-03)."""
    return Verdict.BLOCK if reading.is_near_treatment(span) else base


_CONTEXT_RULES: dict[str, Callable[[Reading, Span, Verdict], Verdict]] = {
    "T3": _smoothing,
    "T4": _priced,
    "T5": _priced,
    "T6": _areas,
    "T7": _general_injection,
    "EMOJI": _syringe,
    "P1": _urgency,
    "P2": _trivial,
}

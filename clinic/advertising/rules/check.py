"""The advertising check: which words of a public text may not stand where they stand, and why.

Pure: no database, no settings. It lowers the risk of an unlawful advertisement; it certifies nothing.
"""

from __future__ import annotations

import hashlib
import json
from bisect import bisect_right
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate

from clinic.advertising.rules.context import Reading
from clinic.advertising.rules.html_texts import texts_of_html
from clinic.advertising.rules.normalise import normalise, readings
from clinic.advertising.rules.surfaces import Surface, Verdict, strongest
from clinic.advertising.rules.wordlists import COPY_ADVICE, LIST_VERSION, WORD_LISTS, WordList

__all__ = ["AGE_PAGES", "Hit", "Report", "Surface", "Verdict", "check_fields", "check_text"]

AGE_PAGES = frozenset({"P3"})
"""`exempt=AGE_PAGES` for policies and plain pages, which must be able to say "Under 18s cannot book", and no more."""

CAVEAT = f"This check lowers the risk; it certifies nothing. CAP Copy Advice answers questions: {COPY_ADVICE}"

_FIELD_EDGE = " ¶ "  # no pattern crosses it, distances do: a price in the next field stands beside the words


@dataclass(frozen=True, slots=True)
class Hit:
    list_id: str
    words: str
    rule: str
    source: str
    suggestion: str
    verdict: Verdict
    field: str = ""

    def __str__(self) -> str:
        advice = f"SlotQuery: {self.suggestion}." if self.suggestion else "Leave it out."
        demand = "may not be published here" if self.verdict is Verdict.BLOCK else "needs a second person's reason"
        return f"“{self.words}” {demand} ({self.rule}: {self.source}). {advice}"


@dataclass(frozen=True, slots=True)
class Report:
    surface: Surface
    hits: tuple[Hit, ...]
    text_hash: str
    list_version: str = LIST_VERSION

    @property
    def verdict(self) -> Verdict:
        return strongest(*(hit.verdict for hit in self.hits))

    def hits_in(self, field: str) -> list[Hit]:
        return [hit for hit in self.hits if hit.field == field]

    def __str__(self) -> str:
        return "\n".join([*(_with_field(hit) for hit in self.hits), CAVEAT])


def check_text(text: str, *, surface: Surface, field: str = "", exempt: Collection[str] = ()) -> list[Hit]:
    """The hits of one text or piece of HTML, strongest first."""
    return _hits({field: text}, surface=surface, exempt=exempt)


def check_fields(fields: Mapping[str, str], *, surface: Surface, exempt: Collection[str] = ()) -> Report:
    """The hits of all public texts of one thing. They are read as one page: distances run across fields."""
    return _report(tuple(fields.items()), surface, frozenset(exempt))


@lru_cache(maxsize=256)
def _report(texts: tuple[tuple[str, str], ...], surface: Surface, exempt: frozenset[str]) -> Report:
    """Read the same texts once, though form, gate and verdict ask for them one after the other."""
    fields = dict(texts)
    return Report(
        surface=surface,
        hits=tuple(_hits(fields, surface=surface, exempt=exempt)),
        text_hash=_hash(fields, surface=surface, exempt=exempt),
    )


def _hash(fields: Mapping[str, str], *, surface: Surface, exempt: Collection[str]) -> str:
    """What a clearance is bound to: the texts, and where they stand."""
    checked = json.dumps([surface, sorted(exempt), list(fields.items())], ensure_ascii=True)
    return hashlib.sha256(checked.encode()).hexdigest()


def _hits(fields: Mapping[str, str], *, surface: Surface, exempt: Collection[str]) -> list[Hit]:
    names = list(fields)
    ways = [readings(normalise("\n".join(texts_of_html(text)))) for text in fields.values()]
    found: dict[tuple[str, str, str], Hit] = {}
    for way in range(max((len(options) for options in ways), default=0)):
        texts = [options[min(way, len(options) - 1)] for options in ways]
        _add_hits(found, names, texts, surface=surface, exempt=exempt)
    return sorted(found.values(), key=lambda hit: -hit.verdict.rank)


def _add_hits(
    found: dict[tuple[str, str, str], Hit],
    names: list[str],
    texts: list[str],
    *,
    surface: Surface,
    exempt: Collection[str],
) -> None:
    """Add the hits of one reading of the texts; of equal words in a field the strongest verdict stays."""
    starts = [0, *accumulate(len(text) + len(_FIELD_EDGE) for text in texts)][:-1]
    reading = Reading(text=_FIELD_EDGE.join(texts), surface=surface)
    for word_list in WORD_LISTS:
        is_exempt = word_list.id in exempt
        for match in reading.found[word_list.id]:
            if is_exempt and reading.turns_the_young_away(match):
                continue
            field = names[bisect_right(starts, match.start()) - 1]
            known = found.get((word_list.id, match[0], field))
            if known and known.verdict is Verdict.BLOCK:
                continue
            verdict = reading.verdict(word_list, match)
            if verdict.rank > (known.verdict.rank if known else 0):
                found[word_list.id, match[0], field] = _hit(word_list, match[0], verdict, field)


def _hit(word_list: WordList, words: str, verdict: Verdict, field: str) -> Hit:
    return Hit(
        list_id=word_list.id,
        words=words,
        rule=word_list.rule,
        source=word_list.source,
        suggestion=word_list.suggestion,
        verdict=verdict,
        field=field,
    )


def _with_field(hit: Hit) -> str:
    return f"{hit.field}: {hit}" if hit.field else str(hit)

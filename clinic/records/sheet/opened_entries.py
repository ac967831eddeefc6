"""Entries as they are read, each with its additions, strike and co-signatures."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from clinic.records.entries.models import Entry, Kind
from clinic.records.entries.models.entry import CORRECTING
from clinic.records.entries.showing import Line, lines_of
from clinic.records.reading.opening import OpenRecord


@dataclass(slots=True)
class Read:
    """One entry, opened, with what was added to it."""

    entry: Entry
    lines: list[Line]
    additions: list[Read] = field(default_factory=list)
    strike: Read | None = None
    cosignatures: list[Read] = field(default_factory=list)

    def says(self, words: str) -> bool:
        own = any(words in line.text.casefold() or words in line.label.casefold() for line in self.lines)
        return own or any(one.says(words) for one in self.additions)


def read_all(opened: OpenRecord, entries: Iterable[Entry]) -> list[Read]:
    """Open entries and hang corrections on what they correct; additions the oldest first."""
    rows = {entry.pk: _read(opened, entry) for entry in entries}
    for read in rows.values():
        of = rows.get(read.entry.corrects_id)  # type: ignore[arg-type]  # None is nobody's key
        if of is None:
            continue
        if read.entry.kind == Kind.STRIKE:
            of.strike = read
        elif read.entry.kind == Kind.ADDENDUM:
            of.additions.insert(0, read)
        else:
            of.cosignatures.insert(0, read)
    return [read for read in rows.values() if read.entry.kind not in CORRECTING]


def _read(opened: OpenRecord, entry: Entry) -> Read:
    return Read(entry, lines_of(entry.kind, opened.body(entry)))

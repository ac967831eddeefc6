"""One line of the table: what was measured, against what, and whether it is good enough."""

from __future__ import annotations

import json
import operator
from dataclasses import asdict, dataclass
from pathlib import Path

COMPARE = {"≤": operator.le, "≥": operator.ge, "=": operator.eq}


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """`Goal("ratio", "≤", 3)`: which number of the row must compare how with what."""

    of: str
    sign: str
    limit: float

    def __str__(self) -> str:
        return f"{self.of} {self.sign} {self.limit:g}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """`floor` is the bare way of doing the same, measured in the same run; `also` are conditions that must hold too."""

    name: str
    figure: float
    unit: str
    floor: float
    goal: Goal
    also: dict[str, bool]
    note: str

    @property
    def ratio(self) -> float:
        return self.figure / self.floor if self.floor else float(self.figure)

    @property
    def ok(self) -> bool:
        number = self.ratio if self.goal.of == "ratio" else self.figure
        return bool(COMPARE[self.goal.sign](number, self.goal.limit)) and all(self.also.values())

    def for_file(self) -> dict[str, object]:
        kept = asdict(self)
        return {name: kept[name] for name in ("name", "figure", "unit", "floor")} | {
            "ratio": self.ratio,
            "goal": str(self.goal),
            "ok": self.ok,
        }


def head() -> str:
    return f"{'claim':<22}{'figure':>10} {'unit':<12}{'floor':>10}{'ratio':>8}  {'goal':<15}{'':<5}what it is"


def line(row: Row) -> str:
    verdict = "ok" if row.ok else "MISS"
    failed = "".join(f"; NOT {condition}" for condition, holds in row.also.items() if not holds)
    numbers = f"{row.figure:>10.4g} {row.unit:<12}{row.floor:>10.4g}{row.ratio:>8.2f}"
    return f"{row.name:<22}{numbers}  {row.goal!s:<15}{verdict:<5}{row.note}{failed}"


def write(rows: list[Row], file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps([row.for_file() for row in rows], indent=1, ensure_ascii=False) + "\n")

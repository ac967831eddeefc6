"""The numbers of the project's structure, each with its goal: `python -m tests.project.source.structure` prints them."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from statistics import median

PROJECT = Path(__file__).resolve().parents[3]
APPS = ("bookings", "clinic", "content")
LONG_LINE = 120


@dataclass(frozen=True, slots=True)
class Number:
    name: str
    figure: float
    goal: float

    @property
    def is_reached(self) -> bool:
        return self.figure <= self.goal

    def __str__(self) -> str:
        return f"{self.name:<58} {self.figure:>7g}  goal ≤ {self.goal:<6g} {'ok' if self.is_reached else 'MISS'}"


def numbers() -> list[Number]:
    """What is counted: files that git knows, without migrations; modules without `__init__.py`."""
    sizes = sorted(len(_lines(path)) for path in _modules())
    fullest, files = _fullest_folder()
    templates = [line for path in _files("templates", ".html") for line in _lines(path)]
    long_lines = sum(len(line) > LONG_LINE for line in templates)
    sheets = [line for path in _files("static/css", ".css") for line in _lines(path)]
    return [
        Number("lines a module, median", median(sizes), 65),
        Number("lines a module, nine in ten", sizes[len(sizes) * 9 // 10], 200),
        Number(f"files in one folder, most ({fullest})", files, 15),
        Number(
            "lines of templates over 120 characters, in a hundred", round(100 * long_lines / len(templates), 1), 1.5
        ),
        Number("lines of style sheets with several declarations", sum(line.count(";") > 1 for line in sheets), 0),
        Number("folders of tests that mirror no package", len(_folders_of_tests_without_package()), 0),
    ]


@cache
def _tracked() -> tuple[Path, ...]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return tuple(path for line in listed.splitlines() if (path := PROJECT / line).is_file())


def _files(folder: str, suffix: str) -> Iterator[Path]:
    root = PROJECT / folder
    return (path for path in _tracked() if path.suffix == suffix and path.is_relative_to(root))


def _modules() -> Iterator[Path]:
    for app in APPS:
        for path in _files(app, ".py"):
            if path.name != "__init__.py" and "migrations" not in path.parts:
                yield path


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


def _fullest_folder() -> tuple[str, int]:
    kept = (path for path in _tracked() if path.suffix in {".py", ".html"} and "migrations" not in path.parts)
    ((folder, files),) = Counter(path.parent for path in kept).most_common(1)
    return str(folder.relative_to(PROJECT)), files


def _folders_of_tests_without_package() -> list[str]:
    """Of tests/<app>/…: those that are named after no package of the app, nor after a promise that several keep."""
    promises = {"races", "crash", "state_machines"}
    folders = {path.parent.relative_to(PROJECT / "tests") for app in APPS for path in _files(f"tests/{app}", ".py")}
    return sorted(
        str(folder) for folder in folders if not (PROJECT / folder).is_dir() and not promises & set(folder.parts)
    )


def main() -> int:
    found = numbers()
    print(*found, sep="\n")
    return 0 if all(number.is_reached for number in found) else 1


if __name__ == "__main__":
    sys.exit(main())

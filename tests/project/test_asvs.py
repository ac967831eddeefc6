"""docs/asvs.csv: each requirement of OWASP ASVS 5.0, level 1 and 2, with a true answer and, where there is one, its test."""

from __future__ import annotations

import ast
import csv
import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

PROJECT_DIR = Path(__file__).resolve().parents[2]
TABLE = PROJECT_DIR / "docs/asvs.csv"
COLUMNS = ["requirement", "level", "in short", "answer", "why or where", "test"]
LEVELS = {"1": 70, "2": 183}  # as many as version 5.0.0 has
TEST = re.compile(r"tests/[\w/]+/test_\w+\.py(?:::Test\w+|::Site)?::test_\w+")
PROVED = 0.70  # of what applies: answered yes, and by a test


@cache
def rows() -> list[dict[str, str]]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def _tree(path: str) -> ast.Module:
    return ast.parse((PROJECT_DIR / path).read_text())


def is_there(test: str) -> bool:
    path, *names = test.split("::")
    if not (PROJECT_DIR / path).is_file():
        return False
    found: ast.AST = _tree(path)
    for name in names:
        inside = [part for part in ast.iter_child_nodes(found) if getattr(part, "name", None) == name]
        if not inside:
            return False
        found = inside[0]
    return isinstance(found, ast.FunctionDef | ast.AsyncFunctionDef)


def test_the_table_has_each_requirement_of_both_levels_once():
    numbers = [row["requirement"] for row in rows()]

    assert list(rows()[0]) == COLUMNS
    assert all(re.fullmatch(r"\d{1,2}\.\d{1,2}\.\d{1,2}", number) for number in numbers)
    assert numbers == sorted(set(numbers), key=lambda number: [int(part) for part in number.split(".")])
    assert Counter(row["level"] for row in rows()) == LEVELS


def test_each_is_answered_with_a_reason():
    assert {row["answer"] for row in rows()} == {"yes", "no", "n-a"}
    assert [row["requirement"] for row in rows() if not (row["in short"] and row["why or where"])] == []
    assert [row["requirement"] for row in rows() if row["answer"] == "n-a" and row["test"]] == []


def test_each_test_that_is_named_is_there():
    named = {row["test"] for row in rows()} - {""}

    assert {test for test in named if not TEST.fullmatch(test)} == set()
    assert {test for test in named if not is_there(test)} == set()


@pytest.mark.parametrize(
    "test",
    [
        "tests/project/test_asvs.py::test_gone",
        "tests/project/test_gone.py::test_asvs",
        "tests/project/test_asvs.py::TestGone::test_each_is_answered_with_a_reason",
    ],
)
def test_a_test_that_is_gone_is_found(test):
    assert not is_there(test)


def test_the_share_that_a_test_proves_holds():
    apply = [row for row in rows() if row["answer"] != "n-a"]
    proved = [row for row in apply if row["answer"] == "yes" and row["test"]]
    print(f"ASVS 5.0, level 1 and 2: {len(proved)} of {len(apply)} proved by a test; {Counter(_answers())}")

    assert len(proved) / len(apply) >= PROVED


def _answers() -> list[str]:
    return [row["answer"] for row in rows()]

"""Where the source does what could let a stranger's words act: as markup, as SQL, or without the check against forgery."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

CODE = ("clinic", "bookings", "content")
SAFE_WORDS = {"mark_safe", "SafeString", "SafeText"}
SAFE_IN_TEMPLATE = re.compile(r"\|\s*safe(?:seq)?\b|{%\s*autoescape\s+off\b")
SQL = re.compile(r"\b(?:SELECT|INSERT INTO|UPDATE|DELETE FROM|FROM|JOIN|WHERE|TRUNCATE|ALTER|CREATE)\s")
TAKES_SQL = {"execute", "executemany", "raw", "RawSQL", "extra"}
SILENCED = re.compile(r"#\s*(?:ruff:\s*)?noqa:(?P<rules>[\w\s,]*)(?P<reason>.*)")
RULE_OF_SAFETY = re.compile(r"\bS\d{3}\b")


def sources(project: Path) -> Iterator[tuple[str, str]]:
    for package in CODE:
        for path in sorted((project / package).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path.relative_to(project).as_posix(), path.read_text()


def calls_something_safe(text: str) -> bool:
    return any(isinstance(node, ast.Call) and _name(node.func) in SAFE_WORDS for node in ast.walk(ast.parse(text)))


def is_exempt_from_csrf(text: str) -> bool:
    """By the decorator of Django, or by what it writes on a view."""
    return any(
        (isinstance(node, ast.alias) and node.name == "csrf_exempt")
        or (isinstance(node, ast.Attribute) and node.attr == "csrf_exempt")
        for node in ast.walk(ast.parse(text))
    )


def encrypts(text: str) -> bool:
    return any(
        isinstance(node, ast.ImportFrom) and (node.module or "").startswith("cryptography.hazmat")
        for node in ast.walk(ast.parse(text))
    )


def functions_that_build_sql(text: str) -> Iterator[str]:
    """Each function that fills something into SQL, or hands over SQL that is no constant; at import nobody's words are there."""
    for function in ast.walk(ast.parse(text)):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef) and any(
            _fills_in(node) or _hands_over_what_was_built(node) for node in ast.walk(function)
        ):
            yield function.name


def silenced_without_a_reason(text: str) -> list[int]:
    return [
        number
        for number, line in enumerate(text.splitlines(), 1)
        if (found := SILENCED.search(line))
        and RULE_OF_SAFETY.search(found["rules"])
        and not re.match(r"\s*--\s*\w", found["reason"])
    ]


def _fills_in(node: ast.AST) -> bool:
    match node:
        case ast.JoinedStr(values=values):
            words = "".join(str(part.value) for part in values if isinstance(part, ast.Constant))
            return bool(SQL.search(words)) and any(isinstance(part, ast.FormattedValue) for part in values)
        case ast.BinOp(op=ast.Mod(), left=ast.Constant(value=str(words))):
            return bool(SQL.search(words))
        case ast.Call(func=ast.Attribute(attr="format", value=ast.Constant(value=str(words)))):
            return bool(SQL.search(words))
    return False


def _hands_over_what_was_built(node: ast.AST) -> bool:
    if not (isinstance(node, ast.Call) and _name(node.func) in TAKES_SQL and node.args):
        return False
    sql = node.args[0]
    return not (isinstance(sql, ast.Constant) or (isinstance(sql, ast.Name) and sql.id.isupper()))


def _name(function: ast.expr) -> str:
    return (
        function.attr if isinstance(function, ast.Attribute) else function.id if isinstance(function, ast.Name) else ""
    )

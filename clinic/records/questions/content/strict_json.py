"""Read JSON that somebody sends, so that nothing strange comes of it: no key twice, no depth, no endless numbers."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from clinic.core.errors import DomainError

LARGEST = 200_000  # bytes
DEEPEST = 12
MOST_DIGITS = 15


class NotRead(DomainError):
    """What was sent is not taken. `lines` say all that is wrong with it."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__(" ".join(lines))
        self.lines = lines


def parse(raw: bytes) -> Any:
    """The data.

    Raises:
        NotRead
    """
    if len(raw) > LARGEST:
        raise NotRead([f"The file is larger than {LARGEST // 1000} kB."])
    try:
        text = raw.decode("utf-8-sig")
        _check_depth(text)
        data = json.loads(text, object_pairs_hook=_once, parse_constant=_no_number, parse_int=_number)
    except UnicodeDecodeError:
        raise NotRead(["The file is not text in UTF-8."]) from None
    except (ValueError, RecursionError) as error:
        where = f": line {error.lineno}, column {error.colno}" if isinstance(error, json.JSONDecodeError) else ""
        raise NotRead([f"The file is not JSON{where}."]) from None
    return data


def _check_depth(text: str) -> None:
    depth, is_text, is_escaped = 0, False, False
    for letter in text:
        if is_escaped:
            is_escaped = False
        elif letter == "\\":
            is_escaped = is_text
        elif letter == '"':
            is_text = not is_text
        elif not is_text:
            depth += (letter in "[{") - (letter in "]}")
            if depth > DEEPEST:
                raise NotRead([f"The file nests deeper than {DEEPEST} levels."])


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise NotRead([f"“{name[:40]}” is there twice in one place."])
        found[name] = value
    return found


def _no_number(name: str) -> NoReturn:
    raise NotRead([f"{name} is not a number that is taken."])


def _number(digits: str) -> int:
    if len(digits) > MOST_DIGITS:
        raise NotRead(["A number has too many digits."])
    return int(digits)

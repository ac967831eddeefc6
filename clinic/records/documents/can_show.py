"""Write out by number what no font of ours can show, and what turns the direction of the text around it."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

CAN_SHOW = Path(__file__).parent / "fonts/can_show.txt"
UNSEEN = (
    "\t\n\u00ad\u200b-\u200f\u2060\ufe0e\ufe0f"  # white space, joiners and marks of direction: no glyph of their own
)


@cache
def _cannot() -> re.Pattern[str]:
    runs = [[int(end, 16) for end in line.split("-")] for line in CAN_SHOW.read_text().split()]
    shown = "".join(f"{re.escape(chr(first))}-{re.escape(chr(last))}" for first, last in runs)
    # The overrides and isolates have glyphs in some fonts: they would have the text read otherwise than it was typed.
    return re.compile(f"[^{shown}{UNSEEN}]|[\u202a-\u202e\u2066-\u2069]")


def as_shown(value: Any) -> Any:
    """The same data; in its text `(U+1F9E0)` stands for what a PDF could not show."""
    if isinstance(value, str):
        return _cannot().sub(lambda found: f"(U+{ord(found[0]):04X})", value)
    if isinstance(value, dict):
        return {key: as_shown(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [as_shown(one) for one in value]
    return value

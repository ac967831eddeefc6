"""The sources of the style sheets: what the minifier may be given."""

from __future__ import annotations

import re
from pathlib import Path

CSS = Path(__file__).resolve().parents[2] / "static" / "css"
BUILT = ("site.css", "staff.css")
BLANK_BEFORE_COLON = re.compile(r"[^\s>+~,{(&] :")


def sources() -> list[Path]:
    return sorted(path for path in CSS.rglob("*.css") if path.name not in BUILT)


def text_of(path: Path) -> str:
    """Without comments and texts in quotes, in lines as they were."""
    text = re.sub(r"/\*.*?\*/", lambda match: "\n" * match[0].count("\n"), path.read_text(), flags=re.DOTALL)
    return re.sub(r'"[^"\n]*"', '""', text)


def found(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{path.relative_to(CSS)}:{number}: {line.strip()}"
        for path in sources()
        for number, line in enumerate(text_of(path).splitlines(), start=1)
        if pattern.search(line)
    ]


def test_no_selector_has_a_blank_that_the_minifier_takes_away():
    """In a layer rcssmin reads `.a :is(p)` as a declaration, and writes `.a:is(p)`; `.a *:is(p)` says the same."""
    assert found(BLANK_BEFORE_COLON) == []

"""Make a PDF that a screen reader can read and that an archive can keep: PDF/UA-1 and PDF/A-2a."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import typst

from clinic.records.documents.can_show import as_shown

HERE = Path(__file__).parent
STANDARDS: list[typst.PDFStandard] = ["ua-1", "a-2a"]


@cache
def _fonts() -> typst.Fonts:
    """Ours alone, so that every machine makes the same file."""
    folder = str(HERE / "fonts")
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[folder])


def pdf_of(template: str, data: dict[str, Any], *, dated: datetime) -> bytes:
    """Fill `typst/<template>.typ`. The same data and date make the same bytes.

    Data goes in as JSON, so that no text can become code. It has `title` and `clinic`; for the rest see the template.
    """
    compiler = typst.Compiler(
        input=HERE / f"typst/{template}.typ", root=HERE / "typst", font_paths=_fonts(), ignore_system_fonts=True
    )
    written = json.dumps(as_shown(data), ensure_ascii=False)
    second = dated.astimezone(UTC).replace(microsecond=0)  # a PDF's date has no more
    made = compiler.compile(format="pdf", sys_inputs={"data": written}, pdf_standards=STANDARDS, timestamp=second)
    if not isinstance(made, bytes):
        raise TypeError("A PDF is one file.")
    return made

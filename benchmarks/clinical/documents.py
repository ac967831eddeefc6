"""What a PDF of the record costs."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from statistics import median, quantiles
from typing import Any

from benchmarks.row import Goal, Row
from benchmarks.scale import Scale
from clinic.records.documents.pdf import pdf_of
from clinic.records.documents.prose import blocks_of

MADE = 60
AT = datetime(2026, 11, 30, 10, 0, tzinfo=UTC)
PARAGRAPH = "Words of an ordinary length, as a clinic writes them for people who read them once. " * 5


def consent_pdf(scale: Scale) -> Row:
    """A signed consent of four pages or so: every text differs, so that nothing is made from what was kept."""
    del scale  # one document is one document
    times = [_made(number) for number in range(MADE)]
    return Row(
        name="consent-pdf",
        figure=quantiles((took for took, _ in times), n=20)[-1],
        unit="ms, p95",
        floor=_made(0, sections=0)[0],
        goal=Goal(of="figure", sign="≤", limit=150),
        also={"tagged": all(b"/StructTreeRoot" in made for _, made in times)},
        note=f"PDF/UA-1 and PDF/A-2a, {len(times[0][1]) // 1000} kB, median {median(t for t, _ in times):.0f} ms; "
        "floor: one without its sections",
    )


def _made(number: int, *, sections: int = 10) -> tuple[float, bytes]:
    source = f"{PARAGRAPH}\n\n{PARAGRAPH}\n\n" + "\n".join(f"- **effect {number}** that is common" for _ in range(8))
    lines = [f"{number}: {PARAGRAPH[:80]}"] * 12
    data: dict[str, Any] = {
        "title": f"Consent {number}",
        "clinic": "Clinic",
        "facts": [["For", "Sam Lee"]],
        "blocks": [{"heading": f"Section {one}", "blocks": blocks_of(source)} for one in range(sections)],
        "risks": lines,
        "statements": lines,
        "remarks": PARAGRAPH,
        "signed": [["By", "Sam Lee"]],
        "drawing": "",
    }
    begun = time.perf_counter()
    made = pdf_of("consent", data, dated=AT)
    return (time.perf_counter() - begun) * 1000, made

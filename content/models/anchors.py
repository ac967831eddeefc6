"""An anchor for each heading of a body, so that a link can lead to it."""

from __future__ import annotations

from typing import Any

from django.utils.text import slugify


def anchored(body: Any) -> list[dict[str, Any]]:
    """The blocks of a body; each heading with an anchor of its own, even where two headings read the same."""
    seen: dict[str, int] = {}
    parts = []
    for block in body:
        anchor = ""
        if block.block_type == "heading":
            stem = slugify(block.value) or "section"
            seen[stem] = seen.get(stem, 0) + 1
            anchor = stem if seen[stem] == 1 else f"{stem}-{seen[stem]}"
        parts.append({"block": block, "anchor": anchor})
    return parts

"""The blocks of an article, as its editor makes them."""

from __future__ import annotations

from typing import Any

TO_TOP: dict[str, Any] = {"type": "back_to_top", "value": None}


def heading(text: str) -> dict[str, Any]:
    return {"type": "heading", "value": text}


def paragraph(html: str) -> dict[str, Any]:
    return {"type": "paragraph", "value": html}


def takeaways(*points: str) -> dict[str, Any]:
    return {"type": "key_takeaways", "value": list(points)}


def figure(name: str, caption: str) -> dict[str, Any]:
    return {"type": "image", "value": {"image": name, "caption": caption, "credit": ""}}


def consultation(text: str) -> dict[str, Any]:
    return {"type": "consultation", "value": {"title": "Talk it through with a nurse", "text": text}}

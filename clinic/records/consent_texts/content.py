"""What a consent text consists of: blocks under fixed headings, risks to point out, statements to tick one by one.

The headings are kept with each version, so that it reads as it read then.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.safestring import SafeString

from clinic.records.documents.prose import blocks_of, html_of

HEADINGS = {
    "what": "What it is",
    "cannot": "What it cannot do",
    "alternatives": "Other ways, and doing nothing",
    "common": "What often happens afterwards",
    "serious": "Rare and serious risks",
    "aftercare": "What you need to do afterwards",
    "money": "What it costs, and what is not included",
    "off_licence": "Use outside the product’s licence",
    "who": "Who treats you",
    "withdraw": "Changing your mind",
}
MAY_BE_EMPTY = {"off_licence"}
DEMONSTRATION = "Not approved: for demonstration"


def compose(
    title: str, texts: dict[str, str], risks: list[str], statements: list[str], note: str = ""
) -> dict[str, Any]:
    """The content of a version. `note` stands above it, on the page and on the copy."""
    blocks = [{"key": key, "heading": heading, "text": texts.get(key, "")} for key, heading in HEADINGS.items()]
    return {"title": title, "note": note, "blocks": blocks, "risks": risks, "statements": statements}


def text_of(content: dict[str, Any], key: str) -> str:
    return next((str(block["text"]) for block in content["blocks"] if block["key"] == key), "")


def gaps(content: dict[str, Any]) -> list[str]:
    """What has to be written before it can be approved, a sentence each."""
    empty = [
        f"Write “{block['heading']}”."
        for block in content["blocks"]
        if not block["text"].strip() and block["key"] not in MAY_BE_EMPTY
    ]
    lists = {"risks": "List at least one risk to point out.", "statements": "Write at least one statement to tick."}
    note = [f"Make it your own, and take out “{content['note']}”."] if content["note"] else []
    return [*note, *([] if content["title"].strip() else ["Give it a title."]), *empty] + [
        sentence for name, sentence in lists.items() if not content[name]
    ]


def written(content: dict[str, Any]) -> Iterator[tuple[str, list[Any]]]:
    """Each block that says anything: its heading, and what `prose` reads in it."""
    for block in content["blocks"]:
        if block["text"].strip():
            yield block["heading"], blocks_of(block["text"])


def on_page(content: dict[str, Any]) -> list[tuple[str, SafeString]]:
    return [(heading, html_of(blocks)) for heading, blocks in written(content)]


def in_pdf(content: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"heading": heading, "blocks": blocks} for heading, blocks in written(content)]


def as_lines(content: dict[str, Any]) -> list[tuple[str, str]]:
    """Every text with what it is, for comparing two versions."""
    lists = [("Risks to point out", "risks"), ("Statements to tick", "statements")]
    blocks = [(block["heading"], block["text"]) for block in content["blocks"]]
    return [("Title", content["title"]), *blocks, *((name, "\n".join(content[key])) for name, key in lists)]

"""Read the few marks that a text may have: paragraphs, lists, **bold** and *emphasis*; for the page and the PDF alike.

Everything else stays as it was typed: headings, links, HTML, code.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal, TypedDict

import nh3
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

# `escape` first, so that `\*` is a star; `newline` keeps a line that was begun anew.
_READER = MarkdownIt("zero").enable(["list", "escape", "emphasis", "newline"])
KINDS: dict[str, Literal["bullets", "numbers"]] = {"bullet_list": "bullets", "ordered_list": "numbers"}
TAGS = {"p", "ul", "ol", "li", "strong", "em", "br"}


class Block(TypedDict, total=False):
    """A paragraph of `runs`, each with `text` and how it looks or a `break`; or a list of `items`, each of blocks."""

    kind: Literal["paragraph", "bullets", "numbers"]
    runs: list[dict[str, Any]]
    items: list[list[Any]]
    start: int


def blocks_of(source: str) -> list[Block]:
    return _blocks(SyntaxTreeNode(_READER.parse(source)))


def html_of(blocks: list[Block]) -> SafeString:
    """For a page: each word escaped, and cleaned once more of all but the tags that we write."""
    written = "".join(_markup(block) for block in blocks)
    return mark_safe(nh3.clean(written, tags=TAGS, attributes={"ol": {"start"}}))  # noqa: S308 -- each word was escaped, and nh3 leaves these tags


def _blocks(node: SyntaxTreeNode) -> list[Block]:
    return [_block(child) for child in node.children]


def _block(node: SyntaxTreeNode) -> Block:
    if node.type in KINDS:
        items = [_blocks(item) for item in node.children]
        return {"kind": KINDS[node.type], "items": items, "start": int(node.attrs.get("start", 1))}
    return {"kind": "paragraph", "runs": [run for inline in node.children for run in _runs(inline, {})]}


def _runs(node: SyntaxTreeNode, look: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for child in node.children:
        if child.type in {"softbreak", "hardbreak"}:
            yield {"break": True}
        elif child.type in {"strong", "em"}:
            yield from _runs(child, {**look, child.type: True})
        elif child.content:
            yield {"text": child.content, **look}


def _markup(block: Block) -> str:
    if block["kind"] == "paragraph":
        return f"<p>{''.join(_words(run) for run in block['runs'])}</p>"
    tag = "ul" if block["kind"] == "bullets" else "ol"
    items = ("".join(_markup(inner) for inner in item) for item in block["items"])
    start = f' start="{block["start"]}"' if block.get("start", 1) != 1 else ""
    return f"<{tag}{start}>{''.join(f'<li>{item}</li>' for item in items)}</{tag}>"


def _words(run: dict[str, Any]) -> str:
    if run.get("break"):
        return "<br>"
    words = str(escape(run["text"]))
    for tag in ("em", "strong"):
        if run.get(tag):
            words = f"<{tag}>{words}</{tag}>"
    return words

"""Which page a link of each purpose leads to: the room that has the page says so in its `urls`."""

from __future__ import annotations

from clinic.records.links.models import Purpose, RecordLink

_PAGES: dict[str, str] = {}


def register(purpose: Purpose, url_name: str) -> None:
    """Name the page; its address takes the link's reference alone."""
    _PAGES[purpose] = url_name


def page_of(link: RecordLink) -> str | None:
    """The name of the page; None where no room has one."""
    return _PAGES.get(link.purpose)

"""What the address of the diary's day says: `?day=…&with=<slug>&view=list|grid&cancelled=1&names=hidden`."""

from __future__ import annotations

from collections.abc import Callable, Collection
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse

from clinic.core.date_fields import read_day
from clinic.core.web.next_page import next_page

VIEWS = ("list", "grid")
KEPT = ("with", "view", "cancelled", "names")


def kept(request: HttpRequest) -> str:
    """What stays when the day changes: `&with=…&view=…`."""
    found = {name: request.GET[name] for name in KEPT if name in request.GET}
    return f"&{urlencode(found)}" if found else ""


def not_understood(request: HttpRequest, people: Collection[str]) -> list[str]:
    """The parts of the address that the day makes nothing of, as they are written there."""
    makes_sense: dict[str, Callable[[str], object]] = {
        "day": read_day,
        "with": people.__contains__,
        "view": VIEWS.__contains__,
        "cancelled": lambda _: True,
        "names": {"hidden", "shown"}.__contains__,
    }
    written = {name: str(value) for name, value in request.GET.items() if value}
    return [
        f"“{name}={value}”"
        for name, value in written.items()
        if name not in makes_sense or not makes_sense[name](value)
    ]


def next_of(request: HttpRequest, named: str | None = None) -> str:
    """The page of staff that is `named`, as `next` if not otherwise; nothing if it leads away from their pages."""
    pages = (next_page(request, under=reverse(root), named=named) for root in ("bookings:diary", "staff:people"))
    return next(filter(None, pages), "")

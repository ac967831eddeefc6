"""Writes the cards of visits on the day's page, each once for as long as nothing that it shows changes."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from bookings.desk.cards import Card, CardPage
from bookings.desk.grid import Block, Spot

register = template.Library()

KEPT = 4096  # cards a process, of some 2 kB: five crowded days, or some fifty usual ones
HOLE = "\0"  # stands for the page's own CSRF token; neither PostgreSQL nor an address can hold this character


@register.simple_tag(takes_context=True)
def grid_cards(context: dict[str, Any], blocks: Iterable[Block]) -> SafeString:
    return SafeString("\n".join(_card(context, "bookings/desk/day/_grid_card.html", block) for block in blocks))


@register.simple_tag(takes_context=True)
def list_card(context: dict[str, Any], block: Block) -> SafeString:
    return _card(context, "bookings/desk/day/_list_card.html", block)


def _card(context: dict[str, Any], name: str, block: Block) -> SafeString:
    html = written(name, block.card, block.spot, context["card_page"])
    return SafeString(html.replace(HOLE, str(context["csrf_token"])) if HOLE in html else html)


@lru_cache(maxsize=KEPT)
def written(name: str, card: Card, spot: Spot, page: CardPage) -> str:
    """A card knows nothing but these values, so none can be shown to anyone else, or stay as it was."""
    return render_to_string(name, {"card": card, "spot": spot, "card_page": page, "csrf_token": HOLE})

"""A card of the day's grid in the hand: of a mouse, or of a finger."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Locator, Page

LONG_PRESS, SHORT_PRESS = 500, 150  # milliseconds: what lifts a card, and what does not
GRIP = 12  # pixels below the top of the card, and how far the mouse goes before the card is lifted
# Where a minute of the day lies in the column of a practitioner.
POINT = """([slug, minute]) => {
    const column = document.querySelector(`.diary__col[data-slug="${slug}"]`), box = column.closest("[data-scroll]");
    const hour = box.querySelector(".diary__times li").getBoundingClientRect().height, area = column.getBoundingClientRect();
    return [area.left + area.width / 2, area.top + (minute - box.dataset.first) * hour / 60];
}"""


def card_of(page: Page, visit) -> Locator:
    return page.locator(f".appt:has(#g-{visit.reference})")


def point(page: Page, who: str, hour: int, minute: int = 0, *, grip: int = GRIP) -> tuple[float, float]:
    """Where the pointer must be for a held card to start then."""
    x, y = page.evaluate(POINT, [who, 60 * hour + minute])
    return x, y + grip


def lift(page: Page, card: Locator, *, by: int = GRIP) -> None:
    """Press on the card `by` pixels below its top (from its bottom, if negative), and move until it is held."""
    card.scroll_into_view_if_needed()
    box = card.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + by + (box["height"] if by < 0 else 0)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y + GRIP, steps=2)


class Finger:
    """Touches as the browser gets them from a screen."""

    def __init__(self, page: Page) -> None:
        self.page, self.session = page, page.context.new_cdp_session(page)

    @contextmanager
    def on(self, x: float, y: float, *, milliseconds: int) -> Iterator[None]:
        self._send("touchStart", x, y)
        self.page.wait_for_timeout(milliseconds)
        yield
        self._send("touchEnd")

    def move(self, x: float, y: float) -> None:
        self._send("touchMove", x, y)

    def _send(self, kind: str, *at: float) -> None:
        points = [{"x": at[0], "y": at[1]}] if at else []
        self.session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

"""The month at 390 px: a calendar of seven columns, and each day is one tap away."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.journeys.support.visitor import assert_sound, sign_in

LEAST, SCREENS = 44, 2


def test_the_month_of_a_phone_is_a_calendar(visit):
    page = visit(width=390)
    sign_in(page, "desk@example.com")
    page.goto("/diary/?view=month")

    cells = page.locator(".overview__day")
    edges = {round(cells.nth(number).bounding_box()["x"]) for number in range(cells.count())}
    assert len(edges) == 7
    assert page.evaluate("document.documentElement.scrollHeight <= innerHeight * " + str(SCREENS))
    assert min(cells.first.bounding_box()[side] for side in ("width", "height")) >= LEAST
    assert_sound(page)

    cells.nth(10).click(position={"x": 10, "y": 60})
    expect(page).to_have_url(re.compile(r"/diary/\?day=[-0-9]{10}$"))

"""The diary as plain forms and page loads: what only a script shows is not there, and an answer is in view."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.journeys.support.visitor import sign_in


@pytest.fixture
def page(visit):
    """The desk on a tablet held sideways."""
    page = visit(width=1024, has_script=False)
    sign_in(page, "desk@example.com")
    return page


def test_no_button_needs_a_script(page):
    page.goto("/diary/?view=grid")
    expect(page.locator("[data-keys]")).to_be_hidden()

    page.goto("/diary/sheet/")
    expect(page.locator("[data-print]")).to_be_hidden()

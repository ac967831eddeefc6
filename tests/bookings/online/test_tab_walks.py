"""F1, kind 1: in any order of tabs, frames, old pages and double taps, nothing is booked that its page did not show.

1,000 and more presses of Confirm: `make bench ONLY=tabs`, which takes the same walks.
"""

import pytest

from benchmarks import tabs
from bookings.online import drafts
from bookings.online.views.booking import stores
from tests.bookings.online.flow import MONDAY, small_clinic

ASKED = [("peel", "any"), ("peel", "aisha"), ("peel", "tom")]
PRESSES = 60


@pytest.fixture(autouse=True)
def place(db, time_machine):
    time_machine.move_to(MONDAY, tick=False)
    return small_clinic()


def test_nothing_is_booked_that_its_page_did_not_show():
    walk = tabs.Walk(1, ASKED)
    walk.run(PRESSES)

    assert walk.wrong == []
    assert {"booked", "booked before", "asked again (check)"} <= set(walk.outcomes), walk.outcomes


@pytest.mark.proof
def test_a_walk_finds_the_harm_where_pages_are_believed(monkeypatch):
    """A control: without the comparison, a page books what another tab made of it."""
    monkeypatch.setattr(stores.Turn, "has_seen", lambda *_: True)
    walk = tabs.Walk(1, ASKED)
    walk.run(PRESSES)

    assert any("was booked, the page showed" in fault for fault in walk.wrong)


def test_a_walk_finds_the_harm_where_one_browser_has_one_draft(monkeypatch):
    """A control: what the flow did before, one draft for all tabs."""
    monkeypatch.setattr(stores.Turn, "has_seen", lambda *_: True)
    latest = drafts.latest_hold
    monkeypatch.setattr("bookings.online.views.booking.flow.latest_hold", lambda _: latest("one"))
    monkeypatch.setattr(drafts, "hold_for", lambda _, hold_for=drafts.hold_for, **how: hold_for("one", **how))
    walk = tabs.Walk(2, ASKED)
    walk.run(PRESSES)

    assert walk.wrong

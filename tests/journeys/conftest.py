"""A browser, and the demo clinic to visit with it."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright

from bookings.tasks import send_due_messages
from tests.journeys.support.site import connected_to, hide_other_care, running_site, seeded_care
from tests.journeys.support.visitor import Problems

HERE = Path(__file__).parent
CHROMIUM = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
NO_CHROMIUM = (
    "No Chromium for the journeys: install it "
    "(Debian: apt-get install chromium-headless-shell; macOS: brew install chromium)."
)
FLAGS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE = 15_000  # milliseconds, as both cores are busy with other tests


def pytest_collection_modifyitems(items):
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.journey)


@pytest.fixture(scope="session")
def site(django_db_setup, django_db_blocker, tmp_path_factory):
    with django_db_blocker.unblock(), running_site(tmp_path_factory.mktemp("journeys")) as running:
        yield running


@pytest.fixture(scope="package")
def chromium():
    """One browser for all journeys of this worker, and gone after them: its event loop is in the way of other tests."""
    path = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if path is None:
        pytest.fail(NO_CHROMIUM, pytrace=False)
    expect.set_options(timeout=PATIENCE)
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setitem(os.environ, "DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright's loop runs in this very thread
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def db(chromium, site, django_db_blocker, settings):
    """While a journey runs, this process looks at the database that the server serves.

    In place of pytest-django's fixture of this name, which also tells it that these tests need a test database.
    """
    for name, value in site.settings.items():
        setattr(settings, name, value)
    with django_db_blocker.unblock(), connected_to(site.database):
        yield


@pytest.fixture(scope="session")
def seeded(site, django_db_blocker):
    with django_db_blocker.unblock(), connected_to(site.database):
        return seeded_care()


@pytest.fixture(autouse=True)
def clinic(db, site, seeded, mailoutbox):
    yield site
    hide_other_care(seeded)


@pytest.fixture
def visit(chromium, clinic):
    """`visit(width=390, has_script=True)`: a page of someone new. Whatever its console complains of fails the test."""
    contexts, problems = [], Problems()

    def open_page(*, width=390, has_script=True, has_touch=False, is_watched=True):
        context = chromium.new_context(
            base_url=clinic.url,
            viewport={"width": width, "height": 844 if width < 800 else 900},
            java_script_enabled=has_script,
            has_touch=has_touch,
            locale="en-GB",
            timezone_id="Europe/London",
            reduced_motion="reduce",
        )
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        page = context.new_page()
        if is_watched:
            problems.watch(page)
        return page

    open_page.problems = problems
    yield open_page
    for context in contexts:
        context.close()
    assert not problems.found, "\n".join(problems.found)


@pytest.fixture
def letter_to(clinic, mailoutbox):
    """`letter_to(address)`: run the message loop once, and give the text of the last letter sent there."""

    def newest(address: str) -> str:
        send_due_messages()
        letters = [letter for letter in mailoutbox if letter.to == [address]]
        assert letters, f"Nothing was sent to {address}"
        return letters[-1].body

    return newest


@pytest.fixture
def link_to(letter_to):
    """`link_to(address)`: the link to the visit in the newest letter."""
    return lambda address: re.search(r"https?://\S+/visit/[\w-]{43,}/", letter_to(address)).group()

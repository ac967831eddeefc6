"""What every visitor does: sign in, be watched over, and look at a page as axe does."""

from __future__ import annotations

import gzip
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib.resources import files

from django.conf import settings
from django.test import Client
from playwright.sync_api import Error, Frame, Page, expect

from clinic.accounts.models import User
from clinic.accounts.seed import PASSWORD

WIDTHS = {390: 844, 1280: 900}
LOOKS_AT_EACH = os.environ.get("PROOFS") == "yes"  # set by `make bench ONLY=proofs`
AT_A_DESK = {1440: 900}
NARROWEST = 320
AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text()
LISTEN = (
    "document.addEventListener('securitypolicyviolation', "
    "event => console.error(`CSP refuses ${event.blockedURI} (${event.violatedDirective})`))"
)
# No document that still loads, and no fragment that htmx waits for, swaps in or settles.
AT_REST = """() => new Promise((done) => {
    const look = () => document.body && document.readyState === "complete"
        && !document.querySelector(".htmx-request, .htmx-swapping, .htmx-added, .htmx-settling")
        ? done() : setTimeout(look, 20);
    look();
})"""
# The page around a frame has made it as tall as what it shows, and scrolled to it: what is tapped now stays in place.
AS_TALL = "height => Math.abs(document.querySelector('iframe').getBoundingClientRect().height - height) < 2"
AXE_RUN = "axe.run(document, {resultTypes: ['violations']}).then(found => found.violations)"
TRIES = 3
TEXT = ("text/", "image/svg+xml", "application/json", "application/javascript", "application/manifest")


class Problems:
    """What the consoles of some pages complain of."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self.expected: tuple[str, ...] = ()  # parts of complaints that a test provokes

    def watch(self, page: Page) -> None:
        page.add_init_script(LISTEN)
        page.on("console", lambda message: message.type in {"error", "warning"} and self._note(page, message.text))
        page.on("pageerror", lambda error: self._note(page, str(error)))

    def _note(self, page: Page, text: str) -> None:
        if not any(part in text for part in self.expected):
            self.found.append(f"{page.url}: {text}")


def sign_in(page: Page, email: str) -> None:
    """As someone who signed in before: nothing is loaded yet."""
    client = Client()
    client.force_login(User.objects.get(email=email))
    name = settings.SESSION_COOKIE_NAME
    page.context.add_cookies([{"name": name, "value": client.cookies[name].value, "domain": "localhost", "path": "/"}])


def sign_in_by_form(page: Page, email: str) -> None:
    """And land where such a person does."""
    page.goto("/accounts/login/")
    form = page.locator("details:has([name=password])")
    if form.get_attribute("open") is None:
        form.locator("summary").click()
    form.get_by_label("Email address").fill(email)
    form.get_by_label("Password").fill(PASSWORD)
    with next_page(page):
        form.get_by_role("button", name="Sign in", exact=True).click()


@contextmanager
def next_page(page: Page | Frame) -> Iterator[None]:
    """What is tapped inside leads to another page: go on when that one is there, and whole.

    Playwright's click does not wait for it, so what follows could still look at the page before.
    """
    with page.expect_navigation(wait_until="load"):
        yield
    if isinstance(page, Frame) and page.parent_frame and page.parent_frame.evaluate("document.scripts.length"):
        height = page.evaluate("Math.ceil(document.body.getBoundingClientRect().height)")
        page.parent_frame.page.wait_for_function(AS_TALL, arg=height)


def look_at(page: Page, widths: Mapping[int, int] | None = None) -> list[str]:
    """What axe finds at these widths, and what hangs out of the narrowest screen.

    Unless told otherwise, axe looks at the visitor's own width; among the proofs of `make bench` at a phone's and a desk's.
    """
    former = page.viewport_size
    if widths is None:
        widths = WIDTHS if LOOKS_AT_EACH else {former["width"]: former["height"]}
    faults = [fault for width, height in widths.items() for fault in _axe(page, width, height)]
    page.set_viewport_size({"width": NARROWEST, "height": 800})
    page.evaluate(AT_REST)
    too_wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    if too_wide > 0:
        faults.append(f"{page.url} at {NARROWEST} px: {too_wide} px too wide: {page.evaluate(WIDEST)}")
    page.set_viewport_size(former)
    return faults


WIDEST = """() => [...document.querySelectorAll("main *, header *, footer *")]
    .filter(one => one.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
    .slice(0, 3).map(one => one.outerHTML.slice(0, 120)).join(" | ")"""


def _axe(page: Page, width: int, height: int) -> list[str]:
    page.set_viewport_size({"width": width, "height": height})
    return [
        f"{page.url} at {width} px: {one['id']}: {node['html'][:200]}: {node['failureSummary']}"
        for one in _violations(page)
        for node in one["nodes"][:5]
    ]


def _violations(page: Page) -> list[dict]:
    """What axe says of one page at rest; of a page that went away meanwhile it says nothing that counts."""
    for _ in range(TRIES):
        moves: list[str] = []
        note = _noting(moves)
        page.on("framenavigated", note)
        try:
            page.evaluate(AT_REST)
            if not page.evaluate("'axe' in window"):
                page.evaluate(AXE)
            found = page.evaluate(AXE_RUN)
            page.evaluate(AT_REST)  # a navigation that began meanwhile is told before this answers
        except Error as error:
            failure: Error | str = error
        else:
            if not moves:
                return found
            failure = f"went on to {moves[-1]}"
        finally:
            page.remove_listener("framenavigated", note)
        page.wait_for_load_state("load")
    raise AssertionError(f"{page.url} does not come to rest: {failure}")


def _noting(moves: list[str]) -> Callable[[Frame], None]:
    return lambda frame: moves.append(frame.url)


def assert_sound(page: Page, widths: Mapping[int, int] | None = None) -> None:
    faults = look_at(page, widths)
    assert not faults, "\n".join(faults)


def weight(body: bytes, content_type: str = "text/html") -> int:
    """Bytes on the wire: texts are compressed."""
    return len(gzip.compress(body, 6)) if content_type.startswith(TEXT) else len(body)


def heading(page: Page, text: str) -> None:
    expect(page.get_by_role("heading", level=1, name=text)).to_be_visible()

"""What every visitor does: sign in, be watched over, and look at a page as axe does."""

from __future__ import annotations

import gzip
from importlib.resources import files

from playwright.sync_api import Page, expect

from clinic.accounts.seed import PASSWORD

WIDTHS = {390: 844, 1280: 900}
NARROWEST = 320
AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text()
LISTEN = (
    "document.addEventListener('securitypolicyviolation', "
    "event => console.error(`CSP refuses ${event.blockedURI} (${event.violatedDirective})`))"
)
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
    page.goto("/accounts/login/")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def look_at(page: Page) -> list[str]:
    """What axe finds at each width, and what hangs out of the narrowest screen."""
    former = page.viewport_size
    faults = [fault for width, height in WIDTHS.items() for fault in _axe(page, width, height)]
    page.set_viewport_size({"width": NARROWEST, "height": 800})
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
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    violations = page.evaluate("axe.run(document, {resultTypes: ['violations']}).then(found => found.violations)")
    return [
        f"{page.url} at {width} px: {one['id']}: {node['html'][:200]}: {node['failureSummary']}"
        for one in violations
        for node in one["nodes"][:5]
    ]


def assert_sound(page: Page) -> None:
    faults = look_at(page)
    assert not faults, "\n".join(faults)


def weight(body: bytes, content_type: str = "text/html") -> int:
    """Bytes on the wire: texts are compressed."""
    return len(gzip.compress(body, 6)) if content_type.startswith(TEXT) else len(body)


def heading(page: Page, text: str) -> None:
    expect(page.get_by_role("heading", level=1, name=text)).to_be_visible()

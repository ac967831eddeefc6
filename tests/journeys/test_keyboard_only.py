"""A visit booked without a mouse: Tab, Space, Enter, and at every step the focus can be seen."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.journeys.support.patient import BORN, PLAIN, Patient
from tests.journeys.support.visitor import heading

MOST_TABS, MOST_CHOICES = 60, 100
FOCUS_SHOWS = """() => {
    const shows = one => {
        const style = getComputedStyle(one);
        return (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2) || style.boxShadow !== "none";
    };
    const focused = document.activeElement;
    return focused.matches(":focus-visible") && [focused, focused.closest("label")].filter(Boolean).some(shows);
}"""


class Keyboard:
    def __init__(self, page) -> None:
        self.page = page

    def go_to(self, target) -> None:
        for _ in range(MOST_TABS):
            self.page.keyboard.press("Tab")
            assert self.page.evaluate(FOCUS_SHOWS), self.page.evaluate("document.activeElement.outerHTML.slice(0, 200)")
            if target.evaluate("one => one === document.activeElement"):
                return
        pytest.fail(f"Tab does not reach {target}")

    def press(self, target, key: str = "Enter") -> None:
        self.go_to(target)
        self.page.keyboard.press(key)

    def choose(self, name: str, wanted) -> None:
        """Tab reaches the group, the arrows go from one radio button to the next."""
        self.press(self.page.locator(f"input[name={name}]").first, "Space")
        for _ in range(MOST_CHOICES):
            if wanted.is_checked():
                return
            self.page.keyboard.press("ArrowDown")
        pytest.fail(f"The arrows do not reach {wanted}")

    def write(self, label: str, text: str) -> None:
        self.go_to(self.page.get_by_label(label, exact=label in {"Day", "Month", "Year"}))
        self.page.keyboard.type(text)


@pytest.mark.parametrize("width", [390, 1280])
def test_books_a_visit_with_the_keyboard_alone(visit, width):
    patient = Patient(page := visit(width=width))
    keys = Keyboard(page)
    page.goto("/book/")

    # When past the header by the skip link
    keys.press(page.get_by_role("link", name="Skip to main content"))
    expect(page.locator("main")).to_be_focused()
    keys.choose("treatment", patient.choice(PLAIN))
    keys.choose("who", patient.choice("First available"))
    keys.press(page.get_by_role("button", name="Continue"))
    heading(page, "When would you like to come in?")
    keys.press(page.locator("a.day").nth(2))
    expect(page.locator("#chosen-day")).to_be_focused()
    keys.press(page.locator("section button.slot").first)

    heading(page, "Your details")
    keys.write("Full name", patient.name)
    keys.write("Email address", patient.email)
    keys.write("Mobile number", "07700 900123")
    for label, value in zip(("Day", "Month", "Year"), BORN, strict=True):
        keys.write(label, value)
    keys.press(page.get_by_role("button", name="Continue"))

    heading(page, "Check your booking")
    keys.press(page.get_by_label("I agree to these terms"), "Space")
    keys.press(page.get_by_role("button", name="Confirm booking"))
    patient.then_it_is_booked()

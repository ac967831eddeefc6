"""An editor writes in the CMS as it stands; what may not be advertised is refused with words to write instead."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from content.models import ArticlePage, BlogIndexPage
from tests.journeys.support.visitor import heading, sign_in_by_form


class Editor:
    def __init__(self, page) -> None:
        self.page = page
        self.title = f"Sun and skin {uuid4().hex[:8]}"
        self.slug = self.title.lower().replace(" ", "-")

    def given_a_new_article(self, words: str) -> None:
        sign_in_by_form(self.page, "editor@example.com")
        expect(self.page).to_have_url(re.compile("/cms/$"))
        self.page.goto(f"/cms/pages/add/content/articlepage/{BlogIndexPage.objects.get().pk}/")
        self.page.locator("#id_title").fill(self.title)
        self.page.locator("#id_summary").fill("What the sun does, and what helps.")
        self.page.get_by_role("button", name="Choose an image").click()
        self.page.locator(".modal-body .image-choice").first.click()
        self.page.locator("#id_hero_alt").fill("A drawing of two curves")
        self.page.locator("[id$=body-section] button[title='Insert a block']").first.click()
        self.page.get_by_role("option", name="Paragraph").click()
        self.when_they_write(words)

    def when_they_write(self, words: str) -> None:
        """In place of what stands there."""
        box, field = (
            self.page.locator("[id$=body-section] .public-DraftEditor-content"),
            self.page.locator("[name=body-0-value]"),
        )
        box.click()
        expect(box).to_be_focused()
        self.page.keyboard.press("ControlOrMeta+a")
        self.page.keyboard.press("Backspace")
        expect(box).to_have_text("")
        self.page.keyboard.type(words)
        expect(box).to_have_text(words)
        expect(field).to_have_value(re.compile(re.escape(words)))

    def when_they_publish(self) -> None:
        self.page.get_by_role("button", name="More actions").click()
        self.page.get_by_role("button", name="Publish").click()

    def then_visitors_read(self, visitor, words: str) -> None:
        expect(self.page.locator(".messages")).to_contain_text("published")
        visitor.goto(f"/blog/{self.slug}/")
        heading(visitor, self.title)
        expect(visitor.get_by_text(words)).to_be_visible()


@pytest.fixture
def editor(visit):
    return Editor(visit(width=1280, is_watched=False))  # the console of Wagtail's admin is Wagtail's business


def test_publishes_an_article_that_visitors_then_read(editor, visit):
    editor.given_a_new_article("Wear a hat at noon.")

    editor.when_they_publish()

    visitor = visit()
    editor.then_visitors_read(visitor, "Wear a hat at noon.")
    visitor.goto("/blog/")
    expect(visitor.get_by_role("link", name=editor.title).first).to_be_visible()


@pytest.mark.proof
def test_is_refused_a_prescription_only_medicine_and_told_what_to_write(editor, visit):
    visit.problems.expected = ("status of 404",)
    editor.given_a_new_article("We give Botox on Mondays.")

    editor.when_they_publish()

    page = editor.page
    expect(page.locator(".messages")).to_contain_text(re.compile("could not be (created|saved|published)"))
    expect(
        page.get_by_text(re.compile("“?Botox”?.*may not be published here.*SlotQuery:", re.IGNORECASE)).first
    ).to_be_visible()
    assert not ArticlePage.objects.filter(slug=editor.slug, live=True).exists()
    visitor = visit()
    visitor.goto(f"/blog/{editor.slug}/")
    expect(visitor.get_by_text("Botox")).to_have_count(0)

    editor.when_they_write("A consultation about lines comes first.")
    editor.when_they_publish()
    editor.then_visitors_read(visitor, "A consultation about lines comes first.")

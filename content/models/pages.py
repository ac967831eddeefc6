from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.http import HttpRequest
from django.urls import reverse
from django.utils.text import slugify
from wagtail.admin.forms import WagtailAdminPageForm
from wagtail.admin.panels import FieldPanel, FieldRowPanel
from wagtail.fields import StreamField
from wagtail.models import Page, PageViewRestriction
from wagtail.search import index

from clinic.advertising.forms import AdvertisingFormMixin
from clinic.advertising.publishing import PublicTextMixin
from clinic.advertising.rules.check import AGE_PAGES, Surface
from clinic.running.page_cache import let_caches_keep
from content import blocks


class PublicPageForm(AdvertisingFormMixin, WagtailAdminPageForm):
    """Says what may not be published beside the field that says it."""


class PublicPage(PublicTextMixin, Page):  # type: ignore[django-manager-missing]  # Wagtail is untyped
    """A page that anyone may read: it cannot be made private, so serving it asks nothing about the reader."""

    private_page_options: ClassVar[list[str]] = []
    advertising_surface = Surface.ARTICLE
    base_form_class = PublicPageForm
    wording: ClassVar[tuple[str, ...]] = ()
    streams: ClassVar[tuple[str, ...]] = ()

    class Meta:
        abstract = True

    @property
    def address(self) -> str:
        """The path on this site, found without asking the database."""
        return reverse("wagtail_serve", args=[self.url_path.split("/", 2)[2]])

    @property
    def description(self) -> str:
        return self.search_description or getattr(self, "summary", "")

    def public_texts(self) -> dict[str, str]:
        """Every text of the page that visitors, search engines or screen readers meet, by its field."""
        names = ("title", "seo_title", "search_description", *self.wording)
        texts = {"slug": self.slug.replace("-", " "), **{name: getattr(self, name) for name in names}}
        for name in self.streams:
            written = blocks.texts_of(getattr(self, name).get_prep_value())
            texts |= {f"{name}.{number}": text for number, text in enumerate(written, start=1)}
        return {name: text for name, text in texts.items() if text}

    def get_view_restrictions(self) -> Any:
        return PageViewRestriction.objects.none()

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return let_caches_keep(request, super().serve(request, *args, **kwargs))


class StandardPage(PublicPage):
    summary = models.CharField(max_length=240, blank=True)
    body = StreamField(blocks.StandardBody())
    reviewed_on = models.DateField("last reviewed", null=True, blank=True)
    next_review_on = models.DateField("next review", null=True, blank=True)

    template = "content/standard_page.html"
    advertising_exempt = AGE_PAGES
    wording = ("summary",)
    streams = ("body",)
    parent_page_types: ClassVar = ["content.HomePage"]
    subpage_types: ClassVar[list[str]] = []
    content_panels = [
        *Page.content_panels,
        FieldPanel("summary"),
        FieldPanel("body"),
        FieldRowPanel([FieldPanel("reviewed_on"), FieldPanel("next_review_on")]),
    ]
    search_fields = [*Page.search_fields, index.SearchField("summary"), index.SearchField("body")]

    class Meta:
        verbose_name = "plain page"

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context(request, *args, **kwargs), "parts": anchored(self.body)}


def anchored(body: Any) -> list[dict[str, Any]]:
    """The blocks of a body; each heading with an anchor of its own, even where two headings read the same."""
    seen: dict[str, int] = {}
    parts = []
    for block in body:
        anchor = ""
        if block.block_type == "heading":
            stem = slugify(block.value) or "section"
            seen[stem] = seen.get(stem, 0) + 1
            anchor = stem if seen[stem] == 1 else f"{stem}-{seen[stem]}"
        parts.append({"block": block, "anchor": anchor})
    return parts

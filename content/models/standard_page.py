"""A plain page, such as the terms: a summary and a body."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.http import HttpRequest
from wagtail.admin.panels import FieldPanel, FieldRowPanel
from wagtail.fields import StreamField
from wagtail.models import Page
from wagtail.search import index

from clinic.advertising.rules.check import AGE_PAGES
from content import blocks
from content.models.anchors import anchored
from content.models.public_page import PublicPage


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

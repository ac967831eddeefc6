from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from django.contrib.syndication.views import Feed
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed

from clinic.core.clock import LONDON
from clinic.core.models import ClinicSettings
from clinic.running.page_cache import let_caches_keep
from content.models import ArticlePage

ENTRIES = 20


class JournalFeed(Feed[ArticlePage, ArticlePage]):
    feed_type = Atom1Feed
    description_template = None

    def __call__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return let_caches_keep(request, super().__call__(request, *args, **kwargs))

    def title(self) -> str:
        return f"Journal – {ClinicSettings.load().name}"

    def subtitle(self) -> str:
        return "Plain answers about skin and face, with their sources."

    def link(self) -> str:
        return reverse("wagtail_serve", args=["blog/"])

    def items(self) -> Any:
        return ArticlePage.objects.live().newest_first().select_related("author")[:ENTRIES]

    def item_title(self, item: ArticlePage) -> str:
        return str(item.title)

    def item_description(self, item: ArticlePage) -> str:
        return item.summary

    def item_link(self, item: ArticlePage) -> str:
        return item.address

    def item_author_name(self, item: ArticlePage) -> str | None:
        return item.author.name if item.author else None

    def item_pubdate(self, item: ArticlePage) -> datetime:
        return _morning(item.published_on)

    def item_updateddate(self, item: ArticlePage) -> datetime:
        return _morning(item.last_changed_on)


def _morning(day: date) -> datetime:
    return datetime.combine(day, time(9), tzinfo=LONDON)

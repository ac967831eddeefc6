from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib.sitemaps import Sitemap
from django.urls import reverse
from wagtail.models import Page

from clinic.catalogue.sitemaps import TreatmentSitemap
from clinic.practitioners.sitemaps import PractitionerSitemap
from content.models import HomePage


class PageSitemap(Sitemap[Page]):
    def items(self) -> Any:
        home = HomePage.objects.live().first()
        return home.get_descendants(inclusive=True).live().order_by("path") if home else []

    def location(self, item: Page) -> str:
        return reverse("wagtail_serve", args=[item.url_path.split("/", 2)[2]])

    def lastmod(self, item: Page) -> datetime | None:
        return item.last_published_at  # type: ignore[no-any-return]  # Wagtail is untyped


class ListSitemap(Sitemap[str]):
    def items(self) -> list[str]:
        return ["catalogue:index", "practitioners:index"]

    def location(self, item: str) -> str:
        return reverse(item)


SITEMAPS = {
    "pages": PageSitemap,
    "lists": ListSitemap,
    "treatments": TreatmentSitemap,
    "practitioners": PractitionerSitemap,
}

from __future__ import annotations

from datetime import datetime

from django.contrib.sitemaps import Sitemap

from clinic.catalogue.models import Treatment, TreatmentQuerySet


class TreatmentSitemap(Sitemap[Treatment]):
    def items(self) -> TreatmentQuerySet:
        return Treatment.objects.public()

    def lastmod(self, item: Treatment) -> datetime | None:
        return item.last_published_at  # type: ignore[no-any-return]  # Wagtail is untyped

from __future__ import annotations

from datetime import datetime

from django.contrib.sitemaps import Sitemap

from clinic.practitioners.models import Practitioner, PractitionerQuerySet


class PractitionerSitemap(Sitemap[Practitioner]):
    def items(self) -> PractitionerQuerySet:
        return Practitioner.objects.public()

    def lastmod(self, item: Practitioner) -> datetime | None:
        return item.last_published_at  # type: ignore[no-any-return]  # Wagtail is untyped

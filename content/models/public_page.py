"""What every page has that anyone may read."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import HttpRequest
from django.urls import reverse
from wagtail.admin.forms import WagtailAdminPageForm
from wagtail.models import Page, PageViewRestriction

from clinic.advertising.forms import AdvertisingFormMixin
from clinic.advertising.publishing import PublicTextMixin
from clinic.advertising.rules.check import Surface
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

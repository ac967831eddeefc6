from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.text import slugify
from wagtail.admin.forms import WagtailAdminPageForm
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.fields import StreamField
from wagtail.models import Page, PageViewRestriction
from wagtail.search import index
from wagtail.url_routing import RouteResult

from clinic.advertising.forms import AdvertisingFormMixin
from clinic.advertising.publishing import PublicTextMixin
from clinic.advertising.rules.check import AGE_PAGES, Surface
from clinic.catalogue.models import Treatment
from clinic.core.pictures import sizes_of
from clinic.practitioners.models import Practitioner
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


class HomePage(PublicPage):
    eyebrow = models.CharField(max_length=80, blank=True)
    headline = models.CharField(max_length=120)
    lede = models.CharField("opening words", max_length=300)
    trust_points = StreamField([("point", blocks.TrustPointBlock())], blank=True, max_num=4)
    treatments_heading = models.CharField(max_length=80, default="Treatments and consultations")
    treatments_intro = models.CharField(max_length=300, blank=True)
    practitioners_heading = models.CharField(max_length=80, default="Who you will see")
    practitioners_intro = models.CharField(max_length=300, blank=True)
    steps_heading = models.CharField(max_length=80, default="How it works")
    steps = StreamField([("step", blocks.StepBlock())], blank=True, max_num=4)
    articles_heading = models.CharField(max_length=80, default="From the journal")
    questions_heading = models.CharField(max_length=80, default="Questions people ask")
    questions = StreamField([("question", blocks.QuestionBlock())], blank=True, max_num=10)
    closing_heading = models.CharField(max_length=100, default="Start with a conversation")
    closing_text = models.CharField(max_length=300, blank=True)

    template = "content/home_page.html"
    advertising_surface = Surface.HOME
    wording = (
        "eyebrow",
        "headline",
        "lede",
        "treatments_heading",
        "treatments_intro",
        "practitioners_heading",
        "practitioners_intro",
        "steps_heading",
        "articles_heading",
        "questions_heading",
        "closing_heading",
        "closing_text",
    )
    streams = ("trust_points", "steps", "questions")
    parent_page_types: ClassVar = ["wagtailcore.Page"]
    subpage_types: ClassVar = ["content.BlogIndexPage", "content.StandardPage"]
    max_count = 1
    content_panels = [
        *Page.content_panels,
        MultiFieldPanel([FieldPanel("eyebrow"), FieldPanel("headline"), FieldPanel("lede")], "Opening"),
        FieldPanel("trust_points"),
        MultiFieldPanel([FieldPanel("treatments_heading"), FieldPanel("treatments_intro")], "Treatments"),
        MultiFieldPanel([FieldPanel("practitioners_heading"), FieldPanel("practitioners_intro")], "Practitioners"),
        MultiFieldPanel([FieldPanel("steps_heading"), FieldPanel("steps")], "How it works"),
        FieldPanel("articles_heading"),
        MultiFieldPanel([FieldPanel("questions_heading"), FieldPanel("questions")], "Questions"),
        MultiFieldPanel([FieldPanel("closing_heading"), FieldPanel("closing_text")], "Closing"),
    ]
    search_fields = [*Page.search_fields, index.SearchField("headline"), index.SearchField("lede")]

    class Meta:
        verbose_name = "home page"

    @property
    def description(self) -> str:
        return self.search_description or self.lede

    def route(self, request: HttpRequest, path_components: list[str]) -> RouteResult:
        """Find any page of the site, whole and with its author and picture, in one statement."""
        if not path_components:
            return super().route(request, path_components)
        whole = Page.objects.select_related(
            "standardpage",
            "blogindexpage",
            "articlepage__hero_image",
            "articlepage__author",
            "articlepage__reviewed_by",
        )
        found = whole.filter(url_path=f"{self.url_path}{'/'.join(path_components)}/", live=True).first()
        for kind in ("articlepage", "standardpage", "blogindexpage"):
            if found is not None and hasattr(found, kind):
                return RouteResult(getattr(found, kind))
        raise Http404

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        from content.models.blog import ArticlePage  # noqa: PLC0415 -- the two modules know each other's pages

        treatments = list(Treatment.objects.bookable_online().for_newcomers().select_related("category", "image")[:6])
        people = list(Practitioner.objects.public().select_related("image").prefetch_related("credentials")[:3])
        articles = list(ArticlePage.objects.live().for_cards()[:3])
        with_image: list[Any] = [*treatments, *people]
        pictures = [row.image for row in with_image] + [row.hero_image for row in articles]
        models.prefetch_related_objects([picture for picture in pictures if picture], sizes_of())
        shown = {"treatments": treatments, "people": people, "articles": articles}
        return {**super().get_context(request, *args, **kwargs), **shown}


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

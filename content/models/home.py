from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.http import Http404, HttpRequest
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.fields import StreamField
from wagtail.models import Page
from wagtail.search import index
from wagtail.url_routing import RouteResult

from clinic.advertising.rules.check import Surface
from clinic.catalogue.models import Treatment
from clinic.core.pictures import sizes_of
from clinic.practitioners.models import Practitioner
from content import blocks
from content.models.blog import ArticlePage
from content.models.public_page import PublicPage


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
        treatments = list(Treatment.objects.bookable_online().for_newcomers().select_related("category", "image")[:6])
        people = list(Practitioner.objects.public().select_related("image").prefetch_related("credentials")[:3])
        articles = list(ArticlePage.objects.live().for_cards()[:3])
        with_image: list[Any] = [*treatments, *people]
        pictures = [row.image for row in with_image] + [row.hero_image for row in articles]
        models.prefetch_related_objects([picture for picture in pictures if picture], sizes_of())
        shown = {"treatments": treatments, "people": people, "articles": articles}
        return {**super().get_context(request, *args, **kwargs), **shown}

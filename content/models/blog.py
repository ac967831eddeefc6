from __future__ import annotations

import math
from datetime import date
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db import models
from django.db.models import Count, Q, Value
from django.http import HttpRequest
from modelcluster.contrib.taggit import ClusterTaggableManager
from modelcluster.fields import ParentalKey
from taggit.models import Tag, TaggedItemBase
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.fields import StreamField
from wagtail.models import Page, PageManager, PageQuerySet
from wagtail.search import index

from clinic.advertising.publishing import words_of_picture
from clinic.core import clock
from clinic.core.pictures import sizes_of
from content import blocks
from content.models.anchors import anchored
from content.models.public_page import PublicPage, PublicPageForm

ARTICLES_A_PAGE = 9
WORDS_A_MINUTE = 220


class ArticleQuerySet(PageQuerySet):
    def newest_first(self) -> Any:
        return self.order_by("-published_on", "-pk")

    def for_cards(self) -> Any:
        """With author and picture; the sizes of the pictures are fetched for all cards at once (`sizes_of`)."""
        return self.newest_first().select_related("author", "hero_image").defer("body", "sources")

    def published_after(self, article: ArticlePage) -> Any:
        later = Q(published_on__gt=article.day) | Q(published_on=article.day, pk__gt=article.pk or 0)
        return self.filter(later).order_by("published_on", "pk")

    def published_before(self, article: ArticlePage) -> Any:
        earlier = Q(published_on__lt=article.day) | Q(published_on=article.day, pk__lt=article.pk or 0)
        return self.filter(earlier).newest_first()


ArticleManager = PageManager.from_queryset(ArticleQuerySet)


class BlogIndexPage(PublicPage):
    summary = models.CharField(max_length=240, blank=True)

    template = "content/blog_index_page.html"
    wording = ("summary",)
    parent_page_types: ClassVar = ["content.HomePage"]
    subpage_types: ClassVar = ["content.ArticlePage"]
    max_count = 1
    content_panels = [*Page.content_panels, FieldPanel("summary")]

    class Meta:
        verbose_name = "journal"

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        wanted = request.GET.get("tag", "").replace("\x00", "")[:100]
        articles = ArticlePage.objects.live()
        tags = Tag.objects.filter(content_articletag_items__content_object__live=True)
        tags = tags.annotate(uses=Count("pk")).order_by("name")
        chosen = next((tag for tag in tags if tag.slug == wanted), None)
        if wanted:
            articles = articles.filter(tags__slug=wanted)
        return {
            **super().get_context(request, *args, **kwargs),
            "articles": Paginator(
                articles.for_cards().prefetch_related(sizes_of("hero_image")), ARTICLES_A_PAGE
            ).get_page(request.GET.get("page")),
            "tags": tags,
            "chosen": chosen,
            "is_filtered": bool(wanted),
            "section": "journal",
        }


class ArticleTag(TaggedItemBase):
    content_object = ParentalKey("content.ArticlePage", on_delete=models.CASCADE, related_name="tagged_items")


class ArticleForm(PublicPageForm):
    def _post_clean(self) -> None:
        self.instance.typed_tags = self.cleaned_data.get("tags")  # kept only on save, but checked before
        super()._post_clean()


class ArticlePage(PublicPage):  # type: ignore[django-manager-missing]  # Wagtail is untyped
    summary = models.CharField(max_length=240, help_text="For the card, for search results and for readers in a hurry.")
    published_on = models.DateField("first published", default=clock.today)
    updated_on = models.DateField(
        "updated", null=True, blank=True, help_text="Set it when what the article says changes."
    )
    hero_image = models.ForeignKey(
        "wagtailimages.Image", verbose_name="main picture", null=True, on_delete=models.PROTECT, related_name="+"
    )
    hero_alt = models.CharField(
        "what the picture shows",
        max_length=240,
        help_text="Say what a person who cannot see it would want to know. Name no medicine.",
    )
    body = StreamField(blocks.ArticleBody())
    sources = StreamField([("source", blocks.SourceBlock())], blank=True)
    author = models.ForeignKey(
        "practitioners.Practitioner", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    reviewed_by = models.ForeignKey(
        "practitioners.Practitioner", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    reviewed_on = models.DateField("reviewed", null=True, blank=True)
    next_review_on = models.DateField("next review", null=True, blank=True)
    tags = ClusterTaggableManager(through=ArticleTag, blank=True)

    objects: ClassVar[Any] = ArticleManager()
    template = "content/article_page.html"
    base_form_class = ArticleForm
    wording = ("summary", "hero_alt")
    streams = ("body", "sources")
    typed_tags: list[str] | None = None
    parent_page_types: ClassVar = ["content.BlogIndexPage"]
    subpage_types: ClassVar[list[str]] = []
    content_panels = [
        *Page.content_panels,
        FieldPanel("summary"),
        MultiFieldPanel([FieldPanel("hero_image"), FieldPanel("hero_alt")], "Main picture"),
        FieldPanel("body"),
        FieldPanel("sources"),
        MultiFieldPanel(
            [
                FieldPanel("author"),
                FieldRowPanel([FieldPanel("published_on"), FieldPanel("updated_on")]),
                FieldRowPanel([FieldPanel("reviewed_by"), FieldPanel("reviewed_on"), FieldPanel("next_review_on")]),
            ],
            "Who wrote it, and who checked it",
        ),
        FieldPanel("tags"),
    ]
    search_fields = [
        *Page.search_fields,
        index.SearchField("summary"),
        index.SearchField("body"),
        index.FilterField("published_on"),
    ]

    class Meta:
        verbose_name = "article"

    def clean(self) -> None:
        super().clean()
        if bool(self.reviewed_by_id) != bool(self.reviewed_on):
            raise ValidationError({"reviewed_on": "Give both who reviewed the article and on which day, or neither."})
        if self.reviewed_on and self.next_review_on and self.next_review_on <= self.reviewed_on:
            raise ValidationError({"next_review_on": "The next review comes after the last one."})

    def public_texts(self) -> dict[str, str]:
        tags = self.typed_tags if self.typed_tags is not None else [tag.name for tag in self.tags.all()]
        pictures = {f"hero_image.{n}": words_of_picture(picture) for n, picture in enumerate(self.pictures())}
        return {**super().public_texts(), "tags": ", ".join(str(tag) for tag in tags), **pictures}

    def pictures(self) -> list[Any]:
        figures = [block.value["image"] for block in self.body if block.block_type == "image"]
        return [picture for picture in [self.hero_image, *figures] if picture]

    @property
    def reading_minutes(self) -> int:
        texts = self.body.stream_block.get_searchable_content(self.body)
        return max(1, math.ceil(sum(len(str(text).split()) for text in texts) / WORDS_A_MINUTE))

    @property
    def day(self) -> date:
        """Where it stands among the others; a preview may lack its day, and stands where it would today."""
        return self.published_on or clock.today()

    @property
    def last_changed_on(self) -> date:
        return self.updated_on or self.published_on

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        parts = anchored(self.body)
        self._fetch_renditions()
        tags = list(self.tags.all())
        return {
            **super().get_context(request, *args, **kwargs),
            "parts": parts,
            "contents": [part for part in parts if part["anchor"]],
            "tag_list": tags,
            **self._others(tags),
            "section": "journal",
        }

    def _fetch_renditions(self) -> None:
        """The renditions of every picture of the page in one statement; the tags then ask nothing."""
        models.prefetch_related_objects(self.pictures(), sizes_of())

    def _others(self, tags: list[Tag]) -> dict[str, Any]:
        """The article before, the one after, and up to two on a like subject, in one statement."""
        live = ArticlePage.objects.live().exclude(pk=self.pk)
        later = live.published_after(self).annotate(place=Value("next"))[:1]
        earlier = live.published_before(self).annotate(place=Value("previous"))[:1]
        shared = Count("tagged_items", filter=Q(tagged_items__tag__in=tags))
        like = live.annotate(shared=shared).filter(shared__gt=0).annotate(place=Value("related"))
        like = like.order_by("-shared", "-published_on", "-pk")[:4]
        names = ("place", "title", "url_path")
        rows = later.values_list(*names).union(earlier.values_list(*names), like.values_list(*names), all=True)
        found: dict[str, list[ArticlePage]] = {"next": [], "previous": [], "related": []}
        for place, title, url_path in rows:
            found[place].append(ArticlePage(title=title, url_path=url_path))
        return {
            "next_article": next(iter(found["next"]), None),
            "previous_article": next(iter(found["previous"]), None),
            "related": found["related"][:2],
        }

"""The search of the site: treatments, people and pages that anyone may see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from wagtail.models import Page
from wagtail.search.backends import get_search_backend

from clinic.catalogue.models import Treatment
from clinic.practitioners.models import Practitioner
from clinic.running.page_cache import public_page
from content.models import ArticlePage, HomePage, StandardPage

RESULTS_A_KIND = 10
LONGEST_QUERY = 100


@dataclass(frozen=True, slots=True)
class Found:
    """One line of a search result."""

    kind: str
    title: str
    text: str
    href: str


@require_safe
@public_page
def search(request: HttpRequest) -> HttpResponse:
    words = " ".join(request.GET.get("q", "").replace("\x00", " ").split())[:LONGEST_QUERY]
    return render(request, "content/search.html", {"words": words, "results": find(words) if words else []})


def find(words: str) -> list[Found]:
    """Treatments, people and pages that anyone may see, best first within each kind."""
    backend = get_search_backend()
    treatments = backend.search(words, Treatment.objects.public())[:RESULTS_A_KIND]
    people = backend.search(words, Practitioner.objects.public())[:RESULTS_A_KIND]
    return [
        *(Found(row.get_kind_display(), row.name, row.summary, row.get_absolute_url()) for row in treatments),
        *(Found("Practitioner", row.name, row.summary or row.job_title, row.get_absolute_url()) for row in people),
        *(Found(_kind_of(page), page.title, page.description, page.address) for page in _pages(backend, words)),
    ]


def _pages(backend: Any, words: str) -> list[Any]:
    kinds = (ArticlePage, StandardPage, HomePage)
    return [page for kind in kinds for page in backend.search(words, kind.objects.live())[:RESULTS_A_KIND]]


def _kind_of(page: Page) -> str:
    return "Article" if isinstance(page, ArticlePage) else "Page"

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe
from wagtail.models import Page
from wagtail.search.backends import get_search_backend

from clinic.catalogue.models import Treatment
from clinic.practitioners.models import Practitioner
from clinic.running.page_cache import public_page
from content.models import ArticlePage, HomePage, StandardPage

RESULTS_A_KIND = 10
LONGEST_QUERY = 100
NOT_FOR_ROBOTS = ("/accounts/", "/api/", "/book/", "/calendar/", "/cms/", "/diary/", "/my/", "/search/", "/visit/")


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


@require_safe
@public_page
def robots(request: HttpRequest) -> HttpResponse:
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in NOT_FOR_ROBOTS), ""]
    lines.append(f"Sitemap: {request.build_absolute_uri(reverse('content:sitemap'))}")
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


@require_safe
def cms_login(request: HttpRequest) -> HttpResponse:
    """One way in: the site's own sign-in. Someone signed in without a right to the CMS is told so.

    Raises:
        PermissionDenied: the person is signed in, so signing in again would not help.
    """
    if request.user.is_authenticated:
        raise PermissionDenied
    return redirect_to_login(request.GET.get("next") or reverse("wagtailadmin_home"))


@require_safe
def sign_in(request: HttpRequest) -> HttpResponse:
    """Lead from where Wagtail sends readers to the site's own sign-in."""
    return redirect_to_login(request.GET.get("next") or reverse("accounts:after_login"))


def no_such_page(request: HttpRequest, rest: str = "") -> HttpResponse:
    """Close a door of Wagtail's that this site does not use."""
    raise Http404

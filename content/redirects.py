"""Old addresses that lead to the new ones, and never back to themselves."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control
from wagtail.contrib.redirects import middleware
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import Page, Site

MOST_HOPS = 5


class RedirectMiddleware(middleware.RedirectMiddleware):  # type: ignore[misc]  # Wagtail is untyped
    """Wagtail's, with two differences.

    A redirect that leads back to where it began is not followed: rename a page, rename it back and unpublish it, and
    its address would lead to itself. And browsers keep no answer: of an address that was renamed and named back, each
    would else remember that each of the two leads to the other.
    """

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        found: HttpResponse = super().process_response(request, response)
        if found is response or leads_back(request, found["Location"]):
            return response
        patch_cache_control(found, no_cache=True)
        return found


def leads_back(request: HttpRequest, target: str) -> bool:
    """Whether `target` is where the request began, by however many redirects."""
    seen = {Redirect.normalise_path(request.path)}
    for _ in range(MOST_HOPS):
        address = urlsplit(target)
        if address.netloc and address.netloc != request.get_host():
            return False
        path = Redirect.normalise_path(address.path)
        if path in seen:
            return True
        seen.add(path)
        further = middleware.get_redirect(request, path)
        if further is None or further.link is None or _answers(path):
            return False
        target = further.link
    return True


def forget_own_addresses(instance: Page, **_kwargs: Any) -> None:
    """Delete the redirects that Wagtail made of addresses at which this page and those below stand now."""
    standing = instance.get_descendants(inclusive=True).live().specific()
    paths = [Redirect.normalise_path(page.address) for page in standing if hasattr(page, "address")]
    Redirect.objects.filter(automatically_created=True, old_path__in=paths).delete()


def _answers(path: str) -> bool:
    """Whether a page stands there: its redirect is a leftover, which nobody meets."""
    roots = Site.objects.values_list("root_page__url_path", flat=True)
    return bool(Page.objects.live().filter(url_path__in=[f"{root}{path.strip('/')}/" for root in roots]).exists())

"""What robots are told, and the one way in: Wagtail's own doors lead to the sign-in of the site, or nowhere."""

from __future__ import annotations

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from clinic.running.page_cache import public_page

NOT_FOR_ROBOTS = (
    "/accounts/",
    "/api/",
    "/book/",
    "/calendar/",
    "/cms/",
    "/diary/",
    "/my/",
    "/search/",
    "/staff/",
    "/visit/",
)


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

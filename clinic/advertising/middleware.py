"""Show a refusal in the editor where no form could say it: workflow approval, bulk publishing, texts of child rows."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from clinic.advertising.models import AdvertisingVerdict
from clinic.advertising.publishing import AdvertisingRefused


class AdvertisingRefusalMiddleware:
    """Inside Wagtail's admin a refusal becomes a message on the page the editor came from."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        home = reverse("wagtailadmin_home")
        if not isinstance(exception, AdvertisingRefused) or not request.path.startswith(home):
            return None
        # The view's transaction is rolled back by now, and the verdict with it: keep it again, to be cleared.
        user = request.user if request.user.is_authenticated else None
        AdvertisingVerdict.objects.record(exception.instance, exception.report, user=user)
        messages.error(request, str(exception))
        came_from = request.META.get("HTTP_REFERER", "")
        is_ours = url_has_allowed_host_and_scheme(came_from, {request.get_host()}, require_https=request.is_secure())
        return HttpResponseRedirect(came_from if is_ours else home)

"""Show a refusal in the editor where no form could say it: workflow approval, bulk publishing, texts of child rows."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from clinic.advertising.models import AdvertisingVerdict
from clinic.advertising.publishing import AdvertisingRefused
from clinic.core.web.cms_middleware import back_in_cms, is_in_cms


class AdvertisingRefusalMiddleware:
    """Inside Wagtail's admin a refusal becomes a message on the page the editor came from."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, AdvertisingRefused) or not is_in_cms(request):
            return None
        # The view's transaction is rolled back by now, and the verdict with it: keep it again, to be cleared.
        user = request.user if request.user.is_authenticated else None
        AdvertisingVerdict.objects.record(exception.instance, exception.report, user=user)
        messages.error(request, str(exception))
        return HttpResponseRedirect(back_in_cms(request))

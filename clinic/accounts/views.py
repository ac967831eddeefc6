from __future__ import annotations

from typing import Any

from allauth.account.views import LogoutView
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_safe

from clinic.accounts.rights import Right, may


@login_required
@require_safe
def after_login(request: HttpRequest) -> HttpResponse:
    """To where someone's day begins. By path, as this layer knows neither bookings nor content."""
    if may(request.user, Right.SEE_DIARY):
        return HttpResponseRedirect("/diary/")
    return HttpResponseRedirect("/cms/" if may(request.user, Right.USE_CMS) else "/my/")


class SignOut(LogoutView):  # type: ignore[misc]
    def post(self, *args: Any, **kwargs: Any) -> HttpResponse:
        answer: HttpResponse = super().post(*args, **kwargs)
        return forget_what_is_kept(answer)


def forget_what_is_kept(answer: HttpResponse) -> HttpResponse:
    """Have the browser forget what our pages keep on the device, such as the day's sheet: somebody else may go on."""
    answer.headers["Clear-Site-Data"] = '"storage"'
    return answer

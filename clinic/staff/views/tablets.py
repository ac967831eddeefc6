"""The owner's page of shared tablets: which there are, make this browser one, end one."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST

from clinic.accounts.fresh_sign_in import fresh_sign_in_required
from clinic.accounts.permissions import needs, user_of
from clinic.accounts.rights import Right
from clinic.core import clock
from clinic.core.web.flash import leave_notice, take_notice
from clinic.core.web.htmx import render_page
from clinic.staff.models import Tablet
from clinic.staff.tablet import tablets
from clinic.staff.tablet.browser import give_cookie, tablet_of, take_cookie
from clinic.staff.tablet.forms import TabletForm

WRONG = 422


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.MANAGE_PEOPLE)
def shared_tablets(request: HttpRequest) -> HttpResponse:
    """Every shared tablet; POST makes this browser one."""
    return _enrol(request) if request.method == "POST" else _page(request, TabletForm())


@fresh_sign_in_required
def _enrol(request: HttpRequest) -> HttpResponse:
    form = TabletForm(request.POST)
    if tablet_of(request):
        form.add_error(None, "This browser is a shared tablet already. End that first.")
    if not form.is_valid():
        return _page(request, form, status=WRONG)
    tablet = tablets.enrol(**form.cleaned_data, by=user_of(request), now=clock.now())
    leave_notice(request, f"This browser is now the shared tablet “{tablet}”. Sign out before you hand it over.")
    response = redirect("staff:tablets")
    give_cookie(response, tablet)
    return response


@require_POST
@needs(Right.MANAGE_PEOPLE)
@fresh_sign_in_required
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """End a shared tablet."""
    ended = tablets.revoke(pk, clock.now())
    said = (
        f"“{ended}” is no shared tablet any more. What was open there is locked." if ended else "It has ended already."
    )
    leave_notice(request, said)
    response = redirect("staff:tablets")
    if ended and ended == tablet_of(request):
        take_cookie(response)
    return response


def _page(request: HttpRequest, form: TabletForm, *, status: int = 200) -> HttpResponse:
    now = clock.now()
    rows = Tablet.objects.live(now).select_related("enrolled_by").order_by("name", "pk")
    context = {
        "section": "people",
        "rows": rows,
        "this": tablet_of(request),
        "form": form,
        "notice": take_notice(request),
    }
    return render_page(request, "staff/tablets.html", context, status=status)

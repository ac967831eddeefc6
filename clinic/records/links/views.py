"""Follow a link to a record's page, and show a date of birth on the way."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from clinic.core import clock
from clinic.core.web.client_address import client_address
from clinic.records.links.birthday import NoTriesLeft, NotTheirs, check_birthday
from clinic.records.links.destinations import page_of
from clinic.records.links.forms import BirthdayForm
from clinic.records.links.models import RecordLink
from clinic.records.links.views_access import broken_link, may_see, opened_link, remember, remember_birthday


@require_safe
def link(request: HttpRequest, token: str) -> HttpResponse:
    """Swap the secret in the address for a clean one. HEAD, by which programs look whether a link works, opens nothing."""
    found = RecordLink.objects.live(clock.now()).for_link(token).first()
    page = page_of(found) if found else None
    if found is None or page is None:
        return broken_link(request)
    if request.method != "HEAD":
        remember(request, found)
    return redirect(page, found.reference)


@require_http_methods(["GET", "HEAD", "POST"])
def birthday(request: HttpRequest, reference: str) -> HttpResponse:
    """Ask for the date of birth, then lead to the link's page."""
    opened = opened_link(request, reference)
    page = page_of(opened) if opened else None
    if opened is None or page is None:
        return broken_link(request)
    if may_see(request, opened):
        return redirect(page, reference)
    form = BirthdayForm(request.POST if request.method == "POST" else None)
    status = 200
    if form.is_bound and form.is_valid():
        try:
            check_birthday(opened, form.cleaned_data["date_of_birth"], address=client_address(request))
        except NotTheirs as refusal:
            form.add_error("date_of_birth", str(refusal))
        except NoTriesLeft as refusal:
            form.add_error(None, str(refusal))
            status = 429
        else:
            remember_birthday(request, opened)
            return redirect(page, reference)
    return render(request, "records/links/birthday.html", {"form": form}, status=status)

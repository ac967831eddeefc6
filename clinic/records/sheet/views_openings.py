"""Look into what was opened for a reason."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from clinic.accounts.models import User
from clinic.accounts.permissions import needs, user_of
from clinic.accounts.rights import Right
from clinic.core import clock
from clinic.core.errors import DomainError
from clinic.core.web.flash import leave_notice, take_notice
from clinic.core.web.htmx import render_page
from clinic.records.reading import glass
from clinic.records.reading.models import BreakGlass
from clinic.records.reading.models.glass import REVIEWED_WITHIN
from clinic.records.sheet.forms import ReviewForm
from clinic.staff.people import owners

SHOWN = 50


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.SEE_RECORD_ACCESS)
def openings(request: HttpRequest) -> HttpResponse:
    """What was opened for a reason: those that nobody has looked into first. Nothing of the records is shown."""
    form, of, status = ReviewForm(), request.POST.get("grant", ""), 200
    if request.method == "POST":
        grant = get_object_or_404(BreakGlass, pk=of if of.isdecimal() else None)
        form, status = ReviewForm(request.POST), 422
        if form.is_valid():
            try:
                _review(user_of(request), grant, form)
            except DomainError as error:
                form.add_error("finding", str(error))
            else:
                leave_notice(request, "Noted.")
                return redirect("records:openings")
    rows = BreakGlass.objects.select_related("user", "patient", "review__by")
    context = {
        "section": "people",
        "to_review": list(rows.to_review()),
        "reviewed": list(rows.exclude(review=None)[:SHOWN]),
        "form": form,
        "of": of,
        "overdue_since": clock.now() - REVIEWED_WITHIN,
        "notice": take_notice(request),
        "here": reverse("records:openings"),
    }
    return render_page(request, "records/reading/openings.html", context, status=status)


def _review(by: User, grant: BreakGlass, form: ReviewForm) -> None:
    said = form.cleaned_data
    is_alone = not owners().exclude(pk=by.pk).exists()
    glass.review(
        grant=grant, by=by, was_right=said["was_right"], finding=said["finding"], is_alone=is_alone, now=clock.now()
    )

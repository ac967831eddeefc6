"""Read what a draft changes, word for word, and approve it: a page of its own, never the click that wrote it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from clinic.accounts.fresh_sign_in import require_fresh_sign_in
from clinic.accounts.permissions import needs, user_of
from clinic.accounts.rights import Right, may
from clinic.core import clock
from clinic.core.errors import DomainError
from clinic.core.web.flash import leave_notice
from clinic.practitioners.models import Practitioner
from clinic.records.questions import comparing, drafting
from clinic.records.questions.views.kept import REFUSED, newest_of, questionnaire_of, render_editor
from clinic.records.versions.models import State

NO_PROFILE = "Only a practitioner approves: your account is not linked to a practitioner’s profile."


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.WRITE_TEXTS, to_change=Right.APPROVE_TEXTS)
def approving(request: HttpRequest, slug: str) -> HttpResponse:
    if request.method != "POST":
        return _page(request, slug)
    require_fresh_sign_in(request)
    practitioner = Practitioner.objects.filter(user=user_of(request)).first()
    if practitioner is None:
        return _page(request, slug, refusal=NO_PROFILE)
    try:
        version = drafting.approve_draft(
            questionnaire_of(slug), by=practitioner, seen=request.POST.get("seen", ""), now=clock.now()
        )
    except DomainError as refused:
        return _page(request, slug, refusal=str(refused))
    leave_notice(request, f"Approved. Version {version.number} is in use from now on.")
    return redirect("records:questionnaire", slug)


def _page(request: HttpRequest, slug: str, *, refusal: str = "") -> HttpResponse:
    newest = newest_of(slug)
    used = newest.questionnaire.versions.filter(state=State.APPROVED).first()
    old = used.read() if used else None
    return render_editor(
        request,
        "approve",
        newest,
        status=REFUSED if refusal else 200,
        refusal=refusal,
        used=used,
        compared=comparing.compare(old, newest.content),
        asked_again=comparing.asked_again(old, newest.content),
        reworded=comparing.reworded(old, newest.content),
        may_approve=may(request.user, Right.APPROVE_TEXTS),
    )

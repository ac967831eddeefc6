"""What people do about their own data: have a copy made, be deleted, ask for anything else."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import AnonymousUser
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clinic.accounts.fresh_sign_in import fresh_sign_in_required
from clinic.accounts.permissions import user_of
from clinic.core import clock
from clinic.core.errors import DomainError
from clinic.core.formats import written_date
from clinic.core.sealing.files import opened
from clinic.core.sealing.keyring import Unreadable
from clinic.core.web.flash import leave_notice, take_notice
from clinic.privacy import copies, erasure
from clinic.privacy import requests as rules
from clinic.privacy.forms import AskForm
from clinic.privacy.models import DataCopy, DataRequest
from clinic.privacy.people import own_record, person_of

COPIES_SHOWN = 5


@require_safe
@login_required
@never_cache
def my_data(request: HttpRequest) -> HttpResponse:
    """The copies that were made, the requests that were asked, and what else can be asked."""
    return _page(request, AskForm())


@require_POST
@login_required
@fresh_sign_in_required
def ask_copy(request: HttpRequest) -> HttpResponse:
    user, now = user_of(request), clock.now()
    try:
        copies.ask(account=user, patient=own_record(user, now), now=now)
        leave_notice(request, "Your copy is being made. We email you when it is ready.")
    except DomainError as refusal:
        leave_notice(request, str(refusal))
    return redirect("privacy:my_data")


@require_safe
@login_required
@never_cache
@fresh_sign_in_required
def take_copy(request: HttpRequest, reference: str) -> HttpResponseBase:
    """The file itself, unsealed on its way. Another's answers as one that is not there."""
    now = clock.now()
    copy = get_object_or_404(DataCopy, reference=reference, account=user_of(request))
    if not copy.is_there(now) or not copies.is_theirs(copy):
        raise Http404
    pieces = opened(copy.path, about=copies.ABOUT)
    try:
        first = next(pieces)
    except (Unreadable, FileNotFoundError):
        raise Http404 from None
    DataCopy.objects.filter(pk=copy.pk, taken_at=None).update(taken_at=now)
    response = StreamingHttpResponse(
        (piece for part in ([first], pieces) for piece in part), content_type="application/zip"
    )
    response["Content-Disposition"] = f'attachment; filename="my-data-{clock.today(now)}.zip"'
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
@fresh_sign_in_required
def delete(request: HttpRequest) -> HttpResponse:
    """Say what goes and what stays; POST does it, and signs out."""
    user, now = user_of(request), clock.now()
    record = own_record(user, now)
    person = person_of(patient=record, account=user)
    if user.is_staff:
        return render(request, "privacy/my/delete.html", {"is_staff": True, "section": "my"})
    refusal = ""
    if request.method == "POST" and request.POST.get("sure") == "yes":
        rules.ask(DataRequest.Kind.ERASE, account=user, patient=record, words="", now=now)
        try:
            log = erasure.erase(person, now=now, by=None)
        except DomainError as why:
            refusal = str(why)
        else:
            request.session.flush()
            request.user = AnonymousUser()
            until = log.until.isoformat() if log.until else ""
            request.session["deleted"] = {"gone": log.what, "kept": log.kept, "until": until}
            return redirect("privacy:deleted")
    elif request.method == "POST":
        refusal = "Tick the box if you are sure."
    context = {"plan": erasure.plan(person, now), "refusal": refusal, "section": "my"}
    return render(request, "privacy/my/delete.html", context, status=422 if refusal else 200)


@require_safe
@never_cache
def deleted(request: HttpRequest) -> HttpResponse:
    """What was done, for whoever did it, until their browser ends the session."""
    done = request.session.get("deleted")
    if done is None:
        raise Http404
    until = date.fromisoformat(done["until"]) if done["until"] else None
    return render(request, "privacy/my/deleted.html", {**done, "until": until})


@require_http_methods(["POST"])
@login_required
def ask(request: HttpRequest) -> HttpResponse:
    form, user, now = AskForm(request.POST), user_of(request), clock.now()
    if not form.is_valid():
        return _page(request, form, status=422)
    made = rules.ask(**form.cleaned_data, account=user, patient=own_record(user, now), now=now)
    leave_notice(request, f"We have your request, and answer by {written_date(made.due_on)}.")
    return redirect("privacy:my_data")


@require_POST
@login_required
def withdraw(request: HttpRequest, reference: str) -> HttpResponse:
    row = get_object_or_404(DataRequest, reference=reference, account=user_of(request))
    try:
        rules.withdraw(row, by=None, now=clock.now())
        leave_notice(request, "Withdrawn.")
    except DomainError as refusal:
        leave_notice(request, str(refusal))
    return redirect("privacy:my_data")


def _page(request: HttpRequest, form: AskForm, *, status: int = 200) -> HttpResponse:
    user, now = user_of(request), clock.now()
    made = DataCopy.objects.filter(account=user).exclude(state=DataCopy.State.GONE)[:COPIES_SHOWN]
    context: dict[str, Any] = {
        "section": "my",
        "copies": [(copy, copy.is_there(now)) for copy in made],
        "is_being_made": any(copy.state == DataCopy.State.ASKED for copy in made),
        "requests": DataRequest.objects.filter(account=user).order_by("-created_at", "-pk"),
        "record": own_record(user, now),
        "form": form,
        "notice": take_notice(request),
    }
    return render(request, "privacy/my/data.html", context, status=status)

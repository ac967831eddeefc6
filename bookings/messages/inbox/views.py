"""What the clinic sends, and to whom: the queue as staff read it."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from bookings.messages.inbox import to_check
from bookings.messages.inbox.forms import MessageSearchForm
from bookings.messages.inbox.resend import may_send_again, send_again
from bookings.messages.models import Message
from bookings.messages.models.message import MessageQuerySet
from bookings.visits.access import known_to, sees_all, without_limited
from clinic.accounts.models import AccountNotice
from clinic.accounts.permissions import needs, user_of
from clinic.accounts.rights import Right
from clinic.core import clock
from clinic.core.errors import DomainError
from clinic.core.web.flash import leave_notice, take_notice
from clinic.core.web.htmx import render_page
from clinic.core.web.next_page import next_page
from clinic.patients.models import JoinNotice, Patient, PatientAccess
from clinic.patients.search import matching

PAGE = 50
REVIEWED_BEFORE = timedelta(days=14)
TO_CHECK = (Message.State.FAILED, Message.State.UNKNOWN)
WAITING = (Message.State.PLANNED, Message.State.LEASED)
TABS = (("sent", "Sent"), ("planned", "Planned"), ("check", "To check"))


@require_safe
@needs(Right.SEE_MESSAGES)
def index(request: HttpRequest) -> HttpResponse:
    """`?tab=sent|planned|check&q=&state=&day=&page=`."""
    now = clock.now()
    tab = request.GET.get("tab") if request.GET.get("tab") in dict(TABS) else "sent"
    form = MessageSearchForm(request.GET)
    rows = _of_tab(str(tab), now).visible_to(request.user)
    if form.is_valid():
        rows = _found(rows, form.cleaned_data)
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    kept = {name: request.GET[name] for name in ("tab", "q", "state", "day") if request.GET.get(name)}
    context = {
        "section": "messages",
        "page": page,
        "tab": tab,
        "tabs": TABS,
        "form": form,
        "is_search": bool(set(kept) - {"tab"}),
        "disputed": (disputed := _disputed(request)),
        "accounts": (accounts := _accounts(request)),
        "ending": (ending := _ending(request, now)),
        "to_check": _number_to_check(request, disputed, accounts, ending),
        "notice": take_notice(request),
        "query": f"{urlencode(kept)}&" if kept else "",
    }
    return render_page(request, "bookings/messages/inbox.html", context)


@require_safe
@needs(Right.SEE_MESSAGES)
def detail(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    return _page(request, _message(request, pk))


@require_POST
@needs(Right.SEND_AGAIN)
def again(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Send once more what failed; what may have arrived only with `did_not_arrive`."""
    message, by = _message(request, pk), user_of(request)
    try:
        new = send_again(message, clock.now(), by=by, did_not_arrive=bool(request.POST.get("did_not_arrive")))
    except DomainError as refusal:
        return _page(request, message, str(refusal), 409)
    return _to_message(request, new.pk)


@require_POST
@needs(Right.SEND_AGAIN)
def settle(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Dealt with in another way: off the list of what is to check."""
    message = _message(request, pk)
    try:
        to_check.settle(message, user_of(request), clock.now())
    except DomainError as refusal:
        return _page(request, message, str(refusal), 409)
    whom = message.patient.full_name if message.patient else message.recipient
    leave_notice(
        request,
        f"{message.get_kind_display()} to {whom}: dealt with.",
        action=reverse("bookings:message_put_back", args=[pk]),
        fields={"undo": "yes", "next": _list_of(request)},
    )
    return _to_list(request)


@require_POST
@needs(Right.SEND_AGAIN)
def put_back(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Not dealt with after all; `undo` came from the list, which is where it then leads back to."""
    message = _message(request, pk)
    to_check.put_back(message)
    return _to_list(request) if "undo" in request.POST else _to_message(request, pk)


def _disputed(request: HttpRequest) -> list[JoinNotice]:
    """Accounts that a patient of theirs does not know, until someone has looked into it on the record."""
    rows = JoinNotice.objects.to_check().select_related("access__patient")
    return list(rows.filter(access__patient__in=known_to(request.user, Patient.objects.all()).values("pk")))


def _accounts(request: HttpRequest) -> list[AccountNotice]:
    """Accounts about which somebody said "This wasn't me"; for those who see every patient."""
    if not sees_all(request.user):
        return []
    opened = without_limited(PatientAccess.objects.all(), request.user)
    of_limited = PatientAccess.objects.exclude(pk__in=opened.values("pk")).values("user")
    return list(AccountNotice.objects.to_check().exclude(user__in=of_limited).select_related("user"))


def _ending(request: HttpRequest, now: datetime) -> list[PatientAccess]:
    """Help that staff have allowed and that ends soon or has just ended: to be given anew, or ended."""
    rows = PatientAccess.objects.filter(
        kind=PatientAccess.Kind.CARER,
        source=PatientAccess.Source.STAFF,
        revoked_at=None,
        ends_at__lte=now + REVIEWED_BEFORE,
        patient__in=known_to(request.user, Patient.objects.all()).values("pk"),
    )
    return list(rows.select_related("patient", "user").order_by("ends_at", "pk"))


def _number_to_check(request: HttpRequest, *others: list[Any]) -> int:
    return Message.objects.visible_to(request.user).to_check().count() + sum(map(len, others))


@require_POST
@needs(Right.CORRECT_PATIENTS)
def settle_account(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark a disputed letter about an account as dealt with; `reopen` lets a patient's closed account sign in again."""
    if not sees_all(request.user):
        raise Http404
    notice = get_object_or_404(AccountNotice.objects.to_check().select_related("user"), pk=pk)
    to_check.settle_account(notice, user_of(request), clock.now(), reopen="reopen" in request.POST)
    leave_notice(request, "Dealt with.")
    return redirect(_to_check())


def _list_of(request: HttpRequest) -> str:
    """The list that the message was opened from, with its search and page, as `next` names it."""
    return next_page(request, under=reverse("bookings:messages"))


def _to_check() -> str:
    return f"{reverse('bookings:messages')}?tab=check"


def _to_list(request: HttpRequest) -> HttpResponse:
    return redirect(_list_of(request) or _to_check())


def _to_message(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    place = _list_of(request)
    return redirect(reverse("bookings:message", args=[pk]) + (f"?{urlencode({'next': place})}" if place else ""))


def _message(request: HttpRequest, pk: uuid.UUID) -> Message:
    rows = Message.objects.visible_to(request.user)
    rows = rows.select_related("patient", "appointment", "appointment__patient", "settled_by")
    return get_object_or_404(rows, pk=pk)


def _page(request: HttpRequest, message: Message, refusal: str = "", status: int = 200) -> HttpResponse:
    needs_look = message.state in TO_CHECK and message.settled_at is None
    context = {
        "section": "messages",
        "message": message,
        "is_waiting": message.state in WAITING,
        "needs_look": needs_look,
        "may_send_again": may_send_again(message, clock.now()),
        "refusal": refusal,
        "next": (place := _list_of(request)),
        "list_url": place or (_to_check() if needs_look or message.settled_at else reverse("bookings:messages")),
    }
    return render_page(request, "bookings/messages/message.html", context, status=status)


def _of_tab(tab: str, now: datetime) -> MessageQuerySet:
    """Sent: all that has had its turn or has it now, so that a confirmation shows at once; latest first."""
    rows = Message.objects.select_related("patient", "appointment").annotate(at=Coalesce("sent_at", "due_at"))
    to_come = Q(state__in=WAITING, due_at__gt=now)
    never_was = Q(state=Message.State.WITHDRAWN, due_at__gt=now)
    if tab == "planned":
        return rows.filter(to_come).order_by("due_at", "pk")
    if tab == "check":
        return rows.to_check().order_by("-at", "pk")
    return rows.exclude(to_come | never_was).order_by("-at", "pk")


def _found(rows: MessageQuerySet, wanted: dict[str, Any]) -> MessageQuerySet:
    if text := wanted["q"]:
        rows = rows.filter(
            Q(recipient__icontains=text)
            | Q(patient__in=matching(text))
            | Q(subject__icontains=text)
            | Q(appointment__reference__iexact=text)
        )
    if wanted["state"]:
        rows = rows.filter(state=wanted["state"])
    if wanted["day"]:
        start, end = clock.day_bounds(wanted["day"])
        due_then = Q(sent_at=None, due_at__gte=start, due_at__lt=end)
        rows = rows.filter(Q(sent_at__gte=start, sent_at__lt=end) | due_then)
    return rows

"""Every message about a patient's visits, as it was sent."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from bookings.messages.models import Message
from bookings.messages.models.message import MessageQuerySet
from bookings.online.views.my.opened import May, Opened, opened_by
from clinic.accounts.permissions import user_of
from clinic.core import clock
from clinic.patients.helping.opened import log_opened
from clinic.patients.models import AccessOpened, PatientAccess

PAGE = 20
State = Message.State
OUTCOMES = {
    State.SENT: "Sent",
    State.LEASED: "On its way",
    State.FAILED: "Not arrived",
    State.UNKNOWN: "May not have arrived",
    State.EXPIRED: "Not sent: it was too late",
}
NOT_ABOUT_VISITS = (Message.Kind.ACCOUNT, Message.Kind.STAFF_NOTICE)
NOT_FOR_HELPERS = (*NOT_ABOUT_VISITS, Message.Kind.JOINED, Message.Kind.LINKS)
FORM_LINK = "/forms/"


@require_safe
@login_required
def message_list(request: HttpRequest) -> HttpResponse:
    """`?page=`."""
    now = clock.now()
    opened = opened_by(user_of(request), now)
    page = Paginator(_shown(opened, now), PAGE).get_page(request.GET.get("page"))
    for message in page.object_list:
        message.outcome = _outcome(message)
    log_opened(_of_helper(opened), AccessOpened.What.MESSAGES, now)
    context = {"page": page, "own": opened.own, "section": "my"}
    return render(request, "bookings/online/my/messages.html", context)


@require_safe
@login_required
def message(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    now = clock.now()
    opened = opened_by(user_of(request), now)
    found = _shown(opened, now).filter(pk=pk).first()
    if found is None:
        raise Http404
    is_own = opened.own is not None and opened.own.pk == found.patient_id
    by = [one for one in _of_helper(opened) if one.patient_id == found.patient_id]
    log_opened(by, AccessOpened.What.MESSAGE, now, about=str(found.pk))
    context = {
        "message": found,
        "outcome": _outcome(found),
        "body": found.body if is_own or FORM_LINK not in found.body else "",
        "own": opened.own,
        "section": "my",
    }
    return render(request, "bookings/online/my/message.html", context)


def _shown(opened: Opened, now: datetime) -> MessageQuerySet:
    """What has had its turn, the latest first; of people they help, nothing about their accounts and links."""
    own = Q(patient=opened.own.pk) & ~Q(kind__in=NOT_ABOUT_VISITS) if opened.own else Q(pk__in=())
    helped = Q(patient__in=[one.patient_id for one in _of_helper(opened)]) & ~Q(kind__in=NOT_FOR_HELPERS)
    rows = Message.objects.filter(own | helped, state__in=OUTCOMES).select_related("patient")
    rows = rows.annotate(at=Coalesce("sent_at", "due_at")).filter(at__lte=now)
    return rows.order_by("-at", "pk")


def _of_helper(opened: Opened) -> list[PatientAccess]:
    return [one for one in opened.accesses if one.kind == PatientAccess.Kind.CARER and May.MESSAGES in one.may]


def _outcome(message: Message) -> str:
    return "Arrived" if message.delivered_at else OUTCOMES[State(message.state)]

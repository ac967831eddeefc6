"""Say to those who wait that a practitioner runs late: look first, then one tap."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_http_methods, require_POST

from bookings.desk.late.delays import Late, Tell, late_visits
from bookings.desk.late.telling import CHANGED, take_back, tell
from bookings.desk.views.address import next_of
from bookings.messages.channels import channel_named
from bookings.messages.models import Message
from bookings.messages.planning.lateness import late_row
from bookings.messages.wording.owner_words import Wordings
from bookings.visits.access import diaries_of, withhold_limited
from clinic.accounts.permissions import needs
from clinic.accounts.rights import Right
from clinic.core import clock
from clinic.core.errors import DomainError
from clinic.core.formats import desk_clock
from clinic.core.models import ClinicSettings
from clinic.core.web.flash import leave_notice
from clinic.practitioners.models import Practitioner


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.CHANGE_OWN_DIARY)
def late(request: HttpRequest) -> HttpResponse:
    """What would be said to whom, because the practitioner `with` runs late. POST `tell` = each visit with its time."""
    asked = request.POST if request.method == "POST" else request.GET
    person = get_object_or_404(diaries_of(request.user), slug=asked.get("with", "").replace("\0", ""))
    now = clock.now()
    if request.method != "POST":
        return _page(request, person, now)
    wanted = dict(_read(written) for written in request.POST.getlist("tell"))
    if not wanted or None in wanted.values():
        return _page(request, person, now, refusal=CHANGED if wanted else "Choose whom to tell.")
    try:
        told = tell(practitioner=person.pk, wanted={name: at for name, at in wanted.items() if at}, now=now)
    except DomainError as refusal:
        return _page(request, person, now, refusal=str(refusal))
    due_at = max(message.due_at for message in told)
    leave_notice(
        request,
        f"{_names(told)} {'is' if len(told) == 1 else 'are'} told at {desk_clock(due_at)} that we run late.",
        action=reverse("bookings:late_undo"),
        fields={"messages": ",".join(str(message.pk) for message in told), "next": next_of(request)},
    )
    return redirect(next_of(request) or "bookings:diary")


@require_POST
@needs(Right.CHANGE_OWN_DIARY)
def undo(request: HttpRequest) -> HttpResponse:
    """Withdraw `messages` that have not gone yet."""
    asked = list(filter(None, map(_uuid, request.POST.get("messages", "").split(","))))
    gone = take_back(Message.objects.visible_to(request.user).filter(pk__in=asked).values_list("pk", flat=True))
    words = f"{_names(gone)} had been told already." if gone else "Nobody is told: nothing was sent."
    leave_notice(request, words)
    return redirect(next_of(request) or "bookings:diary")


def _page(request: HttpRequest, person: Practitioner, now: datetime, *, refusal: str = "") -> HttpResponse:
    late = late_visits(person.pk, now)
    withhold_limited((one.visit for one in late), request.user)
    rows = _rows(late, now)
    context: dict[str, Any] = {
        "section": "diary",
        "person": person,
        "rows": rows,
        "number": sum(row["late"].tell == Tell.SEND for row in rows),
        "refusal": refusal,
        "next": next_of(request) or reverse("bookings:diary"),
    }
    return render(request, "bookings/desk/late/late.html", context, status=409 if refusal else 200)


def _rows(late: list[Late], now: datetime) -> list[dict[str, Any]]:
    clinic, wordings, rows = ClinicSettings.load(), Wordings(), []
    for one in late:
        message = late_row(one.visit, one.about, now) if one.tell == Tell.SEND else None
        own = wordings.of(message, clinic, now) if message else None
        words = channel_named(message.channel).as_recorded(message, clinic, now, own)[1] if message else ""
        rows.append({"late": one, "message": message, "words": words})
    return rows


def _read(written: str) -> tuple[str, datetime | None]:
    """`<reference>|<about when>`, as the page writes it."""
    reference, _, at = written.partition("|")
    try:
        about = parse_datetime(at)
    except ValueError:
        about = None
    return reference, about if about and about.tzinfo else None


def _uuid(written: str) -> UUID | None:
    try:
        return UUID(written)
    except ValueError:
        return None


def _names(messages: list[Message]) -> str:
    names = [message.patient.short_name for message in messages if message.patient]
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1] if names else ""]))

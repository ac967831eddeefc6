"""The plan page: look at what a change of the diary does, do all of it with one button, and take it back."""

from __future__ import annotations

import uuid
from functools import partial
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from bookings.desk.plan import access
from bookings.desk.plan.forms import EVERYONE, BlockForm, carried, filled_in, read_choices
from bookings.desk.plan.presets import presets
from bookings.desk.plan.rows import blocked_already, said_of, shown, stays_blocked, time_span
from bookings.desk.plan.views_attempt import attempt
from bookings.desk.views.address import next_of
from bookings.desk.views.landing import landing, leads_back, name_of, visit_address
from bookings.desk.views.versions import visit_of
from bookings.engine.plans import block as blocks
from bookings.engine.plans import extension as extensions
from bookings.engine.plans.extension import Extension
from bookings.engine.plans.plan import PlanOutOfDate
from bookings.engine.plans.undo import undo
from bookings.engine.resize import LONGEST
from bookings.visits.models import DiaryChange
from bookings.visits.refusals import for_staff
from clinic.accounts.permissions import needs, user_of
from clinic.accounts.rights import Right
from clinic.core import clock
from clinic.core.date_fields import read_day
from clinic.core.errors import DomainError
from clinic.core.web.flash import leave_notice
from clinic.core.web.htmx import render_page

EXTENSION = "extension"


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.CHANGE_OWN_DIARY)
def plan(request: HttpRequest) -> HttpResponse:
    """`kind=extension&visit=<reference>&minutes=` changes a length; else time is blocked: `who`, `day`, `starts` …"""
    asked = request.POST if request.method == "POST" else request.GET
    return _extension(request, asked) if asked.get("kind") == EXTENSION else _block(request, asked)


def _block(request: HttpRequest, asked: Any) -> HttpResponse:
    people = access.people_to_plan(user_of(request))
    may_close = access.may_plan_for_all(user_of(request))
    if not people and not may_close:
        raise PermissionDenied
    day = read_day(asked.get("day")) or clock.today()
    is_asked = request.method == "POST" or "look" in asked
    start = {"who": people[0].slug if people else "", "day": day} | {
        name: asked[name] for name in ("who",) if name in asked
    }
    who = asked.get("who", start["who"])
    offered = presets(day, next((person for person in people if person.slug == who), None), clock.now())
    asked = filled_in(asked, offered)
    form = BlockForm(asked if is_asked else None, people=people, may_close=may_close, initial=start)
    context = {
        "form": form,
        "day": day,
        "presets": offered,
        "title": "Block time",
        "next": next_of(request),
        "place_name": name_of(next_of(request)) if next_of(request) else "",
    }
    if not is_asked or not form.is_valid():
        return _page(request, context, 422 if is_asked and form.errors else 200)
    block = form.cleaned_data["block"]
    context |= {"planned_time": time_span(block.starts_at, block.ends_at), "carried": carried(form, asked)}
    context["planned_for"] = block.practitioner.name if block.practitioner else "The whole clinic"
    choices = read_choices(request.POST)
    done = attempt(request, partial(blocks.do, block, choices=choices))
    if isinstance(done, DiaryChange):
        return _done(request, done)
    context["blocked_already"] = blocked_already(block)
    plan = blocks.look(block, now=clock.now(), choices=choices)
    return _page(request, context, 409 if done else 200, plan, for_staff(done) if done else "")


def _extension(request: HttpRequest, asked: Any) -> HttpResponse:
    visit = visit_of(request, asked.get("visit", "").replace("\x00", ""))
    written = asked.get("minutes", "")
    minutes = int(written) if written.isdecimal() and len(written) <= len(str(LONGEST)) else 0
    extension, choices = Extension(visit=visit, minutes=minutes), read_choices(request.POST)
    done = attempt(request, partial(extensions.do, extension, choices=choices))
    if isinstance(done, DiaryChange):
        return _done(request, done, visit.reference)
    is_first_look = isinstance(done, PlanOutOfDate) and "is_plan" not in request.POST  # from the visit's page
    context = {"visit": visit, "minutes": minutes, "title": "Make the visit longer"}
    if minutes < visit.minutes:
        context["title"] = "Make the visit shorter"
    context |= leads_back(request, visit)
    plan = extensions.look(extension, now=clock.now(), choices=choices)
    return _page(request, context, 409 if done else 200, plan, for_staff(done) if done and not is_first_look else "")


def _page(
    request: HttpRequest, context: dict[str, Any], status: int, plan: Any = None, refusal: str = ""
) -> HttpResponse:
    more = {"section": "diary", "plan": plan, "rows": shown(plan.rows) if plan else [], "key": uuid.uuid4()}
    more["refusal"] = refusal or (plan.refusal if plan else "")
    return render_page(request, "bookings/desk/plan/plan.html", context | more, status=status)


def _done(request: HttpRequest, change: DiaryChange, reference: str = "") -> HttpResponse:
    place = landing(request, reference, f"{reverse('bookings:diary')}?day={clock.today(change.starts_at)}")
    undo = {"key": str(change.key), "next": place}
    led_from = next_of(request)
    page = visit_address(reference, led_from) if reference and led_from else ""
    leave_notice(request, said_of(change), action=reverse("bookings:plan_undo"), fields=undo, page=page)
    return redirect(place)


@require_POST
@needs(Right.CHANGE_OWN_DIARY)
def plan_undo(request: HttpRequest) -> HttpResponse:
    """Take back the change with this `key`."""
    try:
        key = uuid.UUID(request.POST.get("key", ""))
    except ValueError as error:
        raise Http404 from error
    change = get_object_or_404(DiaryChange.objects.select_related("practitioner"), key=key)
    if not access.may_undo(user_of(request), change):
        raise PermissionDenied
    try:
        undone = undo(change=change, now=clock.now(), by=user_of(request))
    except DomainError as refusal:
        leave_notice(request, f"Not undone. {for_staff(refusal)}")
    else:
        leave_notice(request, f"Undone. {stays_blocked(undone) or 'Everything stands as it did.'}")
    if place := next_of(request):
        return redirect(place)
    if change.kind == DiaryChange.Kind.HOURS:
        whose = change.practitioner.slug if change.practitioner else EVERYONE
        return redirect(f"{reverse('bookings:time')}?who={whose}")
    return redirect(f"{reverse('bookings:diary')}?day={clock.today(change.starts_at)}")

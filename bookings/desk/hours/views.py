"""Working hours and leave: what holds for whom, and the plan of each change of it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from bookings.desk.hours.forms_kinds import KINDS, Kind
from bookings.desk.hours.forms_week import WeekForm
from bookings.desk.hours.reading import timetable
from bookings.desk.plan import access
from bookings.desk.plan.forms import EVERYONE, carried, read_choices
from bookings.desk.plan.rows import said_of, shown, time_span
from bookings.desk.plan.views_attempt import attempt
from bookings.engine.plans import hours
from bookings.timetable.models import Location
from bookings.visits.models import DiaryChange
from bookings.visits.refusals import for_staff
from clinic.accounts.permissions import needs, user_of
from clinic.accounts.rights import Right
from clinic.core import clock
from clinic.core.date_fields import read_day
from clinic.core.web.flash import leave_notice, take_notice
from clinic.core.web.htmx import render_page
from clinic.practitioners.models import Practitioner


@dataclass(frozen=True, slots=True)
class _Whose:
    """Whose hours the page is of; `person` is None for the whole clinic."""

    slug: str
    person: Practitioner | None
    people: list[Practitioner]
    may_close: bool

    @property
    def name(self) -> str:
        return self.person.name if self.person else "The whole clinic"


@require_safe
@needs(Right.CHANGE_OWN_HOURS)
def time(request: HttpRequest) -> HttpResponse:
    """`?who=<practitioner>`, or `everyone` for the whole clinic; the reader's own without one."""
    whose = _whose(request, request.GET)
    found = timetable(whose.person, clock.now()) if whose.person or whose.slug == EVERYONE else None
    context = {
        "section": "time",
        "whose": whose,
        "timetable": found,
        "has_places": Location.objects.filter(is_active=True).exists(),
        "notice": take_notice(request),
        "today": clock.today(),
    }
    return render_page(request, "bookings/desk/hours/time.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.CHANGE_OWN_HOURS)
def change(request: HttpRequest) -> HttpResponse:
    """`kind=week|different|extra|break|changed|end|remove&who=…`, and what its form asks. GET shows the plan, POST does it."""
    asked = request.POST if request.method == "POST" else request.GET
    kind = KINDS.get(asked.get("kind", ""))
    if kind is None:
        raise Http404
    whose = _whose(request, asked)
    if whose.person is None and not (kind.is_for_everyone and whose.slug == EVERYONE):
        raise Http404
    if kind.needs_place and not Location.objects.filter(is_active=True).exists():
        return redirect(_address(whose.slug))
    return _plan(request, asked, kind, whose)


def _plan(request: HttpRequest, asked: QueryDict, kind: Kind, whose: _Whose) -> HttpResponse:
    is_asked = request.method == "POST" or "look" in asked
    form = kind.form(asked if is_asked else None, practitioner=whose.person, now=clock.now(), **_start(asked, kind))
    context: dict[str, Any] = {"form": form, "kind": kind, "name": asked["kind"], "whose": whose}
    if not is_asked or not form.is_valid():
        return _page(request, context, 422 if is_asked and form.errors else 200)
    planned, choices = form.cleaned_data["change"], read_choices(request.POST)
    done = attempt(request, partial(hours.do, planned, choices=choices))
    if isinstance(done, DiaryChange):
        undo = {"key": str(done.key), "next": _address(whose.slug)}
        leave_notice(request, said_of(done), action=reverse("bookings:plan_undo"), fields=undo)
        return redirect(_address(whose.slug))
    plan = hours.look(planned, now=clock.now(), choices=choices)
    context |= {
        "plan": plan,
        "key": uuid.uuid4(),
        "rows": shown(plan.rows),
        "carried": carried(form, asked, "kind", "who", "mark"),
        "planned_for": whose.name,
        "planned_time": time_span(planned.starts_at, planned.ends_at),
        "refusal": for_staff(done) if done else plan.refusal,
    }
    return _page(request, context, 409 if context["refusal"] else 200)


def _start(asked: QueryDict, kind: Kind) -> dict[str, Any]:
    """What a form begins with, from the address that opened it."""
    initial: dict[str, Any] = {name: asked[name] for name in ("rows", "what", "row") if name in asked}
    initial["day"] = read_day(asked.get("day")) or clock.today()
    start: dict[str, Any] = {"initial": initial}
    if issubclass(kind.form, WeekForm):
        start["copied"] = read_day(asked.get("copy"))
    return start


def _page(request: HttpRequest, context: dict[str, Any], status: int) -> HttpResponse:
    return render_page(request, "bookings/desk/hours/change.html", {"section": "time"} | context, status=status)


def _whose(request: HttpRequest, asked: QueryDict) -> _Whose:
    user = user_of(request)
    people, may_close = access.people_to_plan(user), access.may_plan_for_all(user)
    if not people and not may_close:
        raise PermissionDenied
    slug = asked.get("who", "") or (people[0].slug if people else EVERYONE)
    if slug == EVERYONE:
        if not may_close:
            raise PermissionDenied
        return _Whose(EVERYONE, None, people, may_close)
    person = next((one for one in people if one.slug == slug), None)
    if person is None:
        raise PermissionDenied if Practitioner.objects.filter(slug=slug.replace("\x00", "")).exists() else Http404
    return _Whose(person.slug, person, people, may_close)


def _address(slug: str) -> str:
    return f"{reverse('bookings:time')}?who={slug}"

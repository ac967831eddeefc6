"""The day on paper, and the paper typed in afterwards."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from bookings.desk.sheet import typed_day
from bookings.desk.sheet.day_sheet import sheets
from bookings.desk.sheet.forms import OutcomeForm
from bookings.desk.team import chosen_of, team_of
from bookings.desk.views.address import next_of
from bookings.desk.views.landing import asking
from bookings.visits.access import Reader, sees_all, without_limited
from bookings.visits.models import Appointment, BookingSettings
from bookings.visits.refusals import for_staff
from clinic.accounts.permissions import needs, user_of
from clinic.accounts.rights import Right
from clinic.core import clock
from clinic.core.date_fields import read_day
from clinic.core.errors import DomainError
from clinic.core.web.flash import leave_notice, take_notice
from clinic.core.web.htmx import render_page
from clinic.practitioners.models import Practitioner

A_ROW = re.compile(r"([2-9A-HJKMNP-TV-Z]{8,12})-(?:outcome|is_cancelled)")


@require_safe
@needs(Right.SEE_DIARY)
def sheet(request: HttpRequest) -> HttpResponse:
    """`?day=YYYY-MM-DD&with=<slug>`: one A4 page for each practitioner."""
    now = clock.now()
    context = _asked(request, request.GET.get("day"), request.GET.get("with"))
    context["sheets"] = sheets(
        day=context["day"],
        practitioners=context["people"],
        now=now,
        settings=BookingSettings.load(request_or_site=request),
    )
    return render_page(request, "bookings/desk/sheet/sheet.html", {**context, "now": now})


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.CHANGE_OWN_DIARY)
def type_in(request: HttpRequest) -> HttpResponse:
    """What became of each visit of the day: saved in one go, each visit by itself. `?day=&with=`"""
    sent = request.POST if request.method == "POST" else None
    asked = sent if sent is not None else request.GET
    context = _asked(request, asked.get("day"), asked.get("with"))
    now = clock.now()
    visits = _visits(context["day"], context["people"], request.user)
    forms = [OutcomeForm(sent, visit=visit, now=now) for visit in visits]
    if sent is None:
        return _type_page(request, context, forms)
    for form in forms:
        _save(form)
    gone = _gone(request, {visit.reference for visit in visits}, context["team"])
    saved = sum(form.is_saved for form in forms)
    if gone or any(form.refusal for form in forms):
        fresh = {visit.pk: visit for visit in _visits(context["day"], context["people"], request.user)}
        again = [_again(form, fresh, sent) for form in forms]
        return _type_page(request, {**context, "saved": saved, "gone": gone}, again, status=409)
    leave_notice(request, f"{saved} visit{'' if saved == 1 else 's'} saved." if saved else "Nothing was changed.")
    return redirect(context["next"] or f"{reverse('bookings:diary')}?day={context['day']}")


def _asked(request: HttpRequest, day: str | None, slug: str | None) -> dict[str, Any]:
    shown = read_day(day) or clock.today()
    is_everyone = sees_all(request.user, BookingSettings.load(request_or_site=request))
    team = team_of(user_of(request), shown, shown, is_everyone=is_everyone)
    people = chosen_of(team, slug)
    chosen = next((person for person in people if person.slug == slug), None)
    return {
        "section": "diary",
        "day": shown,
        "days": {"before": shown - timedelta(days=1), "after": shown + timedelta(days=1)},
        "team": team,
        "is_own_only": not is_everyone,
        "people": people,
        "chosen": chosen,
        "with_chosen": f"&with={chosen.slug}" if chosen else "",
        "next": next_of(request),
        "asking": asking(next_of(request)).replace("?", "&", 1),
    }


def _visits(day: date, people: list[Practitioner], reader: Reader) -> list[Appointment]:
    rows = Appointment.objects.visits().with_details().in_span(*clock.day_bounds(day)).filter(practitioner__in=people)
    rows = without_limited(rows, reader)
    place = {person.pk: number for number, person in enumerate(people)}
    return sorted(rows, key=lambda visit: (place[visit.practitioner_id], visit.starts_at, visit.pk))


def _save(form: OutcomeForm) -> None:
    if not form.is_valid():
        form.refusal = " ".join(str(error) for errors in form.errors.values() for error in errors)
    elif form.typed:
        try:
            typed_day.save(form.visit, form.typed, clock.now())
        except DomainError as refusal:
            form.refusal = for_staff(refusal)
        else:
            form.is_saved = True


def _again(form: OutcomeForm, fresh: dict[int, Appointment], sent: Any) -> OutcomeForm:
    """The row as the visit stands now, with what was said and what was typed."""
    again = OutcomeForm(sent, visit=fresh.get(form.visit.pk, form.visit), now=clock.now())
    again.refusal, again.is_saved = form.refusal, form.is_saved
    return again


def _gone(request: HttpRequest, shown: set[str], team: list[Practitioner]) -> list[Appointment]:
    """Visits for which something was typed and that stand on this day no more."""
    typed = {found[1] for name, value in request.POST.items() if value and (found := A_ROW.fullmatch(name))}
    missing = typed - shown
    if not missing:
        return []
    rows = Appointment.objects.with_details().filter(reference__in=missing, practitioner__in=team)
    return list(without_limited(rows, request.user))


def _type_page(
    request: HttpRequest, context: dict[str, Any], forms: list[OutcomeForm], *, status: int = 200
) -> HttpResponse:
    refused = [form for form in forms if form.refusal]
    shown = {
        **context,
        "forms": forms,
        "is_all_noted": not any(form.is_open for form in forms),
        "is_to_come": context["day"] > clock.today(),
        "refused": refused,
        "not_saved": len(refused) + len(context.get("gone", [])),
        "notice": take_notice(request),
    }
    return render_page(request, "bookings/desk/sheet/type.html", shown, status=status)

"""How full the diary is, and what became of its visits."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from bookings.desk.numbers.figures import numbers
from bookings.desk.numbers.periods import KINDS, Period
from bookings.desk.numbers.tables import compared, csv_text
from bookings.desk.team import chosen_of, team_of
from bookings.visits.models import BookingSettings
from clinic.accounts.permissions import needs, user_of
from clinic.accounts.rights import Right, may
from clinic.accounts.signing_in.proofs import require_more_than_pin
from clinic.core import clock
from clinic.core.date_fields import read_day
from clinic.core.web.htmx import render_page


@require_safe
@needs(Right.SEE_OWN_NUMBERS)
def page(request: HttpRequest) -> HttpResponse:
    """`?period=day|week|month&day=YYYY-MM-DD&with=<slug>&format=csv`; what makes no sense is as good as absent."""
    now = clock.now()
    period = Period.around(read_day(request.GET.get("day")) or clock.today(now), request.GET.get("period"))
    is_everyone = may(request.user, Right.SEE_ANY_NUMBERS)
    team = team_of(user_of(request), period.before.first, period.last, is_everyone=is_everyone)
    people = chosen_of(team, slug := request.GET.get("with"))
    found = numbers(period=period, people=people, now=now, settings=BookingSettings.load(request_or_site=request))
    if request.GET.get("format") == "csv":
        require_more_than_pin(request)
        return HttpResponse(
            csv_text(found),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="numbers-{period.kind}-{period.first}.csv"'},
        )
    context = {
        "section": "numbers",
        "numbers": found,
        "compared": compared(found),
        "period": period,
        "kinds": KINDS,
        "team": team,
        "is_own_only": not is_everyone,
        "chosen": people[0] if any(person.slug == slug for person in people) else None,
        "is_open": period.ends_at > now,
    }
    return render_page(request, "bookings/desk/numbers/page.html", context)

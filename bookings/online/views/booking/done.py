"""The last page: what was booked, and what can follow."""

from __future__ import annotations

from collections.abc import Mapping

from django.http import HttpResponse
from django.urls import reverse

from bookings.engine.attendance import will_be_reminded
from bookings.online.views import access, summary
from bookings.online.views.booking.flow import go
from bookings.online.views.booking.stores import Turn, lost
from bookings.visits.models import Appointment
from bookings.visits.policy import moves_until
from clinic.core import clock

OTHER = "This visit was booked already. The page you came from showed something else, and nothing more has been booked."


class Done:
    """The visit is booked."""

    def show(self, turn: Turn, query: Mapping[str, str]) -> HttpResponse:
        reference, framed = turn.draft.booked, turn.store.is_framed
        if framed:
            visit = Appointment.objects.visits().with_details().filter(reference=reference).first()
        else:
            visit = access.visit_for(turn.request, reference) if reference else None
        if visit is None:
            return lost(turn.request, turn.store, start=turn.link("choose"))
        if not visit.is_upcoming and not framed:  # cancelled since, or over
            return go("visit", {}, visit.reference)
        rows = summary.visit_rows(visit)
        context = {
            "appointment": visit,
            "rows": [*rows, summary.Row("Reference", visit.reference)] if framed else rows,
            "notice": OTHER if "other" in query else "",
            "changes_until": moves_until(visit, clock.now()),
            "is_reminded": will_be_reminded(visit),
            "visit_url": reverse("bookings:visit_link", args=[visit.link_token]) if framed else "",
            "token": "",
        }
        return turn.render("done", context)

    def answer(self, turn: Turn) -> HttpResponse:
        return self.show(turn, {})

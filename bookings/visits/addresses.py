"""The address of each page that a letter, a text message, a calendar file or an answer of the API leads to."""

from __future__ import annotations

from datetime import date
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse

from bookings.visits.models import Appointment
from clinic.core.sealing.secret_links import WithLink


def of_page(name: str, *args: str, **query: str) -> str:
    """The whole address of a page of this app."""
    path = f"{settings.SITE_URL}{reverse(f'bookings:{name}', args=args)}"
    return f"{path}?{urlencode(query)}" if query else path


def of_visit(visit: Appointment) -> str:
    """With its secret: where a patient sees and changes this visit."""
    return of_page("visit_link", visit.link_token)


def of_answer(visit: Appointment) -> str:
    """With its secret: where a patient says that they are coming."""
    return of_page("coming_link", visit.link_token)


def of_waiting(entry: WithLink) -> str:
    """With its secret: where a person sees what they wait for, and leaves the list."""
    return of_page("waiting_link", entry.link_token)


def of_offer(offer: WithLink) -> str:
    """With its secret: where a person takes or declines the time that is kept for them."""
    return of_page("offer_link", offer.link_token)


def of_diary_day(day: date) -> str:
    return of_page("diary", day=day.isoformat())


def of_diary_visit(reference: str) -> str:
    return of_page("diary_visit", reference)


def of_complaints() -> str:
    """A page of the CMS, at the address where the demo has it."""
    return f"{settings.SITE_URL}/complaints/"

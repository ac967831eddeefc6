"""How the diary names and marks the state of a visit or message: always a word, and an icon beside it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from urllib.parse import quote

from django import template
from django.contrib.auth.models import AnonymousUser

from bookings.desk import cards
from bookings.desk.grid import Column
from bookings.desk.late.delays import Tell, late_of
from bookings.desk.now_next import NowNext
from bookings.engine import eligibility
from clinic.accounts import rights
from clinic.accounts.models import User
from clinic.core import clock
from clinic.core.formats import desk_clock, written_date
from clinic.patients.models import Patient

register = template.Library()
register.filter("status_word", cards.status_word)
register.filter("who", cards.who)
register.filter("needs_birthday", eligibility.needs_birthday)

MOST_TIMES = 2
NUMBERS = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
MESSAGE_ICONS = {
    "planned": "clock",
    "leased": "hourglass",
    "sent": "check-circle",
    "delivered": "check-circle",
    "failed": "alert-circle",
    "unknown": "alert-circle",
    "expired": "x",
    "withdrawn": "x",
}
MESSAGE_TINTS = {
    "planned": "booked",
    "leased": "arrived",
    "sent": "confirmed",
    "delivered": "confirmed",
    "failed": "no_show",
    "unknown": "no_show",
}


@register.filter
def status_icon(status: str) -> str:
    return cards.STATUS_ICONS[status]


@register.filter
def length_of(minutes: int) -> str:
    """`40 min`, `2 h`, `2 h 30 min`."""
    hours, rest = divmod(minutes, 60) if minutes > 90 else (0, minutes)  # noqa: PLR2004 -- shorter is told in minutes
    return " ".join(filter(None, [f"{hours} h" if hours else "", f"{rest} min" if rest or not hours else ""]))


@register.simple_tag
def running_late(state: NowNext) -> tuple[str, str]:
    """`12 min late` and `the 16:30 and 17:00 start later, then lunch absorbs it`; both empty when nobody has to wait."""
    late = list(state.delays.values())
    if not late:
        return "", ""
    times = [desk_clock(one.starts_at - one.delay) for one in late[:MOST_TIMES]]
    more = f" and {len(late) - MOST_TIMES} more" if len(late) > MOST_TIMES else ""
    named = f"{', '.join(times[:-1])} and {times[-1]}" if len(times) > 1 and not more else ", ".join(times)
    verb = "start" if len(late) > 1 else "starts"
    absorber = state.ripple.absorbed_by
    rest = f", then {'the ' if absorber[:1].isupper() else ''}{absorber.lower()} absorbs it" if absorber else ""
    return f"{state.minutes_late} min late", f"the {named}{more} {verb} later{rest}"


@register.simple_tag
def to_tell(column: Column, now: datetime) -> dict[str, Any]:
    """Whom staff can write to that their visit starts later; else whom they can ring; and whether all know by now."""
    late = [(one.tell, one.visit) for one in late_of(column.state, column.appointments, now)]
    by_mouth, to_write, told = (
        [visit for tell, visit in late if tell == wanted] for wanted in (Tell.RING, Tell.SEND, Tell.TOLD)
    )
    return {"verb": "Tell" if to_write else "Ring", "people": to_write or by_mouth, "is_told": bool(told)}


@register.filter
def in_words(number: int) -> str:
    """`two`, `three`; figures from ten on."""
    return NUMBERS[number] if number < len(NUMBERS) else str(number)


@register.filter
def message_icon(state: str) -> str:
    return MESSAGE_ICONS[state]


@register.filter
def message_tint(state: str) -> str:
    return MESSAGE_TINTS.get(state, "completed")


@register.filter
def may(user: User | AnonymousUser, right: str) -> bool:
    """`{% if request.user|may:"see_diary" %}`, by the name of a right; a name that is none fails."""
    return rights.may(user, rights.Right(right))


@register.filter
def age_today(date_of_birth: date | None) -> int | None:
    return clock.age_on(date_of_birth, clock.today()) if date_of_birth else None


@register.filter
def born(patient: Patient) -> str:
    """`born 27 March 1984`, or that it was not asked yet."""
    return f"born {written_date(patient.date_of_birth)}" if patient.date_of_birth else "date of birth not asked yet"


@register.simple_tag(takes_context=True)
def from_here(context: dict[str, Any], joint: str = "?") -> str:
    """Ends an address so that its page leads back to this one; `joint` is `&` after other parameters."""
    return f"{joint}next={quote(context['request'].get_full_path(), safe='')}"

"""How the diary names and marks the state of a visit or message: always a word, and an icon beside it."""

from __future__ import annotations

from datetime import date, datetime

from django import template
from django.contrib.auth.models import AnonymousUser

from bookings.engine import status_changes
from bookings.visits.models import Appointment
from bookings.visits.models.statuses import Status
from clinic.accounts import roles
from clinic.accounts.models import User
from clinic.core import clock

register = template.Library()

STATUS_ICONS: dict[str, str] = {
    Status.HELD: "hourglass",
    Status.BOOKED: "calendar",
    Status.CONFIRMED: "check",
    Status.ARRIVED: "user-check",
    Status.IN_PROGRESS: "play",
    Status.COMPLETED: "check-circle",
    Status.NO_SHOW: "user-x",
    Status.CANCELLED: "calendar-x",
    Status.EXPIRED: "hourglass",
}
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
    return STATUS_ICONS[status]


@register.filter
def status_word(appointment: Appointment) -> str:
    """`Arrived 9:24`, `Held to 15:42`, `Cancelled late`, `Confirmed`."""
    if appointment.status == Status.ARRIVED and appointment.arrived_at:
        return f"Arrived {_clock(appointment.arrived_at)}"
    if appointment.status == Status.HELD and appointment.hold_expires_at:
        return f"Held to {_clock(appointment.hold_expires_at)}"
    if appointment.status == Status.CANCELLED and appointment.was_cancelled_late:
        return "Cancelled late"
    return appointment.get_status_display()


@register.filter
def who(appointment: Appointment) -> str:
    return appointment.whose


@register.filter
def next_step(appointment: Appointment) -> status_changes.Step | None:
    return status_changes.next_step(appointment)


@register.filter
def message_icon(state: str) -> str:
    return MESSAGE_ICONS[state]


@register.filter
def message_tint(state: str) -> str:
    return MESSAGE_TINTS.get(state, "completed")


@register.filter
def is_owner(user: User | AnonymousUser) -> bool:
    return roles.is_owner(user)


@register.filter
def may_have_feeds(user: User | AnonymousUser) -> bool:
    return roles.is_owner(user) or roles.is_practitioner(user)


@register.filter
def may_see_diary(user: User | AnonymousUser) -> bool:
    return roles.may_see_diary(user)


@register.filter
def may_use_cms(user: User | AnonymousUser) -> bool:
    return roles.may_use_cms(user)


@register.filter
def age_today(date_of_birth: date) -> int:
    return clock.age_on(date_of_birth, clock.today())


def _clock(at: datetime) -> str:
    local = clock.local(at)
    return f"{local.hour}:{local:%M}"

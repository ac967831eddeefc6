"""Days, times and prices as `clinic.core.formats` writes them."""

from __future__ import annotations

from django import template

from bookings.visits.models import Appointment
from clinic.core import formats

register = template.Library()
register.filter("clock_time", formats.clock_time)
register.filter("desk_clock", formats.desk_clock)
register.filter("short_desk_time", formats.short_desk_time)
register.filter("long_day", formats.long_day)
register.filter("long_date", formats.long_date)
register.filter("full_time", formats.full_time)
register.filter("written_date", formats.written_date)
register.filter("money", formats.money)


@register.filter
def agreed_price(visit: Appointment) -> str:
    return visit.agreed_price

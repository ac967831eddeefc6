"""How the page of numbers writes shares and hours."""

from __future__ import annotations

from django import template

from bookings.desk.numbers import tables

register = template.Library()
register.filter("percent", tables.percent)
register.filter("clock", tables.clock)

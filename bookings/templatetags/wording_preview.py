"""A wording as its reader would get it, for the preview in the CMS."""

from __future__ import annotations

from typing import Any

from django import template

from bookings.messages.models import Wording
from bookings.messages.preview import preview
from bookings.messages.wording.placeholders import BrokenWording
from clinic.core import clock

register = template.Library()


@register.inclusion_tag("bookings/messages/_wording_preview.html")
def wording_preview(wording: Wording) -> dict[str, Any]:
    """The filled words, or why they cannot be filled."""
    try:
        return {"shown": preview(wording, clock.now())}
    except BrokenWording as error:
        return {"error": str(error)}

"""Icons of `img/icons.svg`; a builtin of every template."""

from __future__ import annotations

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()

ICON = '<svg class="icon" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>'


@register.simple_tag
def icon(name: str) -> SafeString:
    """The symbol of this name: decoration, so that what it stands for is written beside it."""
    return format_html(ICON, static("img/icons.svg"), name)

from __future__ import annotations

from typing import Any

from django import template

from clinic.core.pictures import sizes_of
from clinic.practitioners.models import Practitioner
from content.models import ArticlePage

register = template.Library()


@register.simple_tag
def articles_by(practitioner: Practitioner, limit: int = 3) -> Any:
    """The newest published articles that `practitioner` wrote."""
    if not practitioner.pk:
        return []
    written = ArticlePage.objects.live().filter(author_id=practitioner.pk).for_cards()
    return written.prefetch_related(sizes_of("hero_image"))[:limit]

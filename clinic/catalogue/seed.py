"""Put the treatments of `seed_treatments` on the site, with the words of `seed_copy`, and publish them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from clinic.catalogue.models import Category, Treatment
from clinic.catalogue.seed_copy import COPY
from clinic.catalogue.seed_treatments import CATEGORIES, OPENED_BY, REVIEWED, TREATMENTS


def load(now: datetime) -> None:
    """Add the categories and treatments that are missing, known by their slugs; categories also by their names."""
    categories = {
        slug: _category(slug, name=name, summary=summary, position=position)
        for position, (slug, name, summary) in enumerate(CATEGORIES, start=1)
    }
    known = set(Treatment.objects.values_list("slug", flat=True))
    for position, (slug, facts) in enumerate(TREATMENTS.items(), start=1):
        if slug not in known:
            _publish(slug, {**facts, "category": categories[facts["category"]], "position": position})
    for slug, consultations in OPENED_BY.items():
        if not categories[slug].consultations.exists():
            categories[slug].consultations.set(Treatment.objects.filter(slug__in=consultations))
    new = Treatment.objects.filter(slug__in=set(REVIEWED) - known)
    new.update(follow_up=Treatment.objects.get(slug="review"))


def _category(slug: str, *, name: str, **facts: Any) -> Category:
    same = Category.objects.filter(slug=slug).first() or Category.objects.filter(name__iexact=name).first()
    return same or Category.objects.create(slug=slug, name=name, **facts)


def _publish(slug: str, facts: dict[str, Any]) -> None:
    is_public = not facts.get("is_prescription_only")
    treatment = Treatment(slug=slug, art=slug if is_public else "", **COPY.get(slug, {}), **facts)
    treatment.save()
    treatment.save_revision().publish()

"""Which consultation comes before a treatment: what its category names, else the one that its page tells people to book."""

from __future__ import annotations

from django.db.models import Case, QuerySet, When

from clinic.catalogue.models import Treatment


def consultations_for(treatment: Treatment) -> QuerySet[Treatment]:
    """Those that count for this treatment, the one to book first at the beginning.

    Its category names them. If it names none: those that stand in the category, else the clinic's first.
    """
    consultations = Treatment.objects.filter(kind=Treatment.Kind.CONSULTATION)
    named = consultations.filter(opens_categories=treatment.category_id)
    if named.exists():
        return named
    own = consultations.filter(category_id=treatment.category_id)
    if own.exists():
        return own
    first = consultations.order_by("-live", "-is_bookable_online", "category__position", "position", "name")
    return consultations.filter(pk__in=first.values("pk")[:1])


def consultation_before(treatment: Treatment) -> Treatment | None:
    """The consultation to book online before this treatment, if one can be."""
    online = Treatment.objects.bookable_online().for_newcomers().values("pk")
    of_own_category = Case(When(category_id=treatment.category_id, then=0), default=1)
    ordered = consultations_for(treatment).filter(pk__in=online)
    return ordered.order_by(of_own_category, "category__position", "position", "name").first()


def first_consultation(with_whom: str = "") -> Treatment | None:
    """Where someone new begins: the clinic's first consultation, of those that the practitioner of this slug gives."""
    online = Treatment.objects.bookable_online().for_newcomers().filter(kind=Treatment.Kind.CONSULTATION)
    if with_whom and (own := online.filter(practitioners__slug=with_whom)).exists():
        online = own
    return online.order_by("category__position", "position", "name").first()

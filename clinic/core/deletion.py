"""Why a record cannot be deleted, and what to do instead: visits and proofs keep what they belong to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.db.models import PROTECT, RESTRICT, ProtectedError, RestrictedError
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.models import DraftStateMixin, ReferenceIndex

MOVE_FIRST = "Move or delete these first."
CannotDelete = (ProtectedError, RestrictedError)


def why_kept(thing: models.Model) -> str:
    """One sentence of what keeps this record, and one of the way out; nothing if it may go."""
    if kept_by := _keepers(thing):
        return f"“{thing}” cannot be deleted: {counted(kept_by)} {_belong(kept_by)} to it. {way_out(thing)}"
    return _why_file_kept(thing)


def why_refused(error: ProtectedError | RestrictedError) -> str:
    """The same of a deletion that was refused further down, where it is not known for which record."""
    things: Iterable[Any] = error.protected_objects if isinstance(error, ProtectedError) else error.restricted_objects
    if not things:
        return str(error.args[0])
    kept_by = Counter(type(thing) for thing in things)
    return f"This cannot be deleted: {counted(kept_by)} {_belong(kept_by)} to it. {MOVE_FIRST}"


def protect_file(instance: models.Model, **_kwargs: Any) -> None:
    """Keep a picture or document that a page shows: the page would have a hole, and its readers a broken link.

    Raises:
        ProtectedError: something shows it.
    """
    if why := _why_file_kept(instance):
        raise ProtectedError(why, set())


def counted(numbers: Mapping[Any, int]) -> str:
    """`12 visits and 1 article`."""
    names = [
        f"{number:,} {kind._meta.verbose_name if number == 1 else kind._meta.verbose_name_plural}"  # noqa: SLF001 -- its public name
        for kind, number in numbers.items()
    ]
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def way_out(thing: models.Model) -> str:
    if isinstance(thing, DraftStateMixin):
        return "Unpublish it instead: it leaves the website, and the records stay whole."
    try:
        label = thing._meta.get_field("is_active").verbose_name  # type: ignore[union-attr]  # noqa: SLF001
    except FieldDoesNotExist:
        return MOVE_FIRST
    return f"Untick “{str(label).capitalize()}” instead: it is no longer used, and the records stay whole."


def _keepers(thing: models.Model) -> dict[Any, int]:
    """How many rows of each model keep it, counted by the database: a nurse may have had a hundred thousand visits."""
    found: Counter[Any] = Counter()
    for relation in thing._meta.get_fields(include_hidden=True):  # noqa: SLF001
        if (
            relation.auto_created
            and not relation.concrete
            and getattr(relation, "on_delete", None) in {PROTECT, RESTRICT}
        ):
            rows = relation.related_model._base_manager.filter(**{relation.field.name: thing.pk})  # type: ignore[union-attr]  # noqa: SLF001
            if number := rows.count():
                found[relation.related_model] += number
    return dict(found)


def _why_file_kept(thing: models.Model) -> str:
    if not isinstance(thing, (get_image_model(), get_document_model())):
        return ""
    places = ReferenceIndex.get_references_to(thing).values_list("content_type", "object_id").distinct()
    if not (shown := Counter(ContentType.objects.get_for_id(kind).model_class() for kind, _ in places)):
        return ""
    return f"“{thing}” cannot be deleted: {counted(shown)} {'shows' if shown.total() == 1 else 'show'} it. Take it out there first."


def _belong(numbers: Mapping[Any, int]) -> str:
    return "belongs" if sum(numbers.values()) == 1 else "belong"

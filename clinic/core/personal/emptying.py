"""What stands in a field after an erasure that keeps its row."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Func

from clinic.core.personal.vocabulary import Personal

BLANKS = (models.CharField, models.TextField)
ERASED = "erased"
NEW_SECRET = "sha256(convert_to(gen_random_uuid()::text || gen_random_uuid()::text, 'UTF8'))"  # noqa: S105 -- how one is made


def emptied(one: Personal) -> dict[str, Any]:
    """Each field that is blanked or replaced, with what stands there afterwards."""
    values: dict[str, Any] = {name: _empty(one, name) for name in one.named(end="blank")}
    return values | {name: _nobody(one, name) for name in one.named(end="pseudonym")}


def _empty(one: Personal, name: str) -> Any:
    found: Any = one.model._meta.get_field(name)  # noqa: SLF001
    if found.null:
        return None
    if found.has_default():
        return found.get_default()
    return "" if isinstance(found, BLANKS) else found.get_default()


def _nobody(one: Personal, name: str) -> Any:
    """A text that names nobody; in place of a link's secret one that nobody knows."""
    if isinstance(one.model._meta.get_field(name), models.BinaryField):  # noqa: SLF001
        return Func(template=NEW_SECRET, output_field=models.BinaryField())
    return ERASED

"""Which texts of which models visitors, search engines or screen readers meet: each is checked when it is saved.

A model of ours says it itself (`PublicTextMixin`); those of Wagtail, and those below this package, are said here. The
fields that are not public stand in `tests/clinic/advertising/test_every_text.py`, each with its reason: a new field
fails that test until it is in one of the two.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models.fields.files import FieldFile

from clinic.advertising.publishing import PublicTextMixin
from clinic.advertising.rules.check import Report, Surface, check_fields


@dataclass(frozen=True, slots=True)
class Published:
    """The public fields of a model, and where they stand."""

    fields: tuple[str, ...]
    surface: Surface


PUBLISHED = {
    "core.ClinicSettings": Published(("name", "strapline", "address", "email"), Surface.NAV),
    "wagtailimages.Image": Published(("title", "description", "file"), Surface.ARTICLE),
    "wagtaildocs.Document": Published(("title", "file"), Surface.ARTICLE),
    "wagtailredirects.Redirect": Published(("old_path", "redirect_link"), Surface.META),
}
_SEPARATORS = re.compile(r"[-_/+.]+")


def public_texts(thing: Any) -> dict[str, str] | None:
    """The public texts of a record by field; None if its kind has none."""
    if isinstance(thing, PublicTextMixin):
        return thing.public_texts()
    if (published := PUBLISHED.get(thing._meta.label)) is None:  # noqa: SLF001 -- its public name
        return None
    if getattr(thing, "automatically_created", False):
        return {}  # a redirect from an address that was checked while it stood
    return {name: words_of(getattr(thing, name)) for name in published.fields if getattr(thing, name)}


def report_on(thing: Any) -> Report:
    surface, exempt = place_of(thing)
    return check_fields(public_texts(thing) or {}, surface=surface, exempt=exempt)


def place_of(thing: Any) -> tuple[Surface, Collection[str]]:
    """Where its texts stand, and which lists do not hold there."""
    if isinstance(thing, PublicTextMixin):
        return thing.advertising_surface, thing.advertising_exempt
    return PUBLISHED[thing._meta.label].surface, frozenset()  # noqa: SLF001


def published_models() -> Iterator[type[models.Model]]:
    for model in apps.get_models():
        if issubclass(model, PublicTextMixin) or model._meta.label in PUBLISHED:  # noqa: SLF001
            yield model


def words_of(value: Any) -> str:
    """As a reader meets it: the words of a file's name, or of an address, with and without what joins them."""
    if isinstance(value, FieldFile):
        value = PurePosixPath(value.name or "").name
    text = str(value)
    return text if " " in text else " ".join(dict.fromkeys([text, _SEPARATORS.sub(" ", text).strip()]))

"""A model's field whose text is sealed by the key of one patient: a `Sealer` puts it in, an `Opener` takes it out."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models.query_utils import DeferredAttribute


class Unopened(Exception):
    """Sealed text of a record was read without opening the record, which would have left no line in the access log."""


class NotSealed(Exception):
    """Text was to be kept in a record without having been sealed. A fault of the program."""


class SealedText:
    """Text as it lies in the database. Whether there is any can be asked; what it says cannot."""

    __slots__ = ("stored",)

    def __init__(self, stored: str) -> None:
        self.stored = stored

    def __bool__(self) -> bool:
        return bool(self.stored)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SealedText) and self.stored == other.stored

    def __hash__(self) -> int:
        return hash(self.stored)

    def __str__(self) -> str:
        raise Unopened("This text is sealed: open the record (clinic.records.reading) and ask it.")

    def __repr__(self) -> str:
        return "<sealed text>"


class _Attribute(DeferredAttribute):
    """Keeps plain text off the instance, so that no form or `create` can put it there by mistake."""

    field: RecordText

    def __set__(self, instance: models.Model, value: Any) -> None:
        if value is not None and not isinstance(value, SealedText):
            if value:
                raise NotSealed(f"{self.field.name} takes what a Sealer made, and no plain text.")
            value = SealedText("")
        instance.__dict__[self.field.attname] = value


class RecordText(models.TextField):  # type: ignore[type-arg]  # not generic at run time
    """`about` says what it is and never changes; `bound_to` names a field that tells rows apart and is never changed."""

    descriptor_class = _Attribute

    def __init__(self, *args: Any, about: str, bound_to: str = "id", **kwargs: Any) -> None:
        self.about, self.bound_to = about, bound_to
        kwargs["editable"] = False
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("editable", None)
        return name, path, args, kwargs | {"about": self.about, "bound_to": self.bound_to}

    def about_row(self, row: models.Model) -> str:
        """What is authenticated with the text, so that it opens in this column of this row alone."""
        return f"{self.about}|{getattr(row, self.bound_to)}"

    def from_db_value(self, value: str | None, *_args: Any) -> SealedText | None:
        return None if value is None else SealedText(value)

    def to_python(self, value: Any) -> Any:
        return value

    def get_prep_value(self, value: Any) -> Any:
        if value is None or isinstance(value, SealedText):
            return None if value is None else value.stored
        if value:
            raise NotSealed(f"{self.name} takes what a Sealer made, and no plain text.")
        return ""

    def value_to_string(self, obj: models.Model) -> str:
        return str(self.get_prep_value(self.value_from_object(obj)) or "")

"""A model's field whose text lies sealed in the database, bound to its column and, by another field, to its row."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import FieldError
from django.db import models
from django.db.models.query_utils import DeferredAttribute

from clinic.core.sealing import keyring


class Sealed(str):
    """Text as it lies in the database, not opened yet."""

    __slots__ = ()


class NotSearchable(FieldError):
    """Sealed text was compared in a query, or written without its row at hand."""


class _Opened(DeferredAttribute):
    """Opens the text when it is read, so that a row in a cache or a session stays sealed."""

    field: SealedField

    def __get__(self, instance: models.Model | None, cls: Any = None) -> Any:
        if instance is None:
            return self
        if self.field.attname not in instance.__dict__:
            super().__get__(instance, cls)
        value = instance.__dict__[self.field.attname]
        return self.field.unseal(value, instance) if isinstance(value, Sealed) else value

    def __set__(self, instance: models.Model, value: Any) -> None:
        instance.__dict__[self.field.attname] = value


class SealedField(models.TextField):  # type: ignore[type-arg]  # not generic at run time
    """`about` says what it is and never changes; `bound_to` names a field that tells rows apart and is never changed.

    An empty text stays empty, so that "has a note" can be asked. Rows read by `values` have it sealed.
    """

    descriptor_class = _Opened

    def __init__(self, *args: Any, about: str, bound_to: str, **kwargs: Any) -> None:
        self.about, self.bound_to = about, bound_to
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, kwargs | {"about": self.about, "bound_to": self.bound_to}

    def about_row(self, identity: object) -> str:
        return f"{self.about}|{identity}"

    def unseal(self, value: str, row: models.Model) -> str:
        """Raises what `keyring.unseal` does."""
        return keyring.unseal(value, about=self.about_row(getattr(row, self.bound_to)))

    def from_db_value(self, value: str | None, *_args: Any) -> str | None:
        return Sealed(value) if value and keyring.key_of(value) else value

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:  # noqa: FBT001 -- Django's own signature
        """What was not typed anew stays as it is: no event of the trail, and no other text."""
        value = model_instance.__dict__.get(self.attname)
        if isinstance(value, str) and value and not isinstance(value, Sealed):
            identity = getattr(model_instance, self.bound_to)
            value = Sealed(keyring.seal(value, about=self.about_row(identity)))
            setattr(model_instance, self.attname, value)
        return value

    def get_db_prep_save(self, value: Any, connection: Any) -> Any:
        if isinstance(value, str) and value and not isinstance(value, Sealed):
            raise NotSearchable(f"{self.name} is sealed with its row: save the row itself.")
        return super().get_db_prep_save(value, connection)

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name not in {"exact", "isnull"}:
            raise NotSearchable(f"{self.name} is sealed and cannot be searched.")
        return super().get_lookup(lookup_name)

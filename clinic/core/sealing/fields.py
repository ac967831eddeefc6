"""A model's field whose text lies sealed in the database, bound to its column and, by another field, to its row."""

from __future__ import annotations

import logging
from typing import Any

from django.core.exceptions import FieldError
from django.db import models
from django.db.models.functions import Length
from django.db.models.lookups import GreaterThan
from django.db.models.query_utils import DeferredAttribute

from clinic.core.sealing import keyring

logger = logging.getLogger(__name__)
CANNOT_BE_READ = "This cannot be read"
ASKED = {"exact", "isnull", "df"}  # is it empty; and whether a row changes, which the triggers of a trail ask


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
        value = self.stored(instance)
        return self.field.unseal(value, instance) if isinstance(value, Sealed) else value

    def __set__(self, instance: models.Model, value: Any) -> None:
        """The same text once more stays as it was sealed: a new sealing would be an event of the trail."""
        was = instance.__dict__.get(self.field.attname)
        if value and isinstance(was, Sealed) and not isinstance(value, Sealed) and self._opens_to(was, value, instance):
            return
        instance.__dict__[self.field.attname] = value

    def stored(self, instance: models.Model) -> Any:
        """As it lies in the database; read now, of a row that was loaded without it."""
        name = self.field.attname
        if name not in instance.__dict__:
            rows = type(instance)._base_manager.using(instance._state.db).filter(pk=instance.pk)  # noqa: SLF001 -- Django's documented interface
            instance.__dict__[name] = rows.values_list(name, flat=True).get()
        return instance.__dict__[name]

    def _opens_to(self, was: Sealed, value: str, instance: models.Model) -> bool:
        try:
            return self.field.unseal(was, instance) == value
        except keyring.Unreadable:
            return False


class SealedField(models.TextField):  # type: ignore[type-arg]  # not generic at run time
    """`about` says what it is and never changes; `bound_to` names a field that tells rows apart and is never changed.

    An empty text stays empty, so that "has a note" can be asked: `has_text` of a row, `holds_text` in a query. Rows read
    by `values` have it sealed. Pages read it by `for_pages` or `readable`, since its key may be gone.
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
        if lookup_name not in ASKED:
            raise NotSearchable(f"{self.name} is sealed and cannot be searched.")
        return super().get_lookup(lookup_name)


SealedField.register_lookup(Length, "length")


def index_of_keys(name: str, index: str) -> models.Index:
    """Find a value of each key at once, among the rows that hold any text."""
    return models.Index(models.Func(name, function="sealing_key"), name=index, condition=~models.Q(**{name: ""}))


def has_text(row: models.Model, name: str) -> bool:
    """Whether there is any text, without opening it."""
    return bool(getattr(type(row), name).stored(row))


def holds_text(name: str) -> GreaterThan[Any]:
    """The same, as a condition in a query."""
    return GreaterThan(models.F(name), models.Value(""))


def readable(row: models.Model, name: str) -> str:
    """The text; empty, with a line in the log, where it does not open: the rest of a page is needed all the same."""
    try:
        return str(getattr(row, name))
    except keyring.Unreadable as why:
        what = f"{row._meta.verbose_name}, {name}"  # noqa: SLF001 -- Django's documented interface
        logger.error("A sealed text cannot be read: row %s (%s). %s", row.pk, what, why)  # noqa: TRY400 -- the reason is all there is
        return ""


def shown(row: models.Model, name: str, *, unreadable: str = CANNOT_BE_READ) -> str:
    """Give what a page says of a sealed field: the text, or `unreadable` where there is one that does not open."""
    return readable(row, name) or (unreadable if has_text(row, name) else "")


def for_pages(name: str, *, unreadable: str = CANNOT_BE_READ) -> property:
    """The same, as a property for templates."""
    return property(lambda row: shown(row, name, unreadable=unreadable))

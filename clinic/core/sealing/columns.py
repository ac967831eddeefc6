"""Seal, and seal anew, what lies in one column: a batch at a time, under the locks of its rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pgtrigger
from django.apps import apps
from django.db import connection, transaction
from django.db.models import Model

from clinic.core.sealing import keyring
from clinic.core.sealing.fields import SealedField

BATCH = 500
_READ = """
SELECT {table}.{pk}, {column}, {bound}::text FROM {table} WHERE {column} > '' AND {table}.{pk} > %s AND {which}
ORDER BY {table}.{pk} LIMIT {batch} FOR NO KEY UPDATE {waiting}"""
_WRITE = """
UPDATE {table} SET {column} = changed.value
FROM unnest(%s::bigint[], %s::text[]) AS changed (key, value) WHERE {table}.{pk} = changed.key"""
# What asks for it: triggers that note which days of the diary changed (bookings 0035).
_IS_NO_CHANGE = "SELECT set_config('clinic.sealing_anew', 'on', true)"
# By the index on the key's name: one step for each key, however many rows there are.
_SAMPLES = """
WITH RECURSIVE found AS (
    (SELECT sealing_key({column}) AS name, {column} AS value, {bound}::text AS identity
     FROM {table} WHERE {column} > '' ORDER BY 1 LIMIT 1)
    UNION ALL
    SELECT later.* FROM found, LATERAL (
        SELECT sealing_key({column}), {column}, {bound}::text
        FROM {table} WHERE {column} > '' AND sealing_key({column}) > found.name ORDER BY 1 LIMIT 1
    ) AS later
) SELECT value, identity FROM found"""


@dataclass(frozen=True, slots=True)
class SealedColumn:
    """One column, as a place of sealed values."""

    name: str
    table: str
    column: str
    bound: str
    about: str
    pk: str = "id"

    @classmethod
    def of(cls, model: type[Model], field: SealedField) -> SealedColumn:
        its = model._meta  # noqa: SLF001 -- Django's documented interface
        title = f"{its.verbose_name}: {field.verbose_name}"
        return cls(
            title,
            its.db_table,
            field.column,
            str(getattr(its.get_field(field.bound_to), "column", "")),
            field.about,
            str(its.pk.column if its.pk else ""),
        )

    def samples(self) -> list[tuple[str, str]]:
        with connection.cursor() as cursor:
            cursor.execute(self._written(_SAMPLES))
            return [(value, self.about_row(identity)) for value, identity in cursor.fetchall()]

    def seal_anew(self) -> int:
        """Seal anew what an older key sealed, or lies in the clear; gives how many.

        Needs the right to change rows that are only ever added to, which production gives the database's owner alone.
        """
        return self._change(_sealed_anew, "sealing_key({column}) <> %s", keyring.newest_key())

    def seal_first(self) -> int:
        """Seal a column that held text in the clear, for the migration of a new field; may be run again.

        What looks sealed and does not open was typed by somebody, and is sealed as it is.
        """
        return self._change(_sealed_first)

    def unseal_all(self) -> int:
        """Put everything back in the clear, for a migration that is taken back."""
        return self._round(_opened, "sealing_key({column}) <> %s", "", waits=True)

    def about_row(self, identity: str) -> str:
        return f"{self.about}|{identity}"

    def _change(self, change: Callable[[str, str], str], which: str = "TRUE", *parameters: str) -> int:
        """Rows that somebody else has locked are left out first: then nobody waits for another in a circle."""
        return sum(self._round(change, which, *parameters, waits=waits) for waits in (False, True))

    def _round(self, change: Callable[[str, str], str], which: str, *parameters: str, waits: bool) -> int:
        read = _READ.replace("{which}", which).replace("{waiting}", "" if waits else "SKIP LOCKED")
        changed, last = 0, 0
        while True:
            with pgtrigger.ignore(*self._triggers()), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(self._written(read), [last, *parameters])
                rows = cursor.fetchall()
                if not rows:
                    return changed
                new = {pk: change(value, self.about_row(identity)) for pk, value, identity in rows}
                other = [pk for pk, value, _identity in rows if new[pk] != value]
                if other:
                    cursor.execute(_IS_NO_CHANGE)
                    cursor.execute(self._written(_WRITE), [other, [new[pk] for pk in other]])
                changed += len(other)
            last = rows[-1][0]

    def _triggers(self) -> list[str]:
        """Those on this table, which let its rows only be added to."""
        return [
            f"{model._meta.label}:{trigger.name}"  # noqa: SLF001 -- Django's documented interface
            for model, trigger in pgtrigger.registered()
            if model._meta.db_table == self.table  # noqa: SLF001
        ]

    def _written(self, query: str) -> str:
        quote = connection.ops.quote_name
        names = {"table": self.table, "column": self.column, "bound": self.bound, "pk": self.pk}
        return query.format(batch=BATCH, **{name: quote(value) for name, value in names.items()})


def _opened(value: str, about: str) -> str:
    return keyring.unseal(value, about=about)


def _sealed_anew(value: str, about: str) -> str:
    return keyring.seal(_opened(value, about) if keyring.key_of(value) else value, about=about)


def _sealed_first(value: str, about: str) -> str:
    try:
        _opened(value, about)
    except keyring.Unreadable:
        return keyring.seal(value, about=about)
    return value


def sealed_columns() -> Iterator[SealedColumn]:
    """Every sealed field of every model, those of audit trails too."""
    for model in apps.get_models():
        for field in model._meta.local_fields:  # noqa: SLF001 -- Django's documented interface
            if isinstance(field, SealedField):
                yield SealedColumn.of(model, field)

"""Seal, and seal anew, what lies in one column: a batch at a time, each row only if nobody changed it meanwhile."""

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

    @classmethod
    def of(cls, model: type[Model], field: SealedField) -> SealedColumn:
        its = model._meta  # noqa: SLF001 -- Django's documented interface
        title = f"{its.verbose_name}: {field.verbose_name}"
        return cls(
            title, its.db_table, field.column, str(getattr(its.get_field(field.bound_to), "column", "")), field.about
        )

    def samples(self) -> list[tuple[str, str]]:
        with connection.cursor() as cursor:
            cursor.execute(self._written(_SAMPLES))
            return [(value, self.about_row(identity)) for value, identity in cursor.fetchall()]

    def seal_anew(self) -> int:
        """Needs the right to change rows that are only ever added to, which production gives to migrations alone."""
        newest = keyring.newest_key()
        return self._change(
            lambda value, about: keyring.seal(
                keyring.unseal(value, about=about) if keyring.key_of(value) else value, about=about
            ),
            "sealing_key({column}) <> %s",
            newest,
        )

    def unseal_all(self) -> int:
        """Put everything back in the clear, for a migration that is taken back."""
        return self._change(lambda value, about: keyring.unseal(value, about=about), "sealing_key({column}) <> %s", "")

    def about_row(self, identity: str) -> str:
        return f"{self.about}|{identity}"

    def _change(self, change: Callable[[str, str], str], which: str, parameter: str) -> int:
        changed, last = 0, 0
        while rows := self._batch(which, parameter, last):
            with pgtrigger.ignore(*self._triggers()), transaction.atomic(), connection.cursor() as cursor:
                for pk, value, identity in rows:
                    cursor.execute(
                        self._written("UPDATE {table} SET {column} = %s WHERE id = %s AND {column} = %s"),
                        [change(value, self.about_row(identity)), pk, value],
                    )
                    changed += cursor.rowcount
            last = rows[-1][0]
        return changed

    def _batch(self, which: str, parameter: str, last: int) -> list[tuple[int, str, str]]:
        query = (
            f"SELECT id, {{column}}, {{bound}}::text FROM {{table}} WHERE {{column}} > '' AND {which} "  # noqa: S608 -- names of ours
            f"AND id > %s ORDER BY id LIMIT {BATCH}"
        )
        with connection.cursor() as cursor:
            cursor.execute(self._written(query), [parameter, last])
            return list(cursor.fetchall())

    def _triggers(self) -> list[str]:
        """Those on this table, which let its rows only be added to."""
        return [
            f"{model._meta.label}:{trigger.name}"  # noqa: SLF001 -- Django's documented interface
            for model, trigger in pgtrigger.registered()
            if model._meta.db_table == self.table  # noqa: SLF001
        ]

    def _written(self, query: str) -> str:
        quote = connection.ops.quote_name
        return query.format(table=quote(self.table), column=quote(self.column), bound=quote(self.bound))


def sealed_columns() -> Iterator[SealedColumn]:
    """Every sealed field of every model, those of audit trails too."""
    for model in apps.get_models():
        for field in model._meta.local_fields:  # noqa: SLF001 -- Django's documented interface
            if isinstance(field, SealedField):
                yield SealedColumn.of(model, field)

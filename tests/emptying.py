"""Between tests that commit, only tables with rows in them are emptied: Django's own way rewrites every table there is.

Content types and permissions stay. Django empties these as well, and then makes the very same again from the models.
"""

from __future__ import annotations

from functools import cache

from django.db import connections
from django.test import TransactionTestCase

KEPT = {"django_content_type", "auth_permission", "django_migrations"}


def install() -> None:
    TransactionTestCase._fixture_teardown = _empty_all


def _empty_all(test: TransactionTestCase) -> None:
    for alias in test._databases_names(include_mirrors=False):
        empty_tables(connections[alias])


def empty_tables(connection) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_what_has_rows(connection.alias))
        if full := [connection.ops.quote_name(table) for (table,) in cursor]:
            cursor.execute("SET session_replication_role = replica")  # the record refuses to be emptied
            cursor.execute(f"TRUNCATE {', '.join(full)} CASCADE")
            cursor.execute("SET session_replication_role = DEFAULT")


@cache
def _what_has_rows(alias: str) -> str:
    tables = connections[alias].introspection.django_table_names(only_existing=True, include_views=False)
    return " UNION ALL ".join(
        f"SELECT '{table}' WHERE EXISTS (SELECT FROM {connections[alias].ops.quote_name(table)})"  # noqa: S608 -- names of our tables
        for table in sorted({*tables} - KEPT)
    )

"""Two roles of the database: its owner, who alone changes tables, and the app's, by which the clinic is served."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import dj_database_url
from django.conf import settings
from django.core.management import CommandError
from django.db import connection

PLACE = ("NAME", "USER", "PASSWORD", "HOST", "PORT")
MAY_CHANGE_TABLES = """
SELECT has_schema_privilege(current_schema(), 'CREATE') AND COALESCE(
    (SELECT pg_has_role(relowner, 'USAGE') FROM pg_class WHERE oid = to_regclass('django_migrations')), true
)"""


class Role(NamedTuple):
    """Who signs in to the database."""

    name: str
    password: str


@contextmanager
def as_owner() -> Iterator[Role | None]:
    """Sign in to the database as its owner for as long as this is entered, where `OWNER_DATABASE_URL` names one.

    Gives the app's role; None where one role does everything.
    """
    if not settings.OWNER_DATABASE_URL:
        yield None
        return
    theirs: dict[str, Any] = {**dj_database_url.parse(settings.OWNER_DATABASE_URL)}
    ours = {name: connection.settings_dict[name] for name in PLACE}
    _sign_in_as({name: theirs[name] for name in PLACE})
    try:
        yield Role(ours["USER"], ours["PASSWORD"])
    finally:
        _sign_in_as(ours)


def require_ownership(what: str) -> None:
    """Refuse at once, in words, what the database would refuse halfway.

    Raises:
        CommandError: who is signed in may not change tables.
    """
    with connection.cursor() as cursor:
        cursor.execute(MAY_CHANGE_TABLES)
        if not cursor.fetchone()[0]:
            raise CommandError(
                f"{what} is for the owner of the database, and {connection.settings_dict['USER']} is not. Set "
                "OWNER_DATABASE_URL; with Compose: docker compose run --rm migrate python manage.py …"
            )


def _sign_in_as(place: dict[str, Any]) -> None:
    connection.close()
    connection.close_pool()  # type: ignore[attr-defined]  # of PostgreSQL's
    connection.settings_dict.update(place)

"""`manage.py prepare_database`: make the role by which the clinic is served, and let it do what it needs and no more."""

from __future__ import annotations

from typing import Any

import psycopg.errors
from django.core.management.base import BaseCommand, CommandError
from django.db import ProgrammingError, connection

from clinic.core.database import owner, roles


class Command(BaseCommand):
    help = (
        "Make the role that DATABASE_URL names, or make it what it should be: by OWNER_DATABASE_URL, before `migrate`. "
        "May run again, and beside the app."
    )
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises CommandError: no two roles are named, or the owner may not make one."""
        database = connection.settings_dict["NAME"]
        with owner.as_owner() as app:
            if app is None:
                raise CommandError("Set OWNER_DATABASE_URL: the owner of the database makes the role of DATABASE_URL.")
            if app.name == connection.settings_dict["USER"]:
                raise CommandError(
                    "DATABASE_URL and OWNER_DATABASE_URL name one role. Give DATABASE_URL one of its own."
                )
            if database != connection.settings_dict["NAME"]:
                raise CommandError("DATABASE_URL and OWNER_DATABASE_URL name two databases.")
            owner.require_ownership("prepare_database")
            try:
                roles.make(app.name, app.password)
                roles.settle(app)
            except ProgrammingError as error:
                if isinstance(error.__cause__, psycopg.errors.InsufficientPrivilege):
                    raise CommandError(
                        f"The owner may not do this: {error} Let it have CREATEROLE, or be a superuser."
                    ) from error
                raise
        self.stdout.write(f"{app.name} may work with rows, change no table, and only add to what is only added to.")

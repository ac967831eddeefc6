"""`manage.py migrate`: by the database's owner, and then the app's role is given what it may do with the new tables."""

from __future__ import annotations

from typing import Any

from django.core.management.commands import migrate
from django.db import DEFAULT_DB_ALIAS

from clinic.core.database import owner, roles


class Command(migrate.Command):
    help = f"{migrate.Command.help} Signs in by OWNER_DATABASE_URL, where it is set."

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises CommandError: who is signed in does not own the tables."""
        only_looks = options["plan"] or options["check_unapplied"] or options["database"] != DEFAULT_DB_ALIAS
        if only_looks:
            super().handle(*args, **options)
            return
        with owner.as_owner() as app:
            owner.require_ownership("migrate")
            super().handle(*args, **options)
            roles.settle(app)

"""`manage.py verify_records`: make sure that every record is as it was signed, after a restore and whenever wanted."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from clinic.records.entries import chain
from clinic.records.entries.models import Entry, RecordKey


class Command(BaseCommand):
    help = "Check numbers, digests and typed rows of all clinical records. Names what is wrong, never what is written."

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises CommandError: something is not as it was signed; each thing stands in a line."""
        found = list(chain.faults())
        if found:
            raise CommandError("\n".join(found))
        self.stdout.write(f"{RecordKey.objects.count()} records with {Entry.objects.count()} entries are as signed.")

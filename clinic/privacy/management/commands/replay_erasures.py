"""Erase once more whom a restored backup has brought back. Run it before the clinic is served again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from clinic.privacy.replay import replay


class Command(BaseCommand):
    help = "After a restore: erase again who was erased since the backup. Run twice, it does nothing more."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", nargs="?", help="Default: erasures/erasures.jsonl in DATA_DIR.")

    def handle(self, *args: Any, file: str | None, **options: Any) -> None:
        path = Path(file or settings.ERASURES_FILE)
        if not path.exists():
            if file:
                raise CommandError(f"There is no {path}.")
            self.stdout.write("Nobody has been erased yet: there is no file.")
            return
        with path.open(encoding="utf-8") as lines:
            done = replay(lines)
        self.stdout.write(f"Erased again: {done.erased}. Not there any more: {done.gone}.")
        if done.refused:
            raise CommandError("\n".join(["Somebody has to look at these:", *done.refused]))

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from clinic.accounts import rights


class Command(BaseCommand):
    help = "Print which role may do what."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--markdown", action="store_true", help="as docs/accounts.md has it")

    def handle(self, *args: Any, markdown: bool = False, **options: Any) -> None:
        self.stdout.write(rights.table(markdown=markdown), ending="")

"""Bring the visits of another system into the diary."""

from __future__ import annotations

from argparse import RawDescriptionHelpFormatter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from bookings.domain.importing import COLUMNS, FileRefused, Line, Report, check_visits, import_visits, read
from clinic.core import clock

HELP = f"""Import visits from a CSV file (UTF-8) whose first line names the columns:
  {", ".join(COLUMNS)}

starts_at is the clinic's wall clock, like 2027-03-05 09:30; treatment and practitioner are slugs;
date_of_birth is like 1984-03-27; note may be empty. Lines that cannot be imported are printed at
the end and the command exits with 1; the others stay. The same file again imports nothing twice.

Patients of coming visits get what any booking sends: a confirmation with the link to change the
visit, and reminders. Nothing is sent for past visits, which come in as booked."""


class Command(BaseCommand):
    help = HELP

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        return super().create_parser(prog_name, subcommand, formatter_class=RawDescriptionHelpFormatter, **kwargs)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE.csv")
        parser.add_argument("--check", action="store_true", help="Only say what would happen; nothing stays.")

    def handle(self, *args: Any, file: Path, check: bool, **options: Any) -> None:
        run = check_visits if check else import_visits
        report = run(_lines(file), now=clock.now())
        self.stdout.write(_summary(report, "would be imported" if check else "imported"))
        for number, why in report.refused:
            self.stderr.write(f"line {number}: {why}")
        if report.refused:
            raise CommandError(f"{_visits(len(report.refused), 'line')} could not be imported.")


def _lines(path: Path) -> list[Line]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return read(file)
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise CommandError(f"{path} is not UTF-8. Save it as “CSV UTF-8”.") from error
    except FileRefused as refusal:
        raise CommandError(str(refusal)) from refusal


def _summary(report: Report, done: str) -> str:
    return f"{_visits(report.imported)} {done}, {report.known} already here, {len(report.refused)} refused."


def _visits(number: int, what: str = "visit") -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"

"""Bring the visits of another system into the diary."""

from __future__ import annotations

from argparse import RawDescriptionHelpFormatter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from bookings.desk.importing.checks import Allowed
from bookings.desk.importing.lines import COLUMNS, STATUS, FileRefused, Line, read
from bookings.desk.importing.status import SHOWN
from bookings.desk.importing.visits import Report, check_visits, import_visits
from clinic.core import clock

HELP = f"""Import visits from a CSV file (UTF-8) whose first line names the columns:
  {", ".join(COLUMNS)}
and, if the other system knows it, {STATUS}: {SHOWN}.

starts_at is the clinic's wall clock, like 2027-03-05 09:30; treatment and practitioner are slugs;
date_of_birth is like 1984-03-27; note may be empty. A visit that is over and has no status, or is
still “booked” or “confirmed”, counts as attended; one to come without a status is booked.

All lines are imported or none: what cannot be is printed by line number, and the command exits
with 1. Begin with --check. The same file again imports nothing twice. If a later file says how a
visit ended that is here as booked, it counts as that (“changed”); where a visit to come stands here
and is cancelled in the file, or the reverse, the line is refused: change it in the diary.

Patients of coming visits get what any booking sends: a confirmation with the link to change the
visit, and reminders. Nothing is sent for visits that are over or were cancelled. While an import
runs, all diaries are locked, about two seconds for 100 lines: bookings and changes wait up to
twelve seconds, then are asked to try again. Do it after hours."""


class Command(BaseCommand):
    help = HELP

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        return super().create_parser(prog_name, subcommand, formatter_class=RawDescriptionHelpFormatter, **kwargs)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE.csv")
        parser.add_argument("--check", action="store_true", help="Only say what would happen; nothing stays.")
        parser.add_argument(
            "--not-offered",
            action="store_true",
            help="Import too what a practitioner is not known to offer here.",
        )
        parser.add_argument(
            "--outside-hours",
            action="store_true",
            help="Import too what lies outside working hours, on a closed holiday or in time off.",
        )

    def handle(
        self, *args: Any, file: Path, check: bool, not_offered: bool, outside_hours: bool, **options: Any
    ) -> None:
        run = check_visits if check else import_visits
        allowed = Allowed(not_offered=not_offered, outside_hours=outside_hours)
        report = run(_lines(file), now=clock.now(), allowed=allowed)
        self.stdout.write(_summary(report, "would be imported" if check else "imported"))
        if report.assumed:
            self.stdout.write(f"{_visits(report.assumed)} that the file says no end of: counted as attended.")
        for number, why in report.refused:
            self.stderr.write(f"line {number}: {why}")
        if report.refused:
            raise CommandError(_failed(len(report.refused)))


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
    changed = f"{report.changed} changed, " if report.changed else ""
    return f"{_visits(report.imported)} {done}, {changed}{report.known} already here, {len(report.refused)} refused."


def _failed(refused: int) -> str:
    return f"{_visits(refused, 'line')} cannot be imported, so nothing is. Correct the file and run it again."


def _visits(number: int, what: str = "visit") -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"

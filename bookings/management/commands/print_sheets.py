"""Write a day's sheets to a file, as the schedule does each morning."""

from __future__ import annotations

from argparse import ArgumentTypeError
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from bookings.desk.sheet import sheet_files
from clinic.core import clock
from clinic.core.date_fields import read_day


def a_day(written: str) -> date:
    if day := read_day(written):
        return day
    raise ArgumentTypeError("write the day like 2027-03-05")


class Command(BaseCommand):
    help = (
        "Write the sheets of a day (default: today) to DATA_DIR/sheets: one page for each practitioner, with names and "
        "numbers. Only if the owner has switched it on in the booking rules. Files are kept for two weeks."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--day", type=a_day, default=None, metavar="YYYY-MM-DD")

    def handle(self, *args: Any, day: date | None, **options: Any) -> None:
        if not sheet_files.is_switched_on():
            raise CommandError("The owner has not switched this on: Settings, Booking rules, in the CMS.")
        now = clock.now()
        sheet_files.forget_old(now)
        self.stdout.write(f"{sheet_files.write(day or clock.today(now), now)}")

"""The numbers in rows: for the page, and as a CSV file that a spreadsheet opens."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from bookings.desk.numbers.figures import Figures, Numbers
from bookings.desk.numbers.periods import Period

BOM = "\ufeff"  # or Excel takes UTF-8 for something else
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
HEADINGS = (
    "From", "To", "Practitioner", "Open minutes", "Booked minutes", "Utilisation (%)", "Visits", "Missed",
    "Cancelled late", "Days ahead (median)", "Booked online", "Booked at the desk", "Booked by a program", "Imported",
    "From the waiting list", "New patients",
)  # fmt: skip
Row = tuple[str, str, str]


def hours(minutes: int) -> str:
    """7 h, 7 h 30, 30 min."""
    whole, rest = divmod(minutes, 60)
    if not whole:
        return f"{rest} min"
    return f"{whole} h {rest:02}" if rest else f"{whole} h"


def clock(minutes: int) -> str:
    """7:30."""
    return f"{minutes // 60}:{minutes % 60:02}"


def compared(numbers: Numbers) -> list[Row]:
    """What is counted, this period, the one before."""
    pairs = zip(_written(numbers.now), _written(numbers.before), strict=True)
    return [(name, now, before) for (name, now), (_, before) in pairs]


def _written(figures: Figures) -> list[tuple[str, str]]:
    counted, ahead = figures.counts, figures.counts.days_ahead
    return [
        ("Utilisation", percent(figures.utilisation)),
        ("Open hours", hours(figures.open)),
        ("Booked in them", hours(figures.booked)),
        ("Visits", str(counted.visits)),
        ("New patients", str(counted.new_patients)),
        ("Missed", str(counted.missed)),
        ("Cancelled late", str(counted.cancelled_late)),
        ("From the waiting list", str(counted.from_waiting)),
        ("Booked ahead (median)", "–" if ahead is None else f"{ahead:.1f} days"),
        ("Booked online", str(counted.online)),
        ("Booked at the desk", str(counted.desk)),
        ("Booked by a program", str(counted.api)),
        ("Imported", str(counted.imported)),
    ]


def percent(number: int | None) -> str:
    return "–" if number is None else f"{number} %"


def csv_text(numbers: Numbers) -> str:
    """A line for each practitioner and for all, of this period and of the one before."""
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(HEADINGS)
    for line in _lines(numbers):
        writer.writerow([defused(cell) if isinstance(cell, str) else cell for cell in line])
    return BOM + file.getvalue()


def defused(text: str) -> str:
    """As text, whatever it begins with: a spreadsheet would work out “=1+1”, and call what it is told to."""
    return f"'{text}" if text.startswith(FORMULA) else text


def _lines(numbers: Numbers) -> Iterator[list[object]]:
    for period, which in ((numbers.period, 0), (numbers.period.before, 1)):
        for person, *figures in numbers.people:
            yield _line(period, person.name, figures[which])
        yield _line(period, "All", (numbers.now, numbers.before)[which])


def _line(period: Period, whose: str, figures: Figures) -> list[object]:
    counted = figures.counts
    return [
        period.first.isoformat(),
        period.last.isoformat(),
        whose,
        figures.open,
        figures.booked,
        "" if figures.utilisation is None else figures.utilisation,
        counted.visits,
        counted.missed,
        counted.cancelled_late,
        "" if counted.days_ahead is None else round(counted.days_ahead, 2),
        counted.online,
        counted.desk,
        counted.api,
        counted.imported,
        counted.from_waiting,
        counted.new_patients,
    ]

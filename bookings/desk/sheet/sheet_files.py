"""The day's sheets as files, for the day on which nothing else works: written by the clock, kept for two weeks.

A file stands alone: it is read from a disk, without this server. It holds names and numbers, so only the owner's
switch has it written, and only the account that runs this program reads it.
"""

from __future__ import annotations

import os
import re
import secrets
from datetime import date, datetime, time, timedelta
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.db.models import Q
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from rcssmin import cssmin

from bookings.desk.sheet.day_sheet import sheets
from bookings.visits.models import Appointment, BookingSettings
from clinic.core import clock
from clinic.core.date_fields import read_day
from clinic.core.models import ClinicSettings
from clinic.practitioners.models import Practitioner

WRITTEN_AT = time(7)
KEPT = timedelta(days=14)
PARTS = ("tokens", "reset", "base", "components/staff-sheet", "utilities")
FONTS = re.compile(r"@font-face\{[^}]*url\([^}]*\}")


def write_due(now: datetime) -> Path | None:
    """From seven in the morning write today's file, once; delete what is older than two weeks."""
    forget_old(now)
    today = clock.today(now)
    if clock.local(now).time() < WRITTEN_AT or path_of(today).exists() or not is_switched_on():
        return None
    return write(today, now)


def is_switched_on() -> bool:
    return bool(BookingSettings.load().writes_day_sheets)


def path_of(day: date) -> Path:
    return Path(settings.SHEETS_DIR) / f"{day}.html"


def write(day: date, now: datetime) -> Path:
    """Write the file of `day`, in place of one that is there. Whoever reads it meanwhile sees the old or the new."""
    path = path_of(day)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    unfinished = path.with_suffix(f".{secrets.token_hex(8)}")
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(_text(day, now))
    unfinished.replace(path)
    return path


def forget_old(now: datetime) -> None:
    oldest = clock.today(now) - KEPT
    for path in Path(settings.SHEETS_DIR).glob("*.*"):
        day = read_day(path.stem)
        if day and day <= oldest:
            path.unlink(missing_ok=True)


def _text(day: date, now: datetime) -> str:
    that_day = Appointment.objects.visits().in_span(*clock.day_bounds(day)).values("practitioner")
    people = Practitioner.objects.filter(Q(live=True, is_bookable=True) | Q(pk__in=that_day))
    context = {
        "clinic": ClinicSettings.load(),
        "day": day,
        "now": now,
        "sheets": sheets(day=day, practitioners=list(people), now=now),
        "styles": styles(),
    }
    return render_to_string("bookings/desk/sheet/file.html", context)


def styles() -> SafeString:
    """Our own style sheets, without the fonts, which are files of their own."""
    found = [Path(path) for name in PARTS if (path := finders.find(f"css/{name}.css"))]
    return mark_safe(FONTS.sub("", "".join(cssmin(path.read_text(encoding="utf-8")) for path in found)))  # noqa: S308 -- ours

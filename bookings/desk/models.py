"""Which days of the diary changed, for screens that show one and want to know whether it still stands."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import connection, models
from django.db.models.expressions import RawSQL
from django.db.models.functions import Now

from clinic.core.abstract import OutsideCms

EVERY_DAY = date(1, 1, 1)  # a change of weekly hours, rooms, names: whatever day is shown
KEPT = timedelta(days=3)
_VERSION = "SELECT count(*) || '-' || COALESCE(max(id), 0) FROM bookings_daychange WHERE day IN (%s, %s)"


class DayChange(OutsideCms):
    """One row for each change of something that the day's page shows, written by triggers of PostgreSQL.

    Rows are only added, so two transactions on the same day never wait for each other as they would for one counter.
    The version of a day is the number of its rows with the newest id: the id alone would miss a transaction that took
    its id earlier and committed later.
    """

    day = models.DateField()
    at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [models.Index(fields=["day", "id"], name="day_changes_of_a_day")]

    def __str__(self) -> str:
        return f"{self.day}: {self.pk}"


def version_of(day: date) -> RawSQL:
    """The version of a day as an expression, to be read in the statement of something else."""
    return RawSQL(f"({_VERSION})", (day, EVERY_DAY), output_field=models.TextField())  # noqa: S611 -- a constant


def current_version(day: date) -> str:
    """The version of a day. Asked every few seconds by each open diary, so without the ORM: it took ten times as long."""
    with connection.cursor() as cursor:
        cursor.execute(_VERSION, (day, EVERY_DAY))
        return str(cursor.fetchone()[0])


def forget_old_changes(now: datetime) -> int:
    """Delete the changes that no open screen has yet to hear of; gives how many."""
    return DayChange.objects.filter(at__lt=now - KEPT).delete()[0]

"""Count the visits of a period and of the one before it, for each practitioner and for all, by one statement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from bookings.desk.numbers.periods import Period
from bookings.visits.models.statuses import ACTIVE, Status

_STANDS = ", ".join(f"'{status}'" for status in ACTIVE if status != Status.HELD)
# ruff: noqa: S608 -- put together from constants, never from what someone sent
_COUNTS = f"""
WITH visits AS (
    SELECT a.practitioner_id, lower(a.during) >= %(starts_at)s AS is_now, a.source, a.status,
           a.status IN ({_STANDS}) AS stands, a.was_cancelled_late,
           greatest(extract(epoch FROM lower(a.during) - a.created_at) / 86400, 0) AS days_ahead,
           EXISTS (
               SELECT FROM bookings_offer o WHERE o.appointment_id = a.id AND o.state = 'taken'
           ) AS was_waited_for,
           NOT EXISTS (
               SELECT FROM bookings_appointment e
               WHERE e.patient_id = a.patient_id AND e.status IN ({_STANDS}) AND lower(e.during) < lower(a.during)
           ) AS is_first
    FROM bookings_appointment a
    WHERE a.practitioner_id = ANY(%(people)s) AND a.status NOT IN ('held', 'expired')
      AND lower(a.during) >= %(before)s AND lower(a.during) < %(ends_at)s
)
SELECT is_now, practitioner_id,
       count(*) FILTER (WHERE stands),
       count(*) FILTER (WHERE status = 'no_show'),
       count(*) FILTER (WHERE status = 'cancelled' AND was_cancelled_late),
       percentile_cont(0.5) WITHIN GROUP (ORDER BY days_ahead) FILTER (WHERE stands AND source <> 'import'),
       count(*) FILTER (WHERE stands AND source = 'online'),
       count(*) FILTER (WHERE stands AND source = 'desk'),
       count(*) FILTER (WHERE stands AND source = 'api'),
       count(*) FILTER (WHERE stands AND source = 'import'),
       count(*) FILTER (WHERE stands AND was_waited_for),
       count(*) FILTER (WHERE stands AND is_first)
FROM visits GROUP BY GROUPING SETS ((is_now, practitioner_id), (is_now))"""


@dataclass(frozen=True, slots=True)
class Counts:
    """Sources, days ahead, waiting list and new patients are of the visits that stand: neither cancelled nor missed."""

    visits: int = 0
    missed: int = 0
    cancelled_late: int = 0
    days_ahead: float | None = None
    online: int = 0
    desk: int = 0
    api: int = 0
    imported: int = 0
    from_waiting: int = 0
    new_patients: int = 0


Key = tuple[bool, int | None]  # whether it is this period, and whose; None: everyone's


def counts(*, people: Sequence[int], period: Period) -> dict[Key, Counts]:
    asked: dict[str, Any] = {
        "people": list(people),
        "before": period.before.starts_at,
        "starts_at": period.starts_at,
        "ends_at": period.ends_at,
    }
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS, asked)
        return {(is_now, whose): Counts(*found) for is_now, whose, *found in cursor.fetchall()}

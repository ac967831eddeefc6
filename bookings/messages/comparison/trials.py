"""Two wordings of one reminder against each other: how many visits each reminded, and how those ended.

Which visit gets which wording is settled by chance when the reminder is written and kept on the message, so that the
visits of both are alike in all but the words. Everything here only counts. Once one of the two is put away, what the
other goes on to remind is left out: those visits have no others of the same days beside them.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from bookings.messages.comparison.statistics import Share
from bookings.messages.comparison.verdict import TO_SEE_IT, Verdict, judge
from bookings.messages.models import Wording

REMINDER = "reminder"
A_DAY = timedelta(days=1)
_COUNTS = """
WITH pair AS (
    SELECT a.id AS a, b.id AS b, GREATEST(a.text_since, b.text_since) AS since,
        a.is_active AND b.is_active AS is_running
    FROM bookings_wording a
    JOIN bookings_wording b USING (kind, channel, asks_to_confirm)
    WHERE kind = %(kind)s AND a.variant = 'A' AND b.variant = 'B'
), sent AS (
    SELECT pair.a AS pair, pair.is_running, message.wording_id, message.appointment_id, message.sent_at,
        message.expires_at AS of_a_visit_at, message.created_at, message.id
    FROM pair
    JOIN bookings_message message ON message.wording_id IN (pair.a, pair.b)
    WHERE message.kind = %(kind)s AND message.state = 'sent' AND message.wording_id IS NOT NULL
        AND message.appointment_id IS NOT NULL AND message.sent_at >= pair.since AND message.sent_at <= %(now)s
), stopped AS (
    SELECT pair, min(last_at) AS last_at
    FROM (SELECT pair, max(sent_at) AS last_at FROM sent WHERE NOT is_running GROUP BY pair, wording_id) arm
    GROUP BY pair
), reminded AS (
    SELECT DISTINCT ON (pair, appointment_id) wording_id, appointment_id, of_a_visit_at
    FROM sent
    LEFT JOIN stopped USING (pair)
    WHERE sent_at <= COALESCE(last_at, %(now)s)
    ORDER BY pair, appointment_id, sent_at DESC, created_at DESC, id
), ended AS (
    SELECT reminded.wording_id, CASE
        WHEN visit.status = 'cancelled' OR lower(visit.during) <> reminded.of_a_visit_at THEN 'called_off'
        WHEN visit.status IN ('arrived', 'in_progress', 'completed') THEN 'attended'
        WHEN visit.status = 'no_show' THEN 'missed'
        WHEN upper(visit.during) > %(now)s THEN 'ahead'
        ELSE 'unrecorded'
    END AS how
    FROM reminded
    JOIN bookings_appointment visit ON visit.id = reminded.appointment_id
    WHERE visit.status NOT IN ('held', 'expired')
)
SELECT wording_id, how, count(*) FROM ended GROUP BY wording_id, how"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm:
    """One wording, and what became of the visits whose last reminder bore it.

    `called_off`: cancelled, or moved to another time after that reminder. `unrecorded`: over, and nobody noted whether
    the patient came.
    """

    wording: Wording
    ahead: int = 0
    called_off: int = 0
    unrecorded: int = 0
    attended: int = 0
    missed: int = 0

    @property
    def reminded(self) -> int:
        return self.ahead + self.called_off + self.unrecorded + self.attended + self.missed

    @property
    def share_missed(self) -> Share:
        """Of the visits whose end is known."""
        return Share(self.missed, self.attended + self.missed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """Two wordings of one reminder; `since` when both have read as they do now."""

    a: Arm
    b: Arm
    since: datetime

    @property
    def arms(self) -> tuple[Arm, Arm]:
        return self.a, self.b

    @property
    def is_running(self) -> bool:
        return self.a.wording.is_active and self.b.wording.is_active

    @property
    def verdict(self) -> Verdict:
        return judge(self.a.share_missed, self.b.share_missed)

    @property
    def known(self) -> int:
        """Visits with a known end, of the wording that has fewer."""
        return min(arm.share_missed.of for arm in self.arms)

    def still_takes(self, now: datetime) -> timedelta | None:
        """Until there are enough to see a difference like that of the NHS trial, at the pace so far.

        None if there are enough, or no pace to go by: it has stopped, is under a day old, or knows of no end yet.
        """
        if not self.is_running or not 0 < self.known < TO_SEE_IT or now - self.since < A_DAY:
            return None
        return (now - self.since) * ((TO_SEE_IT - self.known) / self.known)


def reminders(now: datetime) -> tuple[list[Trial], list[Wording]]:
    """The trials of reminders, and the wordings that have no other beside them. Two statements."""
    of_one: dict[tuple[str, bool], dict[str, Wording]] = defaultdict(dict)
    for wording in Wording.objects.filter(kind=REMINDER).order_by("channel", "asks_to_confirm", "variant"):
        of_one[wording.channel, wording.asks_to_confirm][wording.variant] = wording
    pairs = [(pair["A"], pair["B"]) for pair in of_one.values() if len(pair) > 1]
    alone = [wording for pair in of_one.values() if len(pair) == 1 for wording in pair.values()]
    counts = _counts(now) if pairs else {}
    return [_trial(a, b, counts) for a, b in pairs], alone


def _trial(a: Wording, b: Wording, counts: dict[int, dict[str, int]]) -> Trial:
    arms = [Arm(wording=wording, **counts.get(wording.pk, {})) for wording in (a, b)]
    return Trial(a=arms[0], b=arms[1], since=max(a.text_since, b.text_since))


def _counts(now: datetime) -> dict[int, dict[str, int]]:
    found: dict[int, dict[str, int]] = defaultdict(dict)
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS, {"now": now, "kind": REMINDER})
        for wording, how, number in cursor.fetchall():
            found[wording][how] = number
    return found

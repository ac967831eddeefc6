"""The statement behind `availability`, part by part: what is open, what is taken, what is left, and how it is told."""

from __future__ import annotations

from bookings.visits.models.statuses import ACTIVE

ACTIVE_SQL = ", ".join(f"'{status}'" for status in ACTIVE)  # to the letter as in the exclusion constraints' indexes


def _recurs(row: str) -> str:
    """That a weekly row holds on `calendar.day`."""
    return f"""extract(isodow FROM calendar.day) = {row}.weekday
             AND calendar.day >= {row}.valid_from AND ({row}.valid_until IS NULL OR calendar.day <= {row}.valid_until)
             AND ((date_trunc('week', calendar.day)::date - date_trunc('week', {row}.valid_from)::date) / 7)
                 %% {row}.every_weeks = 0"""


def taken(resource: str) -> str:
    """What is occupied in the window by visits that match `resource`, as one multirange."""
    return f"""COALESCE((
               SELECT range_agg(a.occupied) FROM bookings_appointment a
               WHERE {resource} AND a.status IN ({ACTIVE_SQL})
                 AND a.occupied && tstzrange(%(window_start)s, %(window_end)s)
                 AND (a.status <> 'held' OR a.hold_expires_at > %(now)s)
                 AND a.id <> %(ignoring)s
           ), '{{}}'::tstzmultirange)"""


OCCUPIES = "tstzrange(starts_at - %(before)s::interval, starts_at + length + %(after)s::interval)"
THOSE_WHO_OFFER = """
WITH who AS (
    SELECT p.id, p.slug, p.name, p.position,
           make_interval(mins => COALESCE(%(kept)s::int, o.duration_minutes, %(duration)s)) AS length
    FROM practitioners_practitioner p
    JOIN practitioners_offeredtreatment o ON o.practitioner_id = p.id AND o.treatment_id = %(treatment)s
    WHERE p.live AND p.is_bookable AND (%(practitioner)s::bigint IS NULL OR p.id = %(practitioner)s)
)"""
OPENING = f""", calendar AS MATERIALIZED (
    SELECT d::date AS day,
           d::date = ANY(%(holidays)s::date[])
           AND NOT EXISTS (SELECT FROM bookings_openedholiday h WHERE h.day = d::date) AS is_closed
    FROM generate_series(%(first_day)s::date, %(last_day)s::date, interval '1 day') d
), spans AS (
    SELECT w.practitioner_id, w.location_id,
           (calendar.day + w.starts_at) AT TIME ZONE 'Europe/London' AS opens,
           (calendar.day + w.ends_at) AT TIME ZONE 'Europe/London' AS closes
    FROM bookings_workinghours w
    JOIN who ON who.id = w.practitioner_id
    JOIN calendar ON NOT calendar.is_closed AND {_recurs("w")}
    UNION ALL
    SELECT e.practitioner_id, e.location_id, lower(e.during), upper(e.during)
    FROM bookings_extrahours e
    JOIN who ON who.id = e.practitioner_id
    WHERE e.during && tstzrange(%(window_start)s, %(window_end)s)
), opening AS (
    SELECT practitioner_id, location_id, unnest(range_agg(tstzrange(opens, closes))) AS open
    FROM spans
    WHERE opens < closes AND (%(location)s::bigint IS NULL OR location_id = %(location)s)
    GROUP BY practitioner_id, location_id
), pauses AS (
    SELECT r.practitioner_id,
           (calendar.day + r.starts_at) AT TIME ZONE 'Europe/London' AS begins,
           (calendar.day + r.ends_at) AT TIME ZONE 'Europe/London' AS ends
    FROM bookings_regulartimeoff r
    JOIN calendar ON {_recurs("r")}
), diary AS MATERIALIZED (
    SELECT who.id AS practitioner_id,
           {taken("a.practitioner_id = who.id")} AS occupied,
           COALESCE((
               SELECT range_agg(t.during) FROM bookings_timeoff t
               WHERE (t.practitioner_id = who.id OR t.practitioner_id IS NULL)
                 AND t.during && tstzrange(%(window_start)s, %(window_end)s)
           ), '{{}}'::tstzmultirange) + COALESCE((
               SELECT range_agg(tstzrange(begins, ends)) FROM pauses
               WHERE (pauses.practitioner_id = who.id OR pauses.practitioner_id IS NULL) AND begins < ends
           ), '{{}}'::tstzmultirange) AS off
    FROM who
)"""
ROOMS_AND_DEVICES = f""", rooms AS MATERIALIZED (
    SELECT r.location_id, {taken("a.room_id = r.id")} AS occupied
    FROM bookings_room r
    WHERE r.is_active AND r.kind = %(room_kind)s
), devices AS MATERIALIZED (
    SELECT d.location_id, {taken("a.device_id = d.id")} AS occupied
    FROM bookings_device d
    WHERE d.is_active AND d.kind_id = %(device_kind)s::bigint
)"""
STRETCHES = """, stretches AS MATERIALIZED (
    SELECT who.*, opening.location_id, opening.open, diary.off, diary.occupied
    FROM opening
    JOIN who ON who.id = opening.practitioner_id
    JOIN diary ON diary.practitioner_id = who.id
    JOIN bookings_location l ON l.id = opening.location_id AND l.is_active
)"""
_TIMES = f""", times AS MATERIALIZED (
    SELECT starts_at, starts_at + length AS ends_at, id, slug, name, position, location_id, {OCCUPIES} AS occupies
    FROM stretches
    CROSS JOIN LATERAL generate_series(lower(open), upper(open) - length, %(step)s::interval) AS starts_at
    WHERE starts_at >= %(earliest)s AND starts_at < %(latest)s
      AND (%(last_start)s::time IS NULL OR (starts_at AT TIME ZONE 'Europe/London')::time <= %(last_start)s)
      AND NOT occupied && {OCCUPIES}
      AND NOT off && tstzrange(starts_at, starts_at + length)
)"""
_UNGAPPED = """, gaps AS MATERIALIZED (
    SELECT stretches.id, stretches.location_id, gap, shortest.visit AS shortest
    FROM stretches
    CROSS JOIN LATERAL unnest(tstzmultirange(open) - occupied - off) AS gap
    CROSS JOIN LATERAL (
        SELECT min(make_interval(mins => COALESCE(o.duration_minutes, t.duration_minutes)
                                         + t.buffer_before_minutes + t.buffer_after_minutes)) AS visit
        FROM practitioners_offeredtreatment o
        JOIN catalogue_treatment t ON t.id = o.treatment_id AND t.live AND t.is_bookable_online
        WHERE o.practitioner_id = stretches.id
    ) AS shortest
), placed AS (
    SELECT times.*, shortest,
           lower(occupies) - lower(gap) AS leaves_before,
           upper(gap) - upper(occupies) AS leaves_after,
           row_number() OVER (PARTITION BY times.id, times.location_id, gap ORDER BY starts_at) AS from_first,
           row_number() OVER (PARTITION BY times.id, times.location_id, gap ORDER BY starts_at DESC) AS from_last
    FROM times
    JOIN gaps ON gaps.id = times.id AND gaps.location_id = times.location_id AND gap @> tstzrange(starts_at, ends_at)
), wanted AS (
    SELECT * FROM placed
    WHERE from_first = 1 OR from_last = 1 OR (leaves_before >= shortest AND leaves_after >= shortest)
)"""
_ANY_GAP = ", wanted AS (SELECT * FROM times)"
_IN_A_FREE_ROOM = """EXISTS (
        SELECT FROM rooms WHERE rooms.location_id = wanted.location_id AND NOT rooms.occupied && wanted.occupies
    )"""
_WITH_A_FREE_DEVICE = """EXISTS (
        SELECT FROM devices WHERE devices.location_id = wanted.location_id AND NOT devices.occupied && wanted.occupies
    )"""
# After the short gaps, which are judged without knowing who books.
_WITHOUT_ANOTHER_VISIT = f"""NOT EXISTS (
        SELECT FROM bookings_appointment a
        WHERE a.patient_id = %(patient)s AND a.status IN ({ACTIVE_SQL}) AND a.id <> %(ignoring)s
          AND a.during && tstzrange(wanted.starts_at, wanted.ends_at)
    )"""
_SLOTS = "SELECT starts_at, ends_at, id, slug, name, location_id FROM free"
IN_ORDER = f"{_SLOTS} ORDER BY starts_at, position, name"
FIRST = f"{IN_ORDER} LIMIT %(limit)s"
# ruff: noqa: S608 -- the statements are put together from the constants above, never from what someone sent
AT = f"{_SLOTS} WHERE starts_at = %(at)s ORDER BY position, name"
NEAREST = """SELECT * FROM (
    SELECT DISTINCT ON (starts_at) starts_at, ends_at, id, slug, name, location_id FROM free
    WHERE starts_at <> %(near)s OR %(may_be_same)s
    ORDER BY starts_at, position, name
) AS one_a_start ORDER BY abs(extract(epoch FROM starts_at - %(near)s)), starts_at LIMIT %(limit)s"""
NEAR_EACH = """
SELECT DISTINCT ON (target, local.day) starts_at, ends_at, id, slug, name, location_id, target
FROM unnest(%(targets)s::timestamptz[]) AS target
JOIN free ON starts_at BETWEEN target - %(reach)s::interval AND target + %(reach)s::interval
CROSS JOIN LATERAL (
    SELECT (starts_at AT TIME ZONE 'Europe/London')::date AS day,
           (starts_at AT TIME ZONE 'Europe/London')::time - (target AT TIME ZONE 'Europe/London')::time AS off_by
) AS local
ORDER BY target, local.day, greatest(off_by, -off_by), starts_at, position, name"""
# For a visit that makes way: the same practitioner, the same part of the day (it ends at noon and at five), then the
# nearest day and hour; of two as near, the later.
INSTEAD = f"""{_SLOTS}
CROSS JOIN LATERAL (
    SELECT starts_at AT TIME ZONE 'Europe/London' AS wall, %(was_at)s AT TIME ZONE 'Europe/London' AS was
) AS local
WHERE NOT (id = %(own)s AND starts_at = %(was_at)s)
  AND NOT (id = %(taken_of)s::bigint IS TRUE AND occupies && %(taken)s::tstzrange)
ORDER BY id <> %(own)s,
         width_bucket(extract(hour FROM wall)::int, ARRAY[12, 17]) <> width_bucket(extract(hour FROM was)::int, ARRAY[12, 17]),
         abs(wall::date - was::date), greatest(wall::time - was::time, was::time - wall::time), starts_at < %(was_at)s,
         starts_at, position, name
LIMIT %(limit)s"""
PER_DAY = """
SELECT (starts_at AT TIME ZONE 'Europe/London')::date AS day, count(DISTINCT starts_at) FROM free
GROUP BY 1 ORDER BY 1 LIMIT %(limit)s"""


def statement(
    tail: str, *, avoids_short_gaps: bool, needs_room: bool, needs_device: bool, knows_patient: bool = False
) -> str:
    """The whole statement: `tail` asks the rows of `free`. What is not needed is left out, and so not planned either."""
    needs = [
        *([_IN_A_FREE_ROOM] if needs_room else []),
        *([_WITH_A_FREE_DEVICE] if needs_device else []),
        *([_WITHOUT_ANOTHER_VISIT] if knows_patient else []),
    ]
    free = f", free AS (SELECT * FROM wanted WHERE {' AND '.join(needs) or 'TRUE'}) "
    world = THOSE_WHO_OFFER + OPENING + ROOMS_AND_DEVICES + STRETCHES
    return f"{world}{_TIMES}{_UNGAPPED if avoids_short_gaps else _ANY_GAP}{free}{tail}"

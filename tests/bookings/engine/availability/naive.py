"""Availability as one would first write it: minute by minute, in Python. Slow, and easy to believe."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

UTC = ZoneInfo("UTC")
LONDON = ZoneInfo("Europe/London")


def wall(day, clock_time):
    """A wall time as Postgres reads it: what comes twice is the later one, what is skipped counts as winter time."""
    local = datetime.combine(day, clock_time)
    later = local.replace(tzinfo=LONDON, fold=1).astimezone(UTC)
    came_to_pass = later.astimezone(LONDON).replace(tzinfo=None) == local
    return later if came_to_pass else local.replace(tzinfo=UTC)


def days_between(first, last):
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def weekly_spans(rows, first_day, last_day, closed=()):
    spans = [
        (wall(day, row.starts_at), wall(day, row.ends_at))
        for row in rows
        for day in days_between(first_day, last_day)
        if day.isoweekday() == row.weekday
        and day not in closed
        and day >= row.valid_from
        and (row.valid_until is None or day <= row.valid_until)
        and ((monday(day) - monday(row.valid_from)).days // 7) % row.every_weeks == 0
    ]
    return [span for span in spans if span[0] < span[1]]


def opening_spans(hours, extra, first_day, last_day, closed=()):
    return merged(weekly_spans(hours, first_day, last_day, closed) + extra)


def monday(day):
    return day - timedelta(days=day.weekday())


def merged(spans):
    result = []
    for start, end in sorted(spans):
        if result and start <= result[-1][1]:
            result[-1] = (result[-1][0], max(end, result[-1][1]))
        else:
            result.append((start, end))
    return result


def free_starts(
    *,
    opening,
    occupied,
    off,
    length,
    before,
    after,
    step,
    earliest,
    latest,
    last_start,
    device,
    avoids_gaps,
    shortest=None,
):
    """`shortest` is what a gap must hold to be worth leaving: by default, another visit like this one."""
    shortest = shortest or before + length + after
    found = set()
    for opens, closes in opening:
        start, here = opens, []
        while start + length <= closes:
            visit, whole = (start, start + length), (start - before, start + length + after)
            if (
                earliest <= start < latest
                and (last_start is None or start.astimezone(LONDON).time() <= last_start)
                and not any(overlap(visit, span) for span in off)
                and not any(overlap(whole, span) for span in occupied)
            ):
                here.append(start)
            start += step
        if avoids_gaps:
            gaps = without((opens, closes), occupied + off)
            here = spaced(here, gaps, length=length, before=before, after=after, shortest=shortest)
        found |= {
            start
            for start in here
            if not any(overlap((start - before, start + length + after), span) for span in device)
        }
    return found


def spaced(starts, gaps, *, length, before, after, shortest):
    """The first and last of each gap, and those that leave room for another visit on both sides."""
    kept = []
    for low, high in gaps:
        inside = [start for start in starts if low <= start and start + length <= high]
        kept += [
            start
            for start in inside
            if start in (inside[0], inside[-1])
            or (start - before - low >= shortest and high - (start + length + after) >= shortest)
        ]
    return kept


def without(span, others):
    low, gaps = span[0], []
    for start, end in merged([other for other in others if overlap(span, other)]):
        if low < start:
            gaps.append((low, start))
        low = max(low, end)
    return gaps + ([(low, span[1])] if low < span[1] else [])


def overlap(one, other):
    return one[0] < other[1] and other[0] < one[1]

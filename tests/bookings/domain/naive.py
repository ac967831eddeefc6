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


def opening_spans(hours, extra, first_day, last_day):
    spans = [
        (wall(day, row.starts_at), wall(day, row.ends_at))
        for row in hours
        for day in days_between(first_day, last_day)
        if day.isoweekday() == row.weekday
        and day >= row.valid_from
        and (row.valid_until is None or day <= row.valid_until)
        and ((monday(day) - monday(row.valid_from)).days // 7) % row.every_weeks == 0
    ]
    return merged([span for span in spans + extra if span[0] < span[1]])


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


def free_starts(*, opening, occupied, off, length, before, after, step, earliest, latest):
    found = set()
    for opens, closes in opening:
        start = opens
        while start + length <= closes:
            visit, whole = (start, start + length), (start - before, start + length + after)
            if (
                earliest <= start < latest
                and not any(overlap(visit, span) for span in off)
                and not any(overlap(whole, span) for span in occupied)
            ):
                found.add(start)
            start += step
    return found


def overlap(one, other):
    return one[0] < other[1] and other[0] < one[1]

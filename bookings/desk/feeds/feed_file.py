"""A practitioner's visits and time off as one iCalendar object (RFC 5545, 7986), never a treatment, number or note."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from icalendar import Calendar, Event, vDuration, vText
from icalendar.parser import Contentline

from bookings.desk.feeds.feed_links import OpenFeed
from bookings.desk.feeds.feed_rows import FeedRows, TimeOff, Visit
from bookings.desk.feeds.models import CalendarFeed
from bookings.visits import addresses, ical
from bookings.visits.models.statuses import Status
from clinic.core import clock
from clinic.patients.names import initials

FETCH_EVERY = timedelta(minutes=15)
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
Detail = CalendarFeed.Detail
LONGEST_LINE = 75
END = b"END:VCALENDAR\r\n"


def feed_file(feed: OpenFeed, rows: FeedRows, now: datetime) -> bytes:
    """As `feed.detail` allows: times, with patients' initials, or with their names."""
    ics = Calendar()
    ics.add("prodid", ical.PRODUCT)
    ics.add("version", "2.0")
    ics.add("calscale", "GREGORIAN")
    ics.add("method", "PUBLISH")
    ics.add("name", f"Visits: {feed.practitioner_name}")
    ics.add("x-wr-calname", f"Visits: {feed.practitioner_name}")
    ics.add("refresh-interval", vDuration(FETCH_EVERY), parameters={"VALUE": "DURATION"})
    ics.add("x-published-ttl", vDuration(FETCH_EVERY))
    ics.add_component(ical.london())
    for off in rows.time_off:
        if event := _time_off(off, feed.detail, now):
            ics.add_component(event)
    frame = bytes(ics.to_ical()).removesuffix(END)
    visits = [_visit(visit, _summary(visit, feed.detail), now) for visit in rows.visits]
    return b"".join([frame, *visits, END])


def _visit(visit: Visit, summary: str, now: datetime) -> bytes:
    """Write its lines by hand: the library takes a millisecond for each, and a feed has hundreds."""
    place = ", ".join([visit.place, *(line.strip() for line in visit.address.splitlines() if line.strip())])
    lines = (
        "BEGIN:VEVENT",
        f"UID:{ical.uid(visit.reference)}",
        f"SEQUENCE:{visit.version}",
        f"DTSTAMP:{now.astimezone(UTC):%Y%m%dT%H%M%SZ}",
        f"DTSTART{_moment(visit.starts_at)}",
        f"DTEND{_moment(visit.ends_at)}",
        f"STATUS:{'CANCELLED' if visit.status == Status.CANCELLED else 'CONFIRMED'}",
        "TRANSP:OPAQUE",
        "CLASS:PRIVATE",
        f"SUMMARY:{_text(summary)}",
        f"LOCATION:{_text(place)}",
        f"DESCRIPTION:Reference {visit.reference}",
        f"URL:{addresses.of_diary_visit(visit.reference)}",
        "END:VEVENT",
    )
    return "".join(f"{_folded(line)}\r\n" for line in lines).encode()


def _folded(line: str) -> str:
    return line if line.isascii() and len(line) < LONGEST_LINE else Contentline(line).to_ical().decode()  # type: ignore[no-untyped-call]


def _text(words: str) -> str:
    return vText(words).to_ical().decode()


def _moment(at: datetime) -> str:
    wall = ical.wall(at)
    return f":{wall:%Y%m%dT%H%M%SZ}" if wall.tzinfo is UTC else f";TZID=Europe/London:{wall:%Y%m%dT%H%M%S}"


def _summary(visit: Visit, detail: str) -> str:
    name = visit.full_name or ""
    whose = {Detail.INITIALS: initials(name), Detail.NAMES: name}.get(Detail(detail), "")
    return f"Visit: {whose}" if whose else "Visit"


def _time_off(off: TimeOff, detail: str, now: datetime) -> Event | None:
    """An event that leaves its time free; none where weekly time off ends before it first comes."""
    event = Event()
    event.add("dtstamp", now)
    if off.starts_at and off.ends_at:
        event.add("uid", ical.uid(f"time-off-{off.pk}"))
        event.add("dtstart", ical.wall(off.starts_at))
        event.add("dtend", ical.wall(off.ends_at))
    elif not _add_weeks(event, off):
        return None
    event.add("transp", "TRANSPARENT")
    event.add("summary", _reason(off, detail))
    return event


def _add_weeks(event: Event, off: TimeOff) -> bool:
    """Repeat it as the rota does: every so many weeks, counted from the week of its first day."""
    days = (off.weekday - off.valid_from.isoweekday()) % 7
    is_in_a_later_week = off.weekday < off.valid_from.isoweekday()
    first = off.valid_from + timedelta(days=days, weeks=off.every_weeks - 1 if is_in_a_later_week else 0)
    if off.valid_until and first > off.valid_until:
        return False
    rule: dict[str, object] = {"freq": "weekly", "interval": off.every_weeks, "byday": WEEKDAYS[off.weekday - 1]}
    if off.valid_until:
        rule["until"] = (
            datetime.combine(off.valid_until, time.max, tzinfo=clock.LONDON).replace(microsecond=0).astimezone(UTC)
        )
    event.add("uid", ical.uid(f"weekly-time-off-{off.pk}"))
    event.add("dtstart", datetime.combine(first, off.opens, tzinfo=clock.LONDON))
    event.add("dtend", datetime.combine(first, off.closes, tzinfo=clock.LONDON))
    event.add("rrule", rule)
    return True


def _reason(off: TimeOff, detail: str) -> str:
    usual = "Closed" if off.is_for_everyone else "Time off"
    return usual if detail == Detail.TIMES else off.reason or usual

"""The calendars we send, applied in turn by a real calendar server: one event, moved, gone.

Radicale runs as a process of its own; we speak CalDAV to it (RFC 4791) and take each letter as RFC 5546 says. When the
event is, is what Radicale makes of it: it is asked for what happens between two moments in UTC.
"""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from email.message import Message as Part
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen
from xml.etree import ElementTree

import icalendar
import pytest
from django.core import mail

from bookings.engine import changes
from bookings.messages.delivery import loop as delivery
from bookings.messages.planning import visit_messages
from bookings.messages.sender import Sender
from bookings.timetable.ranges import span
from bookings.visits.models import Appointment
from bookings.visits.models.statuses import Status
from clinic.core.clock import LONDON
from tests.factories.bookings import AppointmentFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
CAL = "{urn:ietf:params:xml:ns:caldav}"
BETWEEN = """<?xml version="1.0"?>
<c:calendar-query xmlns:c="urn:ietf:params:xml:ns:caldav" xmlns:d="DAV:"><d:prop><c:calendar-data/></d:prop>
<c:filter><c:comp-filter name="VCALENDAR"><c:comp-filter name="VEVENT">{when}</c:comp-filter></c:comp-filter></c:filter>
</c:calendar-query>"""


class Calendar:
    """One patient's calendar on the server, and a program that keeps it from the letters she gets."""

    def __init__(self, port):
        self.url = f"http://127.0.0.1:{port}/patient/visits/"

    def ask(self, method, path="", body="", **headers):
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        headers["Authorization"] = "Basic cGF0aWVudDpwYXRpZW50"
        request = Request(self.url + path, body.encode() or None, headers, method=method)
        with urlopen(request, timeout=10) as answer:
            return answer.read().decode()

    def take(self, part: Part):
        """What a mail program does with the calendar of a letter, by its own METHOD, UID and SEQUENCE."""
        sent = icalendar.Calendar.from_ical(part.get_payload(decode=True))
        method = str(sent.pop("method"))
        assert method == part.get_param("method")
        [event] = sent.walk("VEVENT")
        known = [one for one in self.events() if one["uid"] == event["uid"]]
        assert all(event["sequence"] > one["sequence"] for one in known)
        path = f"{event['uid']}.ics"
        if method == "CANCEL":
            self.ask("DELETE", path)
        else:
            self.ask("PUT", path, sent.to_ical().decode(), Content_Type="text/calendar; charset=utf-8")

    def events(self, start=None, end=None):
        """What the server has, or what it says happens between two moments."""
        form = "%Y%m%dT%H%M%SZ"
        when = f'<c:time-range start="{start:{form}}" end="{end:{form}}"/>' if start and end else ""
        report = self.ask("REPORT", body=BETWEEN.format(when=when), Depth="1", Content_Type="application/xml")
        texts = [node.text for node in ElementTree.fromstring(report).iter(f"{CAL}calendar-data")]  # noqa: S314 -- our own server's
        return [event for text in texts for event in icalendar.Calendar.from_ical(text).walk("VEVENT")]

    def is_busy(self, start, minutes=30):
        """Whether precisely these minutes are taken: not the one before, not the one after."""
        start, end, minute = (
            start.astimezone(UTC),
            start.astimezone(UTC) + timedelta(minutes=minutes),
            timedelta(minutes=1),
        )
        inside = [self.events(at, at + minute) for at in (start, end - minute)]
        beside = [self.events(at, at + minute) for at in (start - minute, end)]
        return all(len(found) == 1 for found in inside) and not any(beside)


@pytest.fixture(scope="module")
def port(tmp_path_factory):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        free = probe.getsockname()[1]
    directory = tmp_path_factory.mktemp("radicale")
    options = ["--config", "", "--server-hosts", f"127.0.0.1:{free}", "--auth-type", "none"]
    storage = ["--storage-filesystem-folder", str(directory), "--logging-level", "warning"]
    server = subprocess.Popen([sys.executable, "-m", "radicale", *options, *storage])
    try:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            with contextlib.suppress(URLError, OSError), urlopen(f"http://127.0.0.1:{free}/.web/", timeout=1):
                break
            time.sleep(0.1)
        yield free
    finally:
        server.terminate()
        server.wait(timeout=10)


@pytest.fixture
def calendar(port):
    calendar = Calendar(port)
    with contextlib.suppress(HTTPError):
        calendar.ask("DELETE")
    calendar.ask("MKCALENDAR")
    return calendar


def letters(now):
    """The calendars of the letters that go out now."""
    mail.outbox.clear()
    with Sender() as send:
        delivery.run_once(now=now, send=send)
    parts = [part for letter in mail.outbox for part in letter.message().walk()]
    return [part for part in parts if part.get_content_type() == "text/calendar"]


def move(visit, starts_at):
    visit.during = visit.occupied = span(starts_at, starts_at + timedelta(minutes=visit.minutes))
    visit.version += 1
    visit.save()
    visit_messages.plan_moved(visit, NOW)


@pytest.mark.parametrize("last_day", [datetime(2027, 3, 27, tzinfo=LONDON), datetime(2027, 10, 30, tzinfo=LONDON)])
def test_booked_moved_across_the_clock_change_cancelled_and_put_back_is_one_event(calendar, last_day):
    before = last_day.replace(hour=10)
    after = (last_day + timedelta(days=1)).replace(hour=10)
    assert after.astimezone(UTC) - before.astimezone(UTC) != timedelta(days=1)
    visit = AppointmentFactory(starts_at=before)

    visit_messages.plan_booked(visit, NOW)
    [booked] = letters(NOW)
    calendar.take(booked)
    assert calendar.is_busy(before)
    assert [event["sequence"] for event in calendar.events()] == [1]

    move(visit, after)
    [moved] = letters(NOW)
    calendar.take(moved)
    assert calendar.is_busy(after)
    assert not calendar.is_busy(before)
    [event] = calendar.events()
    assert (event["dtstart"].dt.hour, event["sequence"], event["status"]) == (10, 2, "CONFIRMED")

    Appointment.objects.filter(pk=visit.pk).update(status=Status.CANCELLED, cancelled_at=NOW, version=3)
    visit.refresh_from_db()
    visit_messages.plan_cancelled(visit, NOW)
    [cancelled] = letters(NOW)
    calendar.take(cancelled)
    assert calendar.events() == []

    changes.restore(appointment=visit, now=NOW)
    [restored] = letters(NOW)
    calendar.take(restored)
    assert calendar.is_busy(after)
    assert [event["sequence"] for event in calendar.events()] == [4]


@pytest.mark.parametrize("hour", [8, 19])
@pytest.mark.parametrize("day", [datetime(2027, 3, 28, tzinfo=LONDON), datetime(2027, 10, 31, tzinfo=LONDON)])
def test_a_visit_on_the_very_day_of_the_change(calendar, day, hour):
    starts_at = day.replace(hour=hour)
    visit_messages.plan_booked(AppointmentFactory(starts_at=starts_at), NOW)
    [part] = letters(NOW)

    calendar.take(part)

    assert calendar.is_busy(starts_at)


def test_a_visit_moved_twice_in_a_row_is_told_once_and_stays_one_event(calendar):
    visit = AppointmentFactory(starts_at=datetime(2027, 3, 27, 9, tzinfo=UTC))
    visit_messages.plan_booked(visit, NOW)
    [booked] = letters(NOW)
    calendar.take(booked)

    move(visit, datetime(2027, 3, 28, 9, tzinfo=UTC))
    move(visit, datetime(2027, 10, 31, 9, tzinfo=UTC))
    [moved] = letters(NOW)
    calendar.take(moved)

    assert calendar.is_busy(datetime(2027, 10, 31, 9, tzinfo=UTC))
    assert len(calendar.events()) == 1

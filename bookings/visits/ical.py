"""A visit as an iCalendar object (RFC 5545, 5546): neutral, and one event however often the visit changes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from icalendar import Calendar, Event, Timezone, TimezoneDaylight, TimezoneStandard, vCalAddress, vText, vUri

from bookings.visits import addresses
from bookings.visits.models import Appointment
from bookings.visits.models.statuses import Status
from clinic.core import clock
from clinic.core.models import ClinicSettings
from clinic.sending.mail import site_host

Method = Literal["PUBLISH", "REQUEST", "CANCEL"]
PRODUCT = "-//Juvenology Clinic//Visits//EN"


def calendar(
    appointment: Appointment,
    *,
    method: Method = "PUBLISH",
    now: datetime | None = None,
    clinic: ClinicSettings | None = None,
) -> bytes:
    """The visit for the patient's calendar, on the clinic's wall clock. The UID stays; SEQUENCE is the version.

    REQUEST and CANCEL name the patient as attendee, as calendars need to change an event by themselves.
    """
    clinic = clinic or ClinicSettings.load()
    ics = Calendar()
    ics.add("prodid", PRODUCT)
    ics.add("version", "2.0")
    ics.add("calscale", "GREGORIAN")
    ics.add("method", method)
    ics.add_component(london())
    event = _event(appointment, clinic, now or clock.now())
    if method != "PUBLISH" and appointment.patient and appointment.patient.email:
        event.add("attendee", _address(appointment.patient.email, partstat="ACCEPTED", rsvp="FALSE"))
    ics.add_component(event)
    return bytes(ics.to_ical())


def _event(appointment: Appointment, clinic: ClinicSettings, now: datetime) -> Event:
    is_cancelled = appointment.status == Status.CANCELLED
    event = Event()
    event.add("uid", uid(appointment.reference))
    event.add("sequence", appointment.version)
    event.add("dtstamp", now)
    event.add("dtstart", wall(appointment.starts_at))
    event.add("dtend", wall(appointment.ends_at))
    event.add("status", "CANCELLED" if is_cancelled else "CONFIRMED")
    event.add("summary", f"Visit at {clinic.name}")
    event.add("location", ", ".join([appointment.location.name, *appointment.location.address_lines]))
    event.add("description", _description(appointment, clinic))
    if not is_cancelled:
        event.add("url", vUri(addresses.of_visit(appointment)))
    if clinic.email:
        event.add("organizer", _address(clinic.email, cn=clinic.name))
    return event


def uid(what: str) -> str:
    """The name of an event that no other clinic's event has: of a visit, its reference at this site."""
    return f"{what}@{site_host()}"


def wall(at: datetime) -> datetime:
    """On the clinic's wall clock; in UTC within the hour that comes twice in October, which no wall clock tells apart."""
    return at.astimezone(UTC) if clock.comes_twice(at) else clock.local(at)


def _description(appointment: Appointment, clinic: ClinicSettings) -> str:
    phone = f"\nTelephone: {clinic.phone.as_national}" if clinic.phone else ""
    return f"Reference {appointment.reference}{phone}"


def _address(email: str, **parameters: str) -> vCalAddress:
    address = vCalAddress(f"mailto:{email}")
    for name, value in parameters.items():
        address.params[name] = vText(value)
    return address


def london() -> Timezone:
    """Europe/London by its rule since 1996, which says the same in a few lines as a list of changes in many."""
    zone = Timezone()
    zone.add("tzid", "Europe/London")
    hour, none = timedelta(hours=1), timedelta()
    for kind, name, month, wall_hour, before, after in (
        (TimezoneDaylight, "BST", 3, 1, none, hour),
        (TimezoneStandard, "GMT", 10, 2, hour, none),
    ):
        change: Any = kind()
        change.add("dtstart", datetime(1996, month, 31 if month == 3 else 27, wall_hour))  # noqa: DTZ001, PLR2004 -- floating by RFC 5545 §3.6.5
        change.add("rrule", {"freq": "yearly", "bymonth": month, "byday": "-1SU"})
        change.add("tzname", name)
        change.add("tzoffsetfrom", before)
        change.add("tzoffsetto", after)
        zone.add_component(change)
    return zone

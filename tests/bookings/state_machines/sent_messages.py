"""What a message that has just gone out must say, by the booking as it stands at that very moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, time

from icalendar import Calendar

from bookings.visits.models import Appointment
from clinic.core.clock import LONDON

PLACE, STREET = "Elm House", "12 Elm Road"
TREATMENTS = ("Velvet resurfacing", "Amberine brightening")  # long words: no secret of a link has one by chance
COMING = {"booked", "confirmed"}
METHODS = {"confirmation": "REQUEST", "moved": "REQUEST", "cancelled": "CANCEL"}
CHANNELS = {"email": {"email"}, "sms": {"sms"}, "both": {"email", "sms"}}
DAY_BEGINS, DAY_ENDS = time(8), time(21, 15)  # what was due by 21:00 may be a quarter of an hour late


def local(at):
    return at.astimezone(LONDON)


def is_day(at):
    return DAY_BEGINS <= local(at).time() < DAY_ENDS


def clock_face(at):
    wall = local(at)
    if (wall.hour, wall.minute) == (12, 0):
        return "midday"
    minutes = f":{wall.minute:02}" if wall.minute else ""
    return f"{wall.hour % 12 or 12}{minutes}{'am' if wall.hour < 12 else 'pm'}"


@dataclass
class Told:
    """A message and what it reached its reader as: an e-mail, or else the text of a text message."""

    message: object
    at: object
    mail: object = None
    text: str = ""

    def check(self):
        visit = Appointment.objects.with_details().get(pk=self.message.appointment_id)
        kind, channel = self.message.kind, self.message.channel
        assert visit.starts_at > self.at, "the visit has begun"
        assert (visit.status == "cancelled") if kind == "cancelled" else (visit.status in COMING), "it is not so"
        assert kind != "reminder" or is_day(self.at), "a reminder in the night"
        if kind == "reminder" or channel == "sms":
            assert channel in CHANNELS[visit.patient.contact_by], "not this way any more"
        assert self.message.recipient == (visit.patient.email if channel == "email" else visit.patient.phone.as_e164)
        if channel == "email":
            self._check_mail(visit)
        else:
            self._check_text(visit)

    def _check_mail(self, visit):
        wall = local(visit.starts_at)
        assert self.mail.to == [visit.patient.email]
        html = [one.content for one in self.mail.alternatives if one.mimetype == "text/html"]
        assert len(html) == (visit.patient.letter_format != "text_only")
        for words in (self.mail.body, *html):
            assert f"{wall:%A} {wall.day} {wall:%B} {wall.year}, {clock_face(wall)} (UK time)" in words
            assert PLACE in words
            assert STREET in words
            assert visit.reference in words
            assert visit.practitioner.name in words
            assert self.message.kind == "cancelled" or visit.link_token in words
        assert f"{wall.day} {wall:%B}, {clock_face(wall)}" in self.mail.subject
        if self.message.kind == "confirmation":
            self._check_agreement(visit, html)
        else:
            self._names_no_treatment(self.mail.message().as_string(), self.mail.body, *html)
        self._names_no_treatment(self.mail.subject)
        calendars = [Calendar.from_ical(part.get_payload(decode=True)) for part in self.mail.attachments]
        assert len(calendars) == (self.message.kind in METHODS)
        for calendar in calendars:
            self._check_calendar(calendar, visit)

    def _check_agreement(self, visit, html):
        """What was booked and for how much, below what a mail program shows beside the subject."""
        for words in (self.mail.body, *html):
            assert f"{visit.treatment.name}, {visit.minutes} minutes" in words
            assert visit.agreed_price in words
        self._names_no_treatment(self.mail.body[:160])

    def _check_calendar(self, calendar, visit):
        [event] = calendar.walk("VEVENT")
        assert calendar["METHOD"] == METHODS[self.message.kind]
        assert event["UID"].startswith(f"{visit.reference}@")
        assert event["SEQUENCE"] == visit.version
        times = (event["DTSTART"].dt, event["DTEND"].dt)  # in UTC: Python finds no two zones' times equal in autumn
        assert tuple(at.astimezone(UTC) for at in times) == (visit.starts_at, visit.ends_at)
        assert local(visit.starts_at).replace(tzinfo=None) == event["DTSTART"].dt.replace(tzinfo=None)
        assert event["STATUS"] == ("CANCELLED" if visit.status == "cancelled" else "CONFIRMED")
        assert event["LOCATION"].startswith(f"{PLACE}, {STREET}")
        assert event["ATTENDEE"] == f"mailto:{visit.patient.email}"
        self._names_no_treatment(calendar.to_ical().decode())

    def _check_text(self, visit):
        wall = local(visit.starts_at)
        to, _, words = self.text.partition("\n\n")
        assert to == f"To: {visit.patient.phone.as_e164}"
        assert f"{wall:%a} {wall.day} {wall:%b}, {clock_face(wall)}" in words
        assert self.message.kind == "cancelled" or visit.link_token in words
        self._names_no_treatment(words)

    def _names_no_treatment(self, *words):
        for name in TREATMENTS:
            assert not any(part.lower() in one.lower() for part in name.split() for one in words)

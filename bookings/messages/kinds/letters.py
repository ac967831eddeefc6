"""What the letters of some kinds say beside the facts of a visit: links that ask or let go, and what staff are told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from wagtail.admin.admin_url_finder import AdminURLFinder

from bookings.messages.models import Message
from bookings.messages.planning import aftercare, scheduled_texts, staff_notices
from bookings.visits.models import Appointment
from clinic.core.formats import clock_time, full_time, long_day
from clinic.patients.models import Patient
from clinic.sending.outcomes import Refused

Kind = Message.Kind
HEADINGS = {
    staff_notices.BOOKED: "Booked online",
    staff_notices.MOVED: "Moved online",
    staff_notices.CANCELLED: "Cancelled online",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One visit as staff read of it: no name, no treatment (uk-rules DP-02)."""

    when: str
    reference: str

    def __str__(self) -> str:
        return f"{self.when}, reference {self.reference}"


def first_name_of(visit: Appointment) -> str:
    return visit.patient.first_name if visit.patient else ""


def more_facts(message: Message, now: datetime) -> dict[str, Any]:
    """What this message's templates need beside the facts of its visit.

    Raises:
        Refused: nothing is left to say.
    """
    if message.kind == Kind.STAFF_NOTICE:
        return _staff_facts(message)
    visit = message.appointment
    if visit is None:
        return {}
    if message.kind == Kind.REMINDER:
        return {"coming_link": coming_link(visit) if asks(message, visit, now) else ""}
    if message.kind == Kind.RECALL and visit.patient:
        return {"book_link": f"{settings.SITE_URL}/book/", **_ways_out(visit.patient)}
    return {}


def headers(message: Message) -> dict[str, str]:
    """Of marketing: how a mail program stops it for its reader, in one click (RFC 8058)."""
    visit = message.appointment
    if message.kind != Kind.RECALL or visit is None or visit.patient is None:
        return {}
    return {
        "List-Unsubscribe": f"<{unsubscribe_link(visit.patient)}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def asks(message: Message, visit: Appointment, now: datetime) -> bool:
    """Whether this reminder asks: its rule says so, and the patient has not said it yet."""
    return message.asks_to_confirm and visit.may_be_confirmed(now)


def coming_link(visit: Appointment) -> str:
    """The address, with its secret, at which a patient says that she is coming."""
    return f"{settings.SITE_URL}/visit/{visit.link_token}/coming/"


def unsubscribe_link(patient: Patient) -> str:
    return f"{settings.SITE_URL}/unsubscribe/{aftercare.token_of(patient)}/"


def _ways_out(patient: Patient) -> dict[str, str]:
    token = aftercare.token_of(patient)
    return {
        "unsubscribe_link": unsubscribe_link(patient),
        "preferences_link": f"{settings.SITE_URL}/preferences/{token}/",
    }


def _staff_facts(notice: Message) -> dict[str, Any]:
    if notice.appointment is not None:
        visit = notice.appointment
        heading = HEADINGS[staff_notices.what_of(notice)] + (", late" if visit.was_cancelled_late else "")
        lines = [Line(full_time(visit.starts_at), visit.reference)]
        path = f"/diary/visits/{visit.reference}/"
        return _staff_letter(f"{heading}: {lines[0].when}", heading, lines, path)
    if scheduled_texts.is_of_text(notice):
        return _text_facts(notice)
    if staff_notices.is_of_course(notice):
        return _course_facts(notice)
    day = staff_notices.day_of(notice)
    visits = staff_notices.unconfirmed_for(notice).values_list("during", "reference")
    lines = [Line(clock_time(during.lower), reference) for during, reference in visits]
    if not lines:
        raise Refused("Every visit of that day is confirmed.")
    many = f"{len(lines)} visits are" if len(lines) > 1 else "One visit is"
    return _staff_letter(
        f"Not confirmed for {long_day(day)}: {len(lines)}",
        f"{many} not confirmed for {long_day(day)}",
        lines,
        f"/diary/?day={day.isoformat()}",
    )


def _course_facts(notice: Message) -> dict[str, Any]:
    visits = staff_notices.visits_of_course(notice).values_list("during", "reference")
    lines = [Line(full_time(during.lower), reference) for during, reference in visits]
    if not lines:
        raise Refused("No visit of the course is to come.")
    heading = (
        f"{HEADINGS[staff_notices.what_of(notice)]}: {len(lines)} visits"
        if len(lines) > 1
        else HEADINGS[staff_notices.BOOKED]
    )
    path = f"/diary/visits/{lines[0].reference}/"
    return _staff_letter(heading if len(lines) > 1 else f"{heading}: {lines[0].when}", heading, lines, path)


def _text_facts(notice: Message) -> dict[str, Any]:
    revision = scheduled_texts.text_of(notice)
    if revision is None:
        raise Refused("The text was deleted.")
    heading = "A scheduled text was not published"
    path = AdminURLFinder().get_edit_url(revision.content_object) or "/cms/"
    if scheduled_texts.was_refused(notice):
        lines = [
            f"\u201c{revision.object_str}\u201d says something that may not be advertised.",
            "Open it and choose Publish: each field says what to write instead. Then schedule it again.",
        ]
    else:
        lines = [
            f"\u201c{revision.object_str}\u201d could not be published: something that it names may be gone.",
            "Open it, choose Publish and see what it says. Then schedule it again.",
        ]
    return _staff_letter(heading, heading, lines, path) | {"link_words": "Open the text"}


def _staff_letter(subject: str, heading: str, lines: Sequence[Line | str], path: str) -> dict[str, Any]:
    return {
        "subject": subject,
        "heading": heading,
        "lines": lines,
        "link": f"{settings.SITE_URL}{path}",
        "link_words": "See it in the diary",
    }

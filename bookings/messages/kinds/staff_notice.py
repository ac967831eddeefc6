"""The words of e-mails to staff: no name, no treatment (docs/privacy.md). When they go: `planning.staff_notices`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse
from wagtail.admin.admin_url_finder import AdminURLFinder

from bookings.messages.kinds.kind import MessageKind, register
from bookings.messages.models import Message
from bookings.messages.planning import scheduled_texts, staff_notices
from bookings.messages.planning.records import access_notices, request_notices
from bookings.visits import addresses
from clinic.core.formats import clock_time, full_time, long_day, written_date
from clinic.core.models import ClinicSettings
from clinic.patients.models import Patient
from clinic.sending.outcomes import Refused

HEADINGS = {
    staff_notices.BOOKED: "Booked online",
    staff_notices.MOVED: "Moved online",
    staff_notices.CANCELLED: "Cancelled online",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One visit as staff read of it."""

    when: str
    reference: str

    def __str__(self) -> str:
        return f"{self.when}, reference {self.reference}"


@register
class StaffNotice(MessageKind):
    name = Message.Kind.STAFF_NOTICE

    def why_untrue(self, message: Message, now: datetime) -> str:
        return staff_notices.why_untrue(message, message.appointment)

    def reader(self, message: Message) -> Patient | None:
        return None

    def facts(self, message: Message, clinic: ClinicSettings, now: datetime) -> dict[str, Any]:
        return _facts(message)


def _facts(notice: Message) -> dict[str, Any]:
    if notice.appointment is not None:
        visit = notice.appointment
        heading = HEADINGS[staff_notices.what_of(notice)] + (", late" if visit.was_cancelled_late else "")
        lines = [Line(full_time(visit.starts_at), visit.reference)]
        return _letter(f"{heading}: {lines[0].when}", heading, lines, addresses.of_diary_visit(visit.reference))
    if scheduled_texts.is_of_text(notice):
        return _text_facts(notice)
    if access_notices.is_theirs(notice):
        return _access_facts(notice)
    if request_notices.is_theirs(notice):
        return _request_facts(notice)
    if staff_notices.is_of_course(notice):
        return _course_facts(notice)
    day = staff_notices.day_of(notice)
    visits = staff_notices.unconfirmed_for(notice).values_list("during", "reference")
    lines = [Line(clock_time(during.lower), reference) for during, reference in visits]
    if not lines:
        raise Refused("Every visit of that day is confirmed.")
    many = f"{len(lines)} visits are" if len(lines) > 1 else "One visit is"
    return _letter(
        f"Not confirmed for {long_day(day)}: {len(lines)}",
        f"{many} not confirmed for {long_day(day)}",
        lines,
        addresses.of_diary_day(day),
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
    subject = heading if len(lines) > 1 else f"{heading}: {lines[0].when}"
    return _letter(subject, heading, lines, addresses.of_diary_visit(lines[0].reference))


def _text_facts(notice: Message) -> dict[str, Any]:
    revision = scheduled_texts.text_of(notice)
    if revision is None:
        raise Refused("The text was deleted.")
    heading = "A scheduled text was not published"
    path = AdminURLFinder().get_edit_url(revision.content_object) or reverse("wagtailadmin_home")
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
    return _letter(heading, heading, lines, f"{settings.SITE_URL}{path}") | {"link_words": "Open the text"}


def _access_facts(notice: Message) -> dict[str, Any]:
    disputed = access_notices.notice_of(notice)
    if disputed is None:
        raise Refused("The record or the account is gone.")
    reference = disputed.access.patient.reference
    heading = "To check: a patient does not know an account"
    lines = [
        f"An account was joined to record {reference}. Whoever reads the patient’s mail says that it was not them.",
        "The account no longer opens the record. Ask the patient, then mark it as dealt with on the record.",
    ]
    return _letter(heading, heading, lines, addresses.of_page("patient", reference)) | {"link_words": "Open the record"}


def _request_facts(notice: Message) -> dict[str, Any]:
    request = request_notices.request_of(notice)
    if request is None:
        raise Refused("The request is gone.")
    is_complaint = request_notices.is_of_acknowledgement(notice)
    what = "acknowledged" if is_complaint else "answered"
    heading = f"To be {what} by {written_date(request.until)}: a request about data"
    lines = [
        f"Request {request.reference} came on {written_date(request.received_on)}, and is not {what} yet.",
        "The law sets the day. An owner can take up to two months longer, if the person is told why before it."
        if request.can_be_extended(notice.due_at) and not is_complaint
        else "The law sets the day.",
    ]
    link = f"{settings.SITE_URL}{reverse('privacy:request', args=[request.reference])}"
    return _letter(heading, heading, lines, link) | {"link_words": "Open the request"}


def _letter(subject: str, heading: str, lines: Sequence[Line | str], link: str) -> dict[str, Any]:
    return {"subject": subject, "heading": heading, "lines": lines, "link": link, "link_words": "See it in the diary"}

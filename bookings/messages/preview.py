"""A wording as its reader would get it, shown on a real visit with a link that opens nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bookings.messages.channels.email import render
from bookings.messages.models import Message, Wording
from bookings.messages.wording.owner_words import filled, made_up_visit, values_of
from bookings.visits.models import Appointment
from bookings.visits.models.statuses import Status
from clinic.core.models import ClinicSettings
from clinic.patients.models import Patient
from clinic.sending import sms_length
from clinic.sending.mail import Letter


@dataclass(frozen=True, slots=True)
class Preview:
    """`text` and its numbers are those of a text message; `letter` is an e-mail. `of` names the visit shown."""

    of: str
    letter: Letter | None = None
    text: str = ""
    length: int = 0
    segments: int = 0


def preview(wording: Wording, now: datetime) -> Preview:
    """The wording filled with the facts of the next visit in the diary, or of one made up.

    Raises:
        BrokenWording
    """
    visit = _next_visit(now)
    of = "made up, as nothing is in the diary" if visit is None else f"{visit.reference}, the next in the diary"
    visit = visit or made_up_visit(now)
    visit.revoke_link()  # in memory only, as what follows: what is shown opens nothing
    visit.status = Status.BOOKED  # a visit that is confirmed already is asked nothing
    if visit.patient:
        visit.patient.letter_format = Patient.LetterFormat.STANDARD
    clinic = ClinicSettings.load()
    words = filled(wording, values_of(visit, clinic))
    if wording.channel == Wording.Channel.SMS:
        text = sms_length.plain(words.text)
        return Preview(of=of, text=text, length=sms_length.length(text), segments=sms_length.segments(text))
    message = Message(
        kind=wording.kind,
        channel=wording.channel,
        appointment=visit,
        patient=visit.patient,
        asks_to_confirm=wording.asks_to_confirm,
        due_at=now,
    )
    return Preview(of=of, letter=render(message, clinic, now, words))


def _next_visit(now: datetime) -> Appointment | None:
    coming = Appointment.objects.upcoming(now).filter(patient__isnull=False)
    return coming.with_details().order_by("during").first()

"""What is being decided of the flags, kept as it is typed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bookings.visits.models import Appointment
from clinic.accounts.models import User
from clinic.records.answering.models import QuestionnaireResponse
from clinic.records.answering.reviewing.answers import Answers
from clinic.records.answering.reviewing.forms import FlagsForm
from clinic.records.entries.keys import sealer_of
from clinic.records.entries.models import Draft, Kind
from clinic.records.entries.saving import Place, save_section
from clinic.records.reading.opening import OpenRecord


def place_of(visit: Appointment, response: QuestionnaireResponse) -> Place:
    return Place(response.patient, Kind.REVIEW, str(response.pk), visit)


def save_typed(
    visit: Appointment, one: Answers, form: FlagsForm, *, version: int, writer: User, now: datetime
) -> Draft:
    """Keep what the form says, valid or not. Raises Stale."""
    return save_section(
        place=place_of(visit, one.response),
        values=form.typed(),
        version=version,
        sealer=sealer_of(one.response.patient),
        writer=writer,
        now=now,
    )


def form_of(opened: OpenRecord, visit: Appointment, one: Answers, sent: Any = None) -> FlagsForm:
    """As it was sent; else as it is being typed; else as today's review decided."""
    prefix = str(one.response.pk)[:8]
    if sent is not None:
        return FlagsForm(sent, flags=one.to_decide, prefix=prefix)
    draft = place_of(visit, one.response).rows().first()
    initial: dict[str, Any] = {
        "version": draft.version if draft else 0,
        "after": str(one.review.pk) if one.review else "",
    }
    if draft:
        initial |= opened.values(draft)
    elif one.review:
        for flag in opened.body(one.review.entry)["flags"]:
            initial |= {f"does_{flag['rule']}": flag["came_to"], f"why_{flag['rule']}": flag["why"]}
    return FlagsForm(initial=initial, flags=one.to_decide, prefix=prefix)

"""Sign that a practitioner has looked at answers, and what came of each flag."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import models

from bookings.visits.models import Appointment
from clinic.accounts.models import User
from clinic.core import clock
from clinic.core.errors import DomainError
from clinic.records.answering.current import current_of
from clinic.records.answering.models import FormRequest, QuestionnaireResponse, ResponseReview
from clinic.records.answering.models.request import State
from clinic.records.answering.reviewing.flags import STANDS
from clinic.records.answering.states import reviews_of
from clinic.records.entries import signing
from clinic.records.entries.keys import Reads
from clinic.records.entries.models import Entry, Kind
from clinic.records.entries.signing import AlreadySigned, Author


class NewAnswers(DomainError):
    """Other answers came in since the page was opened."""

    code = "new_answers"


class NoProfile(DomainError):
    code = "no_profile"


def sign_review(
    *,
    opened: Reads,
    visit: Appointment,
    response: QuestionnaireResponse,
    decided: Sequence[dict[str, str]],
    after: str,
    signer: User,
    now: datetime,
) -> Entry:
    """Make an entry of the draft. `after` is the review that the page showed, if it showed one.

    Raises:
        NewAnswers. NoProfile: they are nobody's practitioner here. AlreadySigned: reviewed meanwhile.
    """
    author, patient = Author.staff(signer), response.patient
    if author.practitioner is None:
        raise NoProfile("Only a practitioner with a profile signs. Ask the owner to join yours to your account.")
    review = ResponseReview(
        patient=patient,
        response=response,
        reviewer=author.practitioner,
        reviewed_on=clock.today(now),
        open_flags=sum(one["came_to"] == STANDS for one in decided),
    )

    def build(_sections: signing.Sections) -> tuple[dict[str, Any], Sequence[models.Model]]:
        _check(visit, response, after, now)
        FormRequest.objects.filter(pk=response.request_id, state=State.SUBMITTED).update(
            state=State.REVIEWED, changed_at=now
        )
        about = response.version.of.title
        return {"questionnaire": about, "answers": str(response.pk), "flags": list(decided)}, [review]

    return signing.sign(
        opened=opened,
        patient=patient,
        visit=visit,
        kind=Kind.REVIEW,
        author=author,
        occurred_at=now,
        build=build,
        section=str(response.pk),
    )


def _check(visit: Appointment, response: QuestionnaireResponse, after: str, now: datetime) -> None:
    if response.pk not in {one.pk for one in current_of(visit)}:
        raise NewAnswers("Other answers came in meanwhile. They stand below; please look at them.")
    review = reviews_of(visit, clock.today(now)).get(response.pk)
    if review and str(review.pk) != after:
        by, at = review.entry.signed_by, clock.local(review.entry.recorded_at)
        raise AlreadySigned(f"{by} reviewed these answers at {at:%H:%M}.", review.entry)

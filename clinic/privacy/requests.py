"""Take in a request about data and bring it to its end: each step checks that the request still allows it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction

from clinic.accounts.models import User
from clinic.core import clock
from clinic.core.database import trail
from clinic.core.errors import DomainError, broken_constraint
from clinic.core.formats import written_date
from clinic.patients.models import Patient
from clinic.privacy import letters
from clinic.privacy.deadlines import due_on
from clinic.privacy.models import DataRequest, LimitedRecord
from clinic.privacy.people import person_of

ONCE = {"one_open_request_of_a_kind_for_a_patient", "one_open_request_of_a_kind_for_an_account"}
LIMITED = (
    "From today we use your record for less: nobody but an owner of the clinic opens it, and we use it for nothing but to "
    "see you when you come, for legal claims, and for what you allow. Before that ends, we tell you."
)
WORDLESS = {"words": "", "outcome": ""}
State, Identity, Kind = DataRequest.State, DataRequest.Identity, DataRequest.Kind


class NotNow(DomainError):
    """The request is not in a state for this step."""

    code = "not_now"


def ask(
    kind: str, *, account: User | None, patient: Patient | None, words: str, now: datetime, by: User | None = None
) -> DataRequest:
    """Take in what somebody asks who has signed in, which proves who they are. Asked twice is one request."""
    return take_in(
        kind,
        channel="online",
        account=account,
        patient=patient,
        words=words,
        received_on=clock.today(now),
        by=by,
        now=now,
    )


def take_in(
    kind: str,
    *,
    channel: str,
    patient: Patient | None,
    words: str,
    received_on: date,
    now: datetime,
    by: User | None = None,
    account: User | None = None,
) -> DataRequest:
    """Keep a request, and tell the person that it came. To an open one of this kind the words are added.

    Raises:
        NotNow: it is said to come from a day that is not here yet.
    """
    if received_on > clock.today(now):
        raise NotNow("The day on which it came cannot lie ahead.")
    whose: dict[str, Any] = {"patient": patient} if patient else {"patient": None, "account": account}
    row = {
        "words": words,
        "received_on": received_on,
        "due_on": due_on(received_on),
        "handled_by": by,
        "created_at": now,
    }
    while True:
        try:
            with transaction.atomic():
                made = DataRequest.objects.create(kind=kind, channel=channel, patient=patient, account=account, **row)
                letters.tell(made, "received")
                return made
        except IntegrityError as error:
            if broken_constraint(error) not in ONCE:
                raise
        if known := DataRequest.objects.open().filter(kind=kind, **whose).first():
            return _with_words(known, words)
        # else it was closed at this very moment, and this is a new one


def _with_words(request: DataRequest, words: str) -> DataRequest:
    def step(row: DataRequest) -> dict[str, Any]:
        return {} if words in row.words else {"words": f"{row.words}\n{words}".strip()[:2000]}

    return _change(request, step)


def acknowledge(request: DataRequest, *, by: User, now: datetime) -> DataRequest:
    """Say that it is in hand; of a complaint this is due within 30 days. Twice keeps the first day."""

    def step(row: DataRequest) -> dict[str, Any]:
        _must_be_open(row)
        if row.acknowledged_at:
            return {}
        state = row.state if row.is_paused else State.WORKING
        return {"acknowledged_at": now, "state": state, "handled_by": by}

    return _change(request, step, letter="acknowledged")


def ask_identity(request: DataRequest, *, by: User, now: datetime) -> DataRequest:
    """Ask for proof of who asks. The clock stands still from this day until it comes, and at no other time."""

    def step(row: DataRequest) -> dict[str, Any]:
        _must_be_open(row)
        if row.identity == Identity.ASKED:
            return {}
        if row.identity_asked_on:
            raise NotNow("Proof of identity was asked for once already.")
        return {
            "state": State.IDENTITY,
            "identity": Identity.ASKED,
            "identity_asked_on": clock.today(now),
            "handled_by": by,
        }

    return _change(request, step, letter="identity")


def prove_identity(request: DataRequest, *, by: User, now: datetime) -> DataRequest:
    """Go on: the days of waiting are added to the time there is."""

    def step(row: DataRequest) -> dict[str, Any]:
        if row.state != State.IDENTITY or row.identity_asked_on is None:
            raise NotNow("No proof of identity is waited for.")
        waited = (clock.today(now) - row.identity_asked_on).days
        return {
            "state": State.WORKING,
            "identity": Identity.PROVED,
            "identity_proved_on": clock.today(now),
            "paused_days": waited,
            "due_on": due_on(row.received_on, paused_days=waited),
            "handled_by": by,
        }

    return _change(request, step)


def extend(request: DataRequest, *, until: date, reason: str, by: User, now: datetime) -> DataRequest:
    """Take up to two months longer, and tell the person why, before the first day is over."""

    def step(row: DataRequest) -> dict[str, Any]:
        if not row.can_be_extended(now):
            raise NotNow("It can be extended once, while it is open, and only before it is due.")
        if not row.due_on < until <= row.latest_extension:
            raise NotNow(f"Choose a day after {written_date(row.due_on)}, and by {written_date(row.latest_extension)}.")
        if not row.email:
            raise NotNow("No email address is known. Write to them first: it has to be told before it counts.")
        return {"extended_to": until, "extension_reason": reason, "extension_told_at": now, "handled_by": by}

    return _change(request, step, letter="extended")


def answer(request: DataRequest, *, outcome: str, by: User, now: datetime) -> DataRequest:
    return _close(request, State.ANSWERED, outcome=outcome, by=by, now=now)


@transaction.atomic
def limit(request: DataRequest, *, by: User, now: datetime) -> DataRequest:
    """Do what a request for limited use asks, and answer it: from now on owners alone open the record."""
    if request.kind != Kind.RESTRICT or request.patient is None:
        raise NotNow("Only a request for limited use of a record can be done in this way.")
    for pk in person_of(patient=request.patient).patients:
        LimitedRecord.objects.get_or_create(patient_id=pk, defaults={"since": now})
    return answer(request, outcome=LIMITED, by=by, now=now)


@transaction.atomic
def end_limit(patient: Patient) -> None:
    """Use a record as any other again, once the person has been told (UK GDPR Article 18(3)).

    Raises:
        NotNow: it is not limited at their wish.
    """
    rows = LimitedRecord.objects.filter(patient__in=person_of(patient=patient).patients, until=None)
    if not rows.select_for_update():
        raise NotNow("This record is not of limited use at their wish.")
    letters.tell_limit_ends(patient)
    rows.delete()


def refuse(request: DataRequest, *, ground: str, outcome: str, by: User, now: datetime) -> DataRequest:
    """Refuse on a ground of the list; the letter says where to complain."""
    return _close(request, State.REFUSED, ground=ground, outcome=outcome, by=by, now=now)


@transaction.atomic
def withdraw(request: DataRequest, *, by: User | None, now: datetime) -> DataRequest:
    """End it as the person wishes. No letter: they have just said so."""

    def step(row: DataRequest) -> dict[str, Any]:
        _must_be_open(row)
        return {"state": State.WITHDRAWN, "answered_at": now, "handled_by": by}

    closed = _change(request, step)
    _forget_words(closed)
    return closed


@transaction.atomic
def _close(request: DataRequest, state: str, *, outcome: str, by: User, now: datetime, ground: str = "") -> DataRequest:
    def step(row: DataRequest) -> dict[str, Any]:
        _must_be_open(row)
        acknowledged = row.acknowledged_at or now
        return {
            "state": state,
            "ground": ground,
            "outcome": outcome,
            "answered_at": now,
            "acknowledged_at": acknowledged,
            "handled_by": by,
        }

    closed = _change(request, step, letter=state)
    _forget_words(closed)
    return closed


def _forget_words(request: DataRequest) -> None:
    """Blank what was open when its record was erased: its words were kept so that somebody could answer them."""
    erased = LimitedRecord.objects.filter(
        patient=request.patient_id, since__gte=request.created_at, until__isnull=False
    )
    if request.patient_id and erased.exists():
        DataRequest.objects.filter(pk=request.pk).update(**WORDLESS)
        events = request.events  # type: ignore[attr-defined]  # made by pghistory
        trail.forget(events.model, events.values_list("pk", flat=True), "blank")


def _must_be_open(row: DataRequest) -> None:
    if not row.is_open:
        raise NotNow(f"It is closed already: {row.get_state_display().lower()}.")


@transaction.atomic
def _change(request: DataRequest, step: Callable[[DataRequest], dict[str, Any]], *, letter: str = "") -> DataRequest:
    """Take a step on the locked row, and post its letter; none where nothing was changed."""
    row = DataRequest.objects.select_for_update(of=("self",)).with_details().get(pk=request.pk)
    changes = step(row)
    for name, value in changes.items():
        setattr(row, name, value)
    if changes:
        row.save(update_fields=list(changes))
        if letter:
            letters.tell(row, letter)
    return row

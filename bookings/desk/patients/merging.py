"""Make two records of one person into one, and take it back within 30 days.

Locks, always in this order: practitioners by id, waiting entries by id, patients by id, visits by id. A booking takes
its practitioner's lock first and its patient's last, and looks again where its patient's record went.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import IntegrityError
from django.db.models import Exists, OuterRef, Q

from bookings.engine.transactions import in_transaction, lock_practitioners
from bookings.visits.access import limited
from bookings.visits.models import Appointment
from bookings.visits.models.statuses import ACTIVE
from bookings.visits.refusals import PatientBusy, SlotTaken
from clinic.accounts.models import User
from clinic.core.errors import DomainError, broken_constraint
from clinic.core.sealing.fields import readable
from clinic.patients.corrections import SEALED
from clinic.patients.models import Patient, PatientAccess, PatientMerge

# The relations to a patient whose rows move to the record that remains. Notes stay where they were written, and are
# read of both records. Accounts follow too (`_move_accesses`).
MOVES = ("appointments", "waiting_entries", "messages")
FILLED = ("email", "phone", *SEALED)
ONE_WISH = "patient_waits_for_a_treatment_once"


class MergeRefused(DomainError):
    code = "merge_refused"


OVERLAP = "Both records have a visit at the same time. Move or cancel one of the two first."
BOTH_WAIT = "Both records wait for the same treatment. Take one of them off the waiting list first."
BOTH_SIGN_IN = "Both records have an account that signs in. One record cannot have two accounts."
LACKS_BIRTHDAY = "Keep the record that has the date of birth: the other has none yet."
RESTS_ON_BIRTHDAY = "A visit has started, or needs the date of birth, which the other record does not have."
ITS_WORD = {"visit_without_birthday_has_their_word", "visit_starts_once_the_birthday_is_known"}
LIMITED = (
    "One of these records is of limited use, and the other would be mixed with it. If it was asked for, end it first."
)
A_THIRD = "There is a third record with this name, birthday and address. Merge that one first."


def overlapping(kept: Patient, gone: Patient) -> list[Appointment]:
    """The visits of `gone` that overlap one of `kept`, so that both cannot be one person's."""
    others = Appointment.objects.filter(patient=kept, status__in=ACTIVE, during__overlap=OuterRef("during"))
    visits = Appointment.objects.filter(patient=gone, status__in=ACTIVE).filter(Exists(others))
    return list(visits.with_details().order_by("during"))


def merge(*, kept: Patient, gone: Patient, by: User, now: datetime) -> PatientMerge:
    """Move everything of `gone` to `kept`, fill in what `kept` does not say, and leave `gone` pointing to it.

    Raises:
        MergeRefused: one is of limited use, their visits overlap, both wait for one treatment, both sign in, one was merged meanwhile, or
            `gone` alone has a birthday.
    """
    if kept.pk == gone.pk:
        raise MergeRefused("A record cannot be merged into itself.")

    def work() -> PatientMerge:
        stays, goes = _locked(kept, gone)
        if goes.merged_into_id or stays.merged_into_id:
            raise MergeRefused("One of these records was merged meanwhile. Please look at both again.")
        if goes.date_of_birth and not stays.date_of_birth:
            raise MergeRefused(LACKS_BIRTHDAY)
        if limited(patient__in=(stays, goes)).exists():
            raise MergeRefused(LIMITED)
        if overlapping(stays, goes):
            raise MergeRefused(OVERLAP)
        moved: dict[str, list[Any]] = {name: _move(getattr(goes, name).all(), stays) for name in MOVES}
        moved["merged_records"] = _repoint(goes, stays)
        moved["accesses"] = _move_accesses(goes, stays)
        goes.merged_into = stays
        goes.save(update_fields=["merged_into"])
        said = {name: readable(goes, name) for name in FILLED if not vars(stays)[name]}
        filled = {name: "" if name in SEALED else value for name, value in said.items() if value}
        for name in filled:
            setattr(stays, name, said[name])
        stays.save(update_fields=list(filled))
        return PatientMerge.objects.create(
            kept=stays, gone=goes, moved=moved, filled=filled, merged_at=now, merged_by=by
        )

    return _judged(work)


def undo(*, merge: PatientMerge, by: User, now: datetime) -> PatientMerge:
    """Give back to the merged record what was moved from it, and the visits that have followed those since.

    Raises:
        MergeRefused: undone already, too long ago, merged further, or there is a record like it meanwhile.
    """

    def work() -> PatientMerge:
        kept, gone = _locked(merge.kept, merge.gone)
        was = PatientMerge.objects.select_for_update().get(pk=merge.pk)
        if was.undone_at:
            raise MergeRefused("This merge was undone already.")
        if not was.can_be_undone(now):
            raise MergeRefused("This merge was more than 30 days ago, and stands.")
        if gone.merged_into_id != kept.pk:
            raise MergeRefused("The record was merged further since. Undo that merge first.")
        visits = _with_follow_ups(was.moved["appointments"], kept)
        _move(kept.appointments.filter(pk__in=visits), gone)
        about = Q(pk__in=was.moved["messages"]) | Q(appointment__in=visits)
        _move(kept.messages.filter(about), gone)
        _move(kept.waiting_entries.filter(pk__in=was.moved["waiting_entries"]), gone)  # type: ignore[attr-defined]
        Patient.objects.filter(pk__in=was.moved["merged_records"], merged_into=kept).update(merged_into=gone)
        emptied = [name for name in was.filled if _is_as_filled(name, was.filled[name], kept, gone)]
        for name in emptied:
            setattr(kept, name, "")
        kept.save(update_fields=emptied)
        _move(kept.accesses.filter(pk__in=was.moved["accesses"]), gone)
        gone.merged_into = None
        gone.save(update_fields=["merged_into"])
        was.undone_at, was.undone_by = now, by
        was.save(update_fields=["undone_at", "undone_by"])
        return was

    return _judged(work)


def _judged(work: Callable[[], PatientMerge]) -> PatientMerge:
    """Run `work` under the engine's rules of locks and retries; what a constraint forbids is refused in words."""
    try:
        return in_transaction(work, alternatives=list)
    except PatientBusy as error:
        raise MergeRefused(OVERLAP) from error
    except SlotTaken as error:  # what becomes of a name, birthday and address that stay taken
        raise MergeRefused(A_THIRD) from error
    except IntegrityError as error:
        broken = broken_constraint(error)
        if broken in ITS_WORD:
            raise MergeRefused(RESTS_ON_BIRTHDAY) from error
        if broken != ONE_WISH:
            raise
        raise MergeRefused(BOTH_WAIT) from error


def _locked(kept: Patient, gone: Patient) -> tuple[Patient, Patient]:
    both = (kept.pk, gone.pk)
    visits = Appointment.objects.filter(patient__in=both)
    lock_practitioners(visits.order_by().values_list("practitioner", flat=True).distinct())
    for one in (kept, gone):
        list(one.waiting_entries.order_by("pk").select_for_update().values("pk"))  # type: ignore[attr-defined]
    rows = {row.pk: row for row in Patient.objects.select_for_update(no_key=True).filter(pk__in=both).order_by("pk")}
    list(visits.order_by("pk").select_for_update(of=("self",)).values("pk"))
    return rows[kept.pk], rows[gone.pk]


def _move(rows: Any, to: Patient) -> list[Any]:
    """Give these rows to another record, in one statement; their keys, as JSON holds them."""
    keys = list(rows.order_by("pk").values_list("pk", flat=True))
    rows.model.objects.filter(pk__in=keys).update(patient=to)
    return [key if isinstance(key, int) else str(key) for key in keys]


def _move_accesses(gone: Patient, kept: Patient) -> list[Any]:
    """Let the accounts that open `gone` open `kept`, but for those that do so already. What has ended goes with them.

    Raises:
        MergeRefused: the patients of both sign in.
    """
    here = PatientAccess.objects.filter(patient=kept, revoked_at=None)
    theirs = PatientAccess.objects.filter(patient=gone)
    own = theirs.filter(revoked_at=None).own().first()
    if own and (here.own().exists() or here.filter(user=own.user_id).exists()):
        raise MergeRefused(BOTH_SIGN_IN)
    return _move(theirs.exclude(revoked_at=None, user__in=here.values("user")), kept)


def _is_as_filled(name: str, value: str, kept: Patient, gone: Patient) -> bool:
    """Whether `kept` says still what it was given: of what is sealed, the merged record alone knows what that was."""
    given = readable(gone, name) if name in SEALED else value
    return bool(given) and readable(kept, name) == given


def _repoint(gone: Patient, kept: Patient) -> list[int]:
    """What was merged into `gone` is merged into `kept` from now on, so that one step leads to the record."""
    keys = list(gone.merged_records.values_list("pk", flat=True))
    Patient.objects.filter(pk__in=keys).update(merged_into=kept)
    return keys


def _with_follow_ups(visits: list[int], kept: Patient) -> list[int]:
    """These visits and whatever was booked to follow them since: a follow-up is of the same patient."""
    found, more = set(visits), set(visits)
    while more:
        follow = Appointment.objects.filter(follows__in=more, patient=kept).values_list("pk", flat=True)
        more = set(follow) - found
        found |= more
    return sorted(found)

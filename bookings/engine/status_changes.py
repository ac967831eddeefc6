"""What staff can do next with a visit, in the order in which a day goes, and the doing of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bookings.engine.eligibility import STARTED, check_start
from bookings.engine.locks import check_version, lock_visit, was_done_from_that_page
from bookings.engine.placement import release_overlapping_holds
from bookings.engine.slot_query import again_at
from bookings.engine.transactions import in_transaction, lock_practitioners
from bookings.messages.planning import aftercare
from bookings.openings import gates
from bookings.visits.models import Appointment
from bookings.visits.models.statuses import UPCOMING, Status
from bookings.visits.refusals import IllegalMove
from clinic.core import clock


@dataclass(frozen=True, slots=True)
class Step:
    status: Status
    label: str


ARRIVED = Step(Status.ARRIVED, "Arrived")
START = Step(Status.IN_PROGRESS, "Start")
COMPLETE = Step(Status.COMPLETED, "Complete")
CONFIRM = Step(Status.CONFIRMED, "Confirmed")
MISSED = Step(Status.NO_SHOW, "Missed")
FORWARD: dict[str, tuple[Step, ...]] = {
    Status.BOOKED: (ARRIVED, START, CONFIRM, MISSED),
    Status.CONFIRMED: (ARRIVED, START, MISSED),
    Status.ARRIVED: (START,),
    Status.IN_PROGRESS: (COMPLETE,),
    Status.NO_SHOW: (Step(Status.ARRIVED, "Arrived late"),),
}
BACK: dict[str, tuple[Step, ...]] = {
    Status.CONFIRMED: (Step(Status.BOOKED, "Not confirmed after all"),),
    Status.ARRIVED: (Step(Status.BOOKED, "Not here after all"),),
    Status.IN_PROGRESS: (Step(Status.ARRIVED, "Not started after all"),),
    Status.COMPLETED: (Step(Status.IN_PROGRESS, "Not finished after all"),),
    Status.NO_SHOW: (Step(Status.BOOKED, "Put back as booked"),),
}
STAFF_STATUSES = frozenset(step.status for steps in (*FORWARD.values(), *BACK.values()) for step in steps)


def steps(appointment: Appointment, now: datetime) -> list[Step]:
    """What may be noted at `now`: nobody arrives before the day of the visit, or is missing before it began."""
    found = FORWARD.get(appointment.status, ())
    if clock.today(appointment.starts_at) > clock.today(now):
        found = tuple(step for step in found if step.status == Status.CONFIRMED)
    if appointment.starts_at > now:
        found = tuple(step for step in found if step.status != Status.NO_SHOW)
    return list(found)


def steps_back(appointment: Appointment) -> tuple[Step, ...]:
    """How a wrong tap is put right."""
    return BACK.get(appointment.status, ())


def next_step(appointment: Appointment) -> Step | None:
    """The one thing that usually comes next on the day."""
    found = FORWARD.get(appointment.status, ())
    return found[0] if found and appointment.status != Status.NO_SHOW else None


def start_at_once(appointment: Appointment) -> Step | None:
    """Arrived and started in one, for someone who is taken straight in."""
    return START if appointment.status in UPCOMING else None


def can_change_time(appointment: Appointment) -> bool:
    return appointment.status in UPCOMING


def change_status(*, appointment: Appointment, status: str, now: datetime, version: int | None = None) -> Appointment:
    """Note what happened to a visit: arrived, in progress, completed, missed, and back again.

    The same step from the same page is one step, however often it is tapped.

    Raises:
        IllegalMove: not from the present status, or not yet. Stale: changed meanwhile. SlotTaken: the freed time is used again.
        BirthdayNeeded: it cannot start before the patient's birthday is known. TooYoung: known by now, and too young.
        NotReady: something comes first. NeedsRecord: the record that its treatment needs is not signed.
    """
    check_start(appointment, status, now)  # outside the transaction, so that the log of a refusal stays

    def work() -> Appointment:
        lock_practitioners([appointment.practitioner_id])
        visit = lock_visit(appointment, None)
        if visit.status == status and was_done_from_that_page(visit, version):
            return visit
        check_version(visit, version)
        if visit.status == status:
            return visit
        _check_step(visit, status, now)
        _check_gates(visit, status, now)
        if visit.status == Status.NO_SHOW:
            release_overlapping_holds(visit, now)
        if visit.status == Status.COMPLETED:
            aftercare.withdraw_completed(visit)
        if status == Status.ARRIVED or (status == Status.IN_PROGRESS and visit.status in UPCOMING):
            visit.arrived_at = now
        visit.status, visit.version = status, visit.version + 1
        visit.save(update_fields=["status", "arrived_at", "version"])
        if status == Status.COMPLETED:
            aftercare.plan_completed(visit, now)
        return visit

    takes_time_again = appointment.status == Status.NO_SHOW
    return in_transaction(work, alternatives=list, why=again_at(appointment, now).why if takes_time_again else None)


def _check_gates(visit: Appointment, status: str, now: datetime) -> None:
    """Refuse to start or complete a locked visit before what a program above asks for is there.

    Raises:
        NotReady
    """
    if status in STARTED and visit.status not in STARTED:
        gates.check_start(visit, now)
    if status == Status.COMPLETED:
        gates.check_completion(visit, now)


def _check_step(visit: Appointment, status: str, now: datetime) -> None:
    """Refuse a step that the table of moves does not allow, or that comes before its day.

    Raises:
        IllegalMove
    """
    is_a_hold = visit.patient_id is None  # only `confirm` makes it a visit
    is_called_off = Status.CANCELLED in {visit.status, status}  # `cancel` and `restore`
    if is_a_hold or is_called_off or not visit.can_become(status):
        raise IllegalMove(f"A visit that is “{visit.get_status_display()}” cannot become “{Status(status).label}”.")
    is_forward = any(step.status == status for step in FORWARD.get(visit.status, ()))
    if is_forward and all(step.status != status for step in steps(visit, now)):
        too_early = "it begins" if status == Status.NO_SHOW else "its day"
        raise IllegalMove(f"A visit cannot be “{Status(status).label}” before {too_early}.")

"""What became of every message of a crash run, by the provider's own log and by the database."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from itertools import pairwise

from benchmarks.crash.visits import Change, Visits
from benchmarks.provider import DOUBTFUL, Acceptance, Provider
from bookings.messages.models import Message
from bookings.visits.models import Appointment

GRACE = 5.0  # seconds between a look at the booking and the provider's acceptance: rendering, a slow answer, a timeout
State, Channel = Message.State, Message.Channel


@dataclass(slots=True)
class Outcome:
    """Numbers of a run. `restarts` counts what ended by itself after a kill of something else; `lost` and `untrue` name messages; `doubled_by` says after which kills e-mails were repeated.

    `repeated_mails` leaves out those whose first copy the provider took without an answer; `worst_kill` is the most of
    them after one kill.
    """

    messages: int = 0
    accepted: int = 0
    changes: int = 0
    kills: dict[str, int] = field(default_factory=dict)
    recoveries: int = 0
    tasks: int = 0
    restarts: int = 0
    lost: list[str] = field(default_factory=list)
    untrue: list[str] = field(default_factory=list)
    doubled_mails: int = 0
    repeated_mails: int = 0
    doubled_by: dict[str, int] = field(default_factory=dict)
    worst_kill: int = 0
    doubled_texts: int = 0
    unknown: int = 0
    seconds: float = 0.0

    @property
    def number_of_kills(self) -> int:
        return sum(self.kills.values())


def judge(
    outcome: Outcome, visits: Visits, changes: list[Change], provider: Provider, kills: list[tuple[float, str]]
) -> None:
    """Fill in what was found; `kills` are moments and kinds, in order."""
    rows = {str(row.pk): row for row in visits.messages()}
    by_key: dict[str, list[Acceptance]] = defaultdict(list)
    for one in provider.acceptances():
        by_key[one.key].append(one)
    outcome.messages, outcome.accepted, outcome.changes = len(rows), len(by_key), len(changes)
    _count_doubles(outcome, by_key, kills)
    _find_untrue(outcome, rows, by_key, changes)
    _find_lost(outcome, rows, by_key, changes, visits)
    outcome.unknown = sum(row.state == State.UNKNOWN for row in rows.values())


def _count_doubles(outcome: Outcome, by_key: dict[str, list[Acceptance]], kills: list[tuple[float, str]]) -> None:
    after: Counter[tuple[float, str]] = Counter()
    for taken in by_key.values():
        if taken[0].channel == "sms":
            outcome.doubled_texts += len(taken) - 1  # to be repeated is wrong, though a provider may know repeats
            continue
        outcome.doubled_mails += sum(one.fate == "accepted" for one in taken) - 1
        for one, _repeat in pairwise(taken):
            if one.fault not in DOUBTFUL:
                after[next((kill for kill in kills if kill[0] >= one.at), (0.0, "none"))] += 1
    outcome.repeated_mails, outcome.worst_kill = after.total(), max(after.values(), default=0)
    by_kind: Counter[str] = Counter()
    for (_at, kind), number in after.items():
        by_kind[kind] += number
    outcome.doubled_by = dict(by_kind)


def _find_untrue(
    outcome: Outcome, rows: dict[str, Message], by_key: dict[str, list[Acceptance]], changes: list[Change]
) -> None:
    """Accepted though the visit had become another since, and not just at that moment."""
    changes_of: dict[int, list[Change]] = defaultdict(list)
    for change in changes:
        changes_of[change.visit].append(change)
    for key, taken in by_key.items():
        row = rows.get(key)
        if row is None or row.appointment_id is None:
            continue
        for change in changes_of[row.appointment_id]:
            if change.version > (row.appointment_version or 0):
                late = [one.at - change.at for one in taken if one.at > change.at + GRACE]
                outcome.untrue += [f"{key} {row.kind} {seconds:.1f} s after its visit changed" for seconds in late]


def _find_lost(
    outcome: Outcome,
    rows: dict[str, Message],
    by_key: dict[str, list[Acceptance]],
    changes: list[Change],
    visits: Visits,
) -> None:
    pks = {row.appointment_id for row in rows.values()}
    versions = dict(Appointment.objects.filter(pk__in=pks).values_list("pk", "version"))
    told = {(row.appointment_id, row.appointment_version) for row in rows.values()}
    for key, row in rows.items():
        is_of_now = row.appointment_version == versions[row.appointment_id or 0]
        if not _is_well(row, is_of_now=is_of_now, is_accepted=key in by_key):
            outcome.lost.append(f"{key} {row.key} {row.state} {'accepted' if key in by_key else 'never accepted'}")
    seen = [change for change in changes if change not in visits.behind]
    outcome.lost += [f"nothing tells of {change}" for change in seen if (change.visit, change.version) not in told]


def _is_well(row: Message, *, is_of_now: bool, is_accepted: bool) -> bool:
    """Sent and so accepted; a text may be in doubt instead, for a person to look at; withdrawn if the visit changed."""
    if row.state == State.SENT:
        return is_accepted
    if row.state == State.UNKNOWN:
        return row.channel == Channel.SMS
    return row.state == State.WITHDRAWN and not is_of_now

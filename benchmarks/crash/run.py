"""One crash run, in a process and with servers of its own: `python -m benchmarks.crash.run <directory>`.

It leaves `outcomes.json` in the directory: for each of the providers, an `Outcome` of the judge.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks import provider as providers
from benchmarks.crash import stage as stages

if TYPE_CHECKING:
    from benchmarks.crash.judge import Outcome
    from benchmarks.crash.visits import Changes, Visits

PATIENCE = 120.0
FAULTS = {"idempotent": (*providers.CLEAN, *providers.DOUBTFUL), "plain": providers.CLEAN}
WORKED = "succeeded in"
MANY, LATENCY = 20_000, 0.002  # of so many messages each takes less, so that they take minutes and not half an hour
LATER = """
UPDATE bookings_message SET retry_at = NULL, due_at = least(due_at, now())
WHERE state = 'planned' AND due_at < now() + interval '2 hours' AND (retry_at > now() OR due_at > now())"""
LEASES = "UPDATE bookings_message SET lease_until = now() - interval '1 second' WHERE state = 'leased'"


class Run:
    """Messages fall due, at one provider, while what sends them is killed and visits change."""

    def __init__(self, stage: stages.Stage, provider: providers.Provider, directory: Path, seed: int) -> None:
        self._stage, self._provider, self._directory, self._seed = stage, provider, directory, seed
        self._chance = random.Random(seed)
        self._kills: list[tuple[float, str]] = []
        self._restarts = 0

    def __call__(self, *, messages: int, kills: int) -> Outcome:
        from benchmarks.crash import judge, visits  # noqa: PLC0415 -- models only after the set-up
        from clinic.core import clock  # noqa: PLC0415

        began, now, recoveries = time.monotonic(), clock.now(), self._stage.database.recoveries
        planned = visits.plan(messages, now, self._seed)
        with self._stage.open(self._provider.environment, self._directory) as running:
            changes = visits.Changes(planned, now, self._seed)
            with changes:
                self._wait_for_the_worker(running)
                self._kill_some(running, planned, changes, kills)
                changes.some_of(planned.release(1.0))
                changes.wait()
                self._wait_for_the_worker(running, messages)
            self._let_leases_run_out(running)
            self._wait_until_done(planned)
        outcome = judge.Outcome(seconds=time.monotonic() - began, tasks=self._tasks(), restarts=self._restarts)
        outcome.kills = dict(Counter(kind for _at, kind in self._kills))
        outcome.recoveries = self._stage.database.recoveries - recoveries
        judge.judge(outcome, planned, changes.made, self._provider, self._kills)
        return outcome

    def _kill_some(
        self, running: dict[str, stages.Killable], visits: Visits, changes: Changes, number_of_kills: int
    ) -> None:
        for number, kind in enumerate(islice(self._kinds(), number_of_kills), start=1):
            changes.some_of(visits.release(number / (number_of_kills + 1)))
            self._wait_until_busy(running)
            time.sleep(self._chance.random() * 0.4)
            self._kill(kind, running[kind])
            time.sleep(self._chance.random() * 0.6)
            running[kind].start()
            self._restart_what_ended(running)

    def _kinds(self) -> Iterator[str]:
        """One after another at random, each as often as the others."""
        while True:
            yield from self._chance.sample(stages.KINDS, len(stages.KINDS))

    def _kill(self, kind: str, victim: stages.Killable) -> None:
        self._kills.append((time.time(), kind))
        victim.kill()

    def _let_leases_run_out(self, running: dict[str, stages.Killable]) -> None:
        """Kill both that send; while neither lives, the time that their leases would have run is let pass at once.

        What is left is then sent by the loop alone, sooner than if both started.
        """
        for name in stages.SENDERS:
            self._kill(name, running[name])
        _execute(LEASES)
        running["loop"].start()

    def _wait_until_busy(self, running: dict[str, stages.Killable]) -> None:
        start, ends = self._provider.size(), time.monotonic() + PATIENCE
        while self._provider.size() == start:
            self._restart_what_ended(running)
            if time.monotonic() > ends:
                raise TimeoutError("No message goes out any more.")
            time.sleep(0.05)
            _execute(LATER)

    def _wait_until_done(self, visits: Visits) -> None:
        from benchmarks.crash.visits import State, insist  # noqa: PLC0415 -- models only after the set-up

        ends = time.monotonic() + PATIENCE + len(visits.ids) / 10
        waiting = visits.messages().filter(state__in=(State.PLANNED, State.LEASED))
        while left := insist(waiting.count):
            if time.monotonic() > ends:
                raise TimeoutError(f"{left} messages are not done: {Counter(waiting.values_list('state', 'error'))}")
            _execute(LATER)
            time.sleep(0.3)

    def _restart_what_ended(self, running: dict[str, stages.Killable]) -> None:
        """As `restart: unless-stopped` does in the clinic's docker-compose.yml."""
        for program in running.values():
            if isinstance(program, stages.Process) and program.has_ended():
                program.kill()  # what it left behind
                program.start()
                self._restarts += 1

    def _tasks(self) -> int:
        log = self._directory / "worker.log"
        return log.read_text(errors="replace").count(WORKED) if log.exists() else 0

    def _wait_for_the_worker(self, running: dict[str, stages.Killable], messages: int = 0) -> None:
        """Until it does what the beat asks for by way of the broker: none of the three waits for ever after a kill.

        So many messages may have to go out before one task of it is done.
        """
        known, ends = self._tasks(), time.monotonic() + PATIENCE + messages / 20
        while self._tasks() == known:
            self._restart_what_ended(running)
            if time.monotonic() > ends:
                raise TimeoutError("The worker does nothing any more.")
            time.sleep(0.1)


def _execute(statement: str) -> None:
    from django.db import connection  # noqa: PLC0415 -- only after the set-up

    from benchmarks.crash.visits import insist  # noqa: PLC0415

    def work() -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement)

    insist(work)


def _set_up(stage: stages.Stage, template: str) -> None:
    import django  # noqa: PLC0415 -- the servers come first
    from django.conf import settings  # noqa: PLC0415
    from django.core.management import call_command  # noqa: PLC0415

    os.environ |= stage.environment
    django.setup()
    options: Any = settings.DATABASES["default"]["OPTIONS"]
    options.pop("pool")  # it would hand out lines to a dead server for a while
    options["options"] += " -c statement_timeout=300000"  # of this process: it writes tens of thousands of rows at once
    if template:
        stages.copy_schema(template, stage.environment["DATABASE_URL"])
    else:
        call_command("migrate", verbosity=0, interactive=False)
    from benchmarks import records  # noqa: PLC0415 -- models only after the set-up
    from bookings.visits.models import BookingSettings  # noqa: PLC0415

    records.open_clinic()
    BookingSettings.objects.update(horizon_days=730)


def main() -> int:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that what runs is stopped on the way out
    options, outcomes = _options(), {}
    stage = stages.Stage(options.directory, random.Random(0))
    try:
        _set_up(stage, options.template)
        for seed, name in enumerate(options.providers.split(","), start=1):
            place = options.directory / name
            place.mkdir()
            is_idempotent, latency = name == "idempotent", LATENCY if options.messages > MANY else providers.LATENCY
            how: Any = {"of": options.of, "is_idempotent": is_idempotent, "latency": latency}
            with providers.running(place, FAULTS[name], **how) as double:
                run = Run(stage, double, place, seed)
                outcomes[name] = run(messages=options.messages, kills=options.kills)
    finally:
        stage.close()
    found = {name: dataclasses.asdict(outcome) for name, outcome in outcomes.items()}
    (options.directory / "outcomes.json").write_text(json.dumps(found, indent=1))
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directory", type=Path)
    parser.add_argument("--messages", type=int, default=300, help="For each provider (default 300).")
    parser.add_argument("--kills", type=int, default=5, help="For each provider (default 5), and two more at the end.")
    parser.add_argument("--of", type=int, default=100, help="One request in so many meets a fault (default 100).")
    parser.add_argument("--providers", default=",".join(FAULTS), help=f"Default {','.join(FAULTS)}.")
    parser.add_argument("--template", default="", help="URL of a database whose tables are taken, else they are made.")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())

"""Worker, beat, loop, Valkey and PostgreSQL are killed at random while messages fall due and visits change.

Nothing is lost, nothing doubled but what the design says, and nothing told of a visit that was moved or cancelled.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from benchmarks.crash.judge import Outcome
from benchmarks.row import Goal, Row
from benchmarks.scale import Scale
from benchmarks.stage import PROJECT
from clinic.running import embedded

PATIENCE = 4 * 3600.0


def kills(scale: Scale) -> Row:
    """Half of the messages at a provider that knows repeats and is as bad as can be, half at a good one that does not."""
    directory = Path(os.environ["DATA_DIR"]) / "message-crash"
    found = outcomes(directory, messages=scale.crash_messages // 2, kills=scale.message_kills // 2)
    able, unable = found["idempotent"], found["plain"]
    both = (able, unable)
    killed = Counter(able.kills) + Counter(unable.kills)
    return Row(
        name="message-crash",
        figure=sum(len(one.lost) for one in both),
        unit="lost",
        floor=0,
        goal=Goal(of="figure", sign="=", limit=0),
        also={
            "no e-mail doubled at a provider that knows repeats": able.doubled_mails == 0,
            "at most one e-mail doubled a kill at one that does not": unable.doubled_mails <= unable.number_of_kills,
            "no text message doubled": not any(one.doubled_texts for one in both),
            "nothing told of a visit moved or cancelled": not any(one.untrue for one in both),
        },
        note=f"of {sum(one.messages for one in both):,} messages, {killed.total()} x kill -9 while they fell due"
        f" ({', '.join(f'{kind} {number}' for kind, number in killed.most_common())}) and"
        f" {sum(one.changes for one in both)} visits moved or cancelled, in {sum(one.seconds for one in both):.0f} s"
        f" (SCALE=full: 100,000); doubled e-mails {able.doubled_mails} with an idempotent provider that also hangs and"
        f" breaks off, {unable.doubled_mails} without, at most {unable.worst_kill} a kill; doubled texts"
        f" {sum(one.doubled_texts for one in both)}; {sum(one.unknown for one in both)} texts left to a person;"
        f" {sum(one.restarts for one in both)} programs ended by themselves and were started again",
    )


def outcomes(
    directory: Path,
    *,
    messages: int,
    kills: int,
    providers: str = "idempotent,plain",
    of: int = 100,
    template: str = "",
) -> dict[str, Outcome]:
    """Run it in a process of its own, in a directory that is new; gives what became of it at each provider.

    `template` is the URL of a database whose tables are taken; without it they are made, which takes longer.
    """
    directory.mkdir(parents=True)
    sizes = ["--messages", str(messages), "--kills", str(kills), "--of", str(of)]
    command = [sys.executable, "-m", "benchmarks.crash.run", str(directory), *sizes, "--providers", providers]
    environment = {name: value for name, value in os.environ.items() if name not in {"EMAIL_URL", "SMS_URL"}}
    try:
        with _ended(subprocess.Popen([*command, "--template", template], cwd=PROJECT, env=environment)) as process:
            if process.wait(PATIENCE):
                raise RuntimeError(f"The crash run failed; its logs are in {directory}.")
    finally:
        embedded.stop(directory)
    found = json.loads((directory / "outcomes.json").read_text())
    return {name: Outcome(**values) for name, values in found.items()}


@contextlib.contextmanager
def _ended(process: subprocess.Popen[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    try:
        yield process
    finally:
        process.terminate()
        process.wait()

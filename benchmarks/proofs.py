"""Tests that `make test` has no time for: walks through the clinic that go further, and the proofs that it leaves out."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from time import perf_counter

from benchmarks.row import Goal, Row
from benchmarks.scale import Scale
from benchmarks.stage import OUTSIDE, PROJECT

WALKS = PROJECT / "tests" / "bookings" / "state_machines"
ONE_BY_ONE = ("-s", "-n", "0", "-p", "no:randomly", "--ds", "clinic.settings.test")
MARKED = "proof or journey or race"  # axe looks at a phone's and a desk's width


def clinic_walks(scale: Scale) -> Row:
    """Hold, book, move, cancel, import and wait at random; count the walks that end otherwise than the rules say."""
    return _walk("clinic-walks", "test_state_machine.py", scale.walk_steps)


def message_walks(scale: Scale) -> Row:
    """Change visits while messages fall due, fail and are lost at random; count the walks on which one tells what is not so."""
    return _walk("message-walks", "test_messages_state_machine.py", scale.walk_steps)


def marked(scale: Scale) -> Row:
    """Run the marked tests beside each other, one process more than processors; count those that fail."""
    del scale  # no proof is larger or smaller than it is written
    began = perf_counter()
    beside = str((os.cpu_count() or 1) + 1)
    ran = _pytest("-m", MARKED, "-n", beside, environment=OUTSIDE | {"PROOFS": "yes"})
    failed = re.findall(r"^(?:FAILED|ERROR) (\S+)", ran.stdout, re.MULTILINE)
    passed = re.search(r"(\d+) passed", ran.stdout)
    return Row(
        name="proofs",
        figure=len(failed),
        unit="fail",
        floor=0,
        goal=Goal(of="figure", sign="=", limit=0),
        also={"pytest ended well": ran.returncode in (0, 1), "they were run": passed is not None},
        note=f"{passed[1] if passed else 'no'} proofs and journeys hold, {perf_counter() - began:.0f} s"
        f"{': '.join(['', *failed[:5]])}",
    )


def _walk(name: str, file: str, steps: int) -> Row:
    began = perf_counter()
    ran = _pytest(*ONE_BY_ONE, str(WALKS / file), environment=os.environ | {"HYPOTHESIS_STEPS": str(steps)})
    walked = sum(int(number) for number in re.findall(r"^\.?(\d+) steps$", ran.stdout, re.MULTILINE))
    failed = re.search(r"(\d+) (?:failed|error)", ran.stdout)
    return Row(
        name=name,
        figure=int(failed[1]) if failed else float(ran.returncode != 0),
        unit="walks",
        floor=0,
        goal=Goal(of="figure", sign="=", limit=0),
        also={"it walked as far as asked": walked >= steps},
        note=f"{walked:,} steps, {perf_counter() - began:.0f} s; a walk that fails prints HYPOTHESIS_SEED"
        f"{'' if not ran.returncode else ': ' + ' '.join(re.findall(r'HYPOTHESIS_SEED=[0-9]+', ran.stdout))}",
    )


def _pytest(*arguments: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-q", *arguments]
    return subprocess.run(command, cwd=PROJECT, env=environment, check=False, capture_output=True, text=True)

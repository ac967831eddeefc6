"""Long walks through the clinic: the state machine of the tests, further than `make test` has time for."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from time import perf_counter

from benchmarks.row import Goal, Row
from benchmarks.scale import Scale
from benchmarks.stage import PROJECT

TESTS = "tests/bookings/state_machines/test_state_machine.py"
QUIET = ("-q", "-s", "-n", "0", "-p", "no:randomly", "--ds", "clinic.settings.test")


def steps(scale: Scale) -> Row:
    """Hold, book, move, cancel, import and wait at random; count the walks that end otherwise than the rules say."""
    began = perf_counter()
    environment = os.environ | {"HYPOTHESIS_STEPS": str(scale.walk_steps)}
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", *QUIET, TESTS],
        cwd=PROJECT,
        env=environment,
        check=False,
        capture_output=True,
        text=True,
    )
    walked = sum(int(number) for number in re.findall(r"^\.?(\d+) steps$", ran.stdout, re.MULTILINE))
    failed = re.search(r"(\d+) (?:failed|error)", ran.stdout)
    return Row(
        name="clinic-walks",
        figure=int(failed[1]) if failed else float(ran.returncode != 0),
        unit="walks",
        floor=0,
        goal=Goal(of="figure", sign="=", limit=0),
        also={"it walked as far as asked": walked >= scale.walk_steps},
        note=f"{walked:,} steps, {perf_counter() - began:.0f} s; a walk that fails prints HYPOTHESIS_SEED"
        f"{'' if not ran.returncode else ': ' + ' '.join(re.findall(r'HYPOTHESIS_SEED=[0-9]+', ran.stdout))}",
    )

"""Worker, beat, loop, Valkey and PostgreSQL killed -9 while messages fall due and visits change: nothing lost, nothing
doubled but what the design says, nothing untrue. `make bench` does it large.

MESSAGE_CRASHES=<messages>,<kills> makes it larger.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest
from django.db import connection

from benchmarks.crash import messages as message_crash
from benchmarks.crash.stage import KINDS
from tests import template_database

pytestmark = [pytest.mark.timeout(1800), pytest.mark.proof]
MESSAGES, KILLS = (int(number) for number in os.environ.get("MESSAGE_CRASHES", "240,5").split(","))


@pytest.fixture(scope="module")
def outcome(django_db_setup, django_db_blocker):
    """At a provider that knows repeats and at times hangs, breaks off, refuses, or is slow.

    Not in pytest's own directory: whichever run of tests starts next closes that one to PostgreSQL's user.
    """
    with django_db_blocker.unblock():
        name = template_database.ensure()
        at = connection.settings_dict
    secret = f":{at['PASSWORD']}" if at["PASSWORD"] else ""
    with tempfile.TemporaryDirectory(prefix="message-crash-") as directory:
        found = message_crash.outcomes(
            Path(directory) / "run",
            messages=MESSAGES,
            kills=KILLS,
            providers="idempotent",
            of=40,
            template=f"postgresql://{at['USER']}{secret}@{at['HOST']}:{at['PORT']}/{name}",
        )
    return found["idempotent"]


def test_everything_was_killed_and_visits_were_changed_meanwhile(outcome):
    assert outcome.messages >= MESSAGES
    assert outcome.kills.keys() == set(KINDS)
    assert outcome.changes > outcome.messages // 40
    assert outcome.accepted > outcome.messages // 2
    assert outcome.tasks


def test_nothing_is_lost_and_nothing_told_of_a_visit_moved_or_cancelled(outcome):
    assert (outcome.lost, outcome.untrue) == ([], [])


def test_nothing_is_doubled_at_a_provider_that_knows_repeats(outcome):
    assert (outcome.doubled_mails, outcome.doubled_texts) == (0, 0)


def test_no_email_is_sent_twice_but_after_a_kill_and_no_text_ever(outcome):
    """What a provider that knows no repeats would have doubled: its answers are the same."""
    assert outcome.repeated_mails <= outcome.number_of_kills
    assert outcome.doubled_texts == 0

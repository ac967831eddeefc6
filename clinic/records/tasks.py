"""What runs by the clock for clinical records. No arguments: what is due is found in the database."""

from __future__ import annotations

from celery import shared_task

from clinic.core import clock
from clinic.records.answering import planning, requesting


@shared_task(name="records.ask_questions")
def ask_questions() -> None:
    """Ask for the answers that coming visits need, tell their patients, and let go what is past."""
    now = clock.now()
    requesting.make_missing(now)
    planning.plan(now)
    requesting.end_past(now)

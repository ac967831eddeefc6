"""What runs by the clock for clinical records. No arguments: what is due is found in the database."""

from __future__ import annotations

from celery import shared_task

from clinic.core import clock
from clinic.records.answering import planning, requesting
from clinic.records.entries import saving
from clinic.records.links import giving


@shared_task(name="records.ask_questions")
def ask_questions() -> None:
    """Ask for the answers that coming visits need, tell their patients, and let go what is past."""
    now = clock.now()
    requesting.make_missing(now)
    planning.plan(now)
    requesting.end_past(now)


@shared_task(name="records.forget_drafts_and_links")
def forget_drafts_and_links() -> None:
    """Drafts that nobody signed within a week of their visit, and links that ended a month ago."""
    now = clock.now()
    saving.drop_old_drafts(now)
    giving.forget_ended(now)

"""`manage.py seed`: the demo clinic. Run again, it adds what is missing and leaves what was changed alone."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from django.core.management import BaseCommand
from django.db import transaction

from clinic.core import clock
from clinic.core.database import owner

STEPS = (  # by name, since the core imports nothing from above it
    ("clinic.core", "the clinic's name and address"),
    ("clinic.accounts", "the accounts"),
    ("clinic.catalogue", "treatments and consultations"),
    ("clinic.practitioners", "practitioners"),
    ("clinic.patients", "patients"),
    ("bookings", "rooms, hours and visits"),
    ("clinic.records", "questions before a visit"),
    ("content", "pages and articles"),
)


class Command(BaseCommand):
    help = "Load the demo clinic. Repeatable: what is there already stays as it is."

    def handle(self, *_args: Any, **_options: Any) -> None:
        now = clock.now()
        with owner.as_owner():  # the demo's past is written into the trail of changes
            for app, what in STEPS:
                began = time.monotonic()
                with _without_chatter(), transaction.atomic():
                    import_module(f"{app}.seed").load(now)
                self.stdout.write(f"  {what} ({time.monotonic() - began:.1f} s)")


@contextmanager
def _without_chatter() -> Iterator[None]:
    """Wagtail tells of every row it publishes and indexes; that would bury the line a step."""
    before = logging.root.manager.disable
    logging.disable(logging.INFO)
    try:
        yield
    finally:
        logging.disable(before)

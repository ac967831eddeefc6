"""Publish and take down what editors have scheduled; stands before Wagtail's command of this name, which stops early."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from bookings.messages.planning import scheduled_texts
from clinic.core import clock


class Command(BaseCommand):
    help = "Publish pages, treatments and profiles at their hour and take down those that expire, each by itself."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        counts = scheduled_texts.publish_due(clock.now())
        self.stdout.write(", ".join(f"{number} {outcome}" for outcome, number in counts.items()) or "Nothing is due.")

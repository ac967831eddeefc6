"""Make the first pages of a new site: home, journal, privacy, complaints, accessibility. Repeatable."""

from __future__ import annotations

from django.core.management.base import BaseCommand

from clinic.core import clock
from content import seed


class Command(BaseCommand):
    help = "Make the pages that any clinic's site needs, and give the roles their rights in the CMS."

    def handle(self, *args: object, **options: object) -> None:
        seed.lay_out(clock.now())

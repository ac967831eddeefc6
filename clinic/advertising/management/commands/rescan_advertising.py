from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import models

from clinic.advertising.models import AdvertisingVerdict
from clinic.advertising.publishing import may_publish
from clinic.advertising.registry import public_texts, published_models, report_on
from clinic.advertising.rules.check import Verdict


class Command(BaseCommand):
    help = "Check every published text against the present word lists. Exits with 1 if one may not stay (POM-22)."

    def handle(self, *_args: Any, **_options: Any) -> None:
        if settings.ADVERTISING_RULES == "off":
            self.stdout.write("ADVERTISING_RULES is off: nothing is checked.")
            return
        blocked = checked = 0
        for thing in published_things():
            checked += 1
            blocked += self._rescan(thing) is Verdict.BLOCK
        self.stdout.write(f"{checked} checked, {blocked} blocked")
        if blocked:
            raise CommandError(f"{blocked} published texts may not stay.", returncode=1)

    def _rescan(self, thing: models.Model) -> Verdict:
        report = report_on(thing)
        AdvertisingVerdict.objects.record(thing, report, user=None)
        if not may_publish(report):
            self.stdout.write(f"{report.verdict}  {type(thing).__name__} {thing.pk}  {thing}\n{report}\n")
        return report.verdict


def published_things() -> Iterator[models.Model]:
    """Each live thing once, as its own class: a page's parents know only its title."""
    for model in published_models():
        for thing in model._base_manager.iterator(chunk_size=500):  # noqa: SLF001 -- the manager that hides no row
            if type(thing) is model and getattr(thing, "live", True) and public_texts(thing):
                yield thing

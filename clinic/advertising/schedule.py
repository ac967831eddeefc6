"""Publish and expire at the hour that editors have set, one thing at a time: none that fails stops the others.

Wagtail's `publish_scheduled` does the same in one go, and stops at its first refusal. Any number of these may run at
once: each thing is locked, and what another has in hand is passed over.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.apps import apps
from django.db import models, transaction
from wagtail.models import DraftStateMixin, Page, Revision

from clinic.advertising.models import AdvertisingVerdict
from clinic.advertising.publishing import AdvertisingRefused
from clinic.core.public import begin_edition

logger = logging.getLogger(__name__)
PUBLISHED, EXPIRED = "wagtail.publish.scheduled", "wagtail.unpublish.scheduled"


@dataclass(slots=True)
class Outcome:
    """What was done; `refused` are revisions whose texts may not be advertised, and whose schedule is withdrawn."""

    published: int = 0
    expired: int = 0
    refused: list[Revision] = field(default_factory=list)
    failed: int = 0

    @property
    def counts(self) -> dict[str, int]:
        found = {
            "published": self.published,
            "expired": self.expired,
            "refused": len(self.refused),
            "failed": self.failed,
        }
        return {what: number for what, number in found.items() if number}


def run_due(now: datetime) -> Outcome:
    """Take down what has expired and publish what is due, as of `now`."""
    done = Outcome()
    for model, pk in _expired(now):
        try:
            done.expired += _expire(model, pk, now)
        except Exception:  # whatever this one ran into, the others have their hour too
            logger.exception("Could not be taken down at its hour: %s %s", model.__name__, pk)
            done.failed += 1
    for pk in list(_due(now).values_list("pk", flat=True)):
        _publish(pk, now, done)
    if done.published or done.expired:
        begin_edition()
    return done


def _due(now: datetime) -> models.QuerySet[Any]:
    return Revision.objects.filter(approved_go_live_at__lte=now).order_by("approved_go_live_at", "pk")  # type: ignore[no-any-return]


def _expired(now: datetime) -> Iterator[tuple[Any, Any]]:
    for model in apps.get_models():
        is_top_page = model is Page
        if is_top_page or (issubclass(model, DraftStateMixin) and not issubclass(model, Page)):
            over = model._default_manager.filter(live=True, expire_at__lte=now)  # noqa: SLF001 -- its public name
            yield from ((model, pk) for pk in list(over.order_by("expire_at").values_list("pk", flat=True)))


def _expire(model: Any, pk: Any, now: datetime) -> bool:
    with transaction.atomic():
        locked = model._default_manager.select_for_update(skip_locked=True, of=("self",))  # noqa: SLF001
        found = locked.filter(pk=pk, live=True, expire_at__lte=now).first()
        if found is None:
            return False
        thing = found.specific if isinstance(found, Page) else found
        thing.unpublish(set_expired=True, log_action=EXPIRED)
        return True


def _publish(pk: int, now: datetime, done: Outcome) -> None:
    try:
        with transaction.atomic():
            revision = _due(now).select_for_update(skip_locked=True, of=("self",)).filter(pk=pk).first()
            if revision is None:
                return
            revision.publish(log_action=PUBLISHED)
    except AdvertisingRefused as refusal:
        _withdraw(revision, refusal, done)
    except Exception:
        logger.exception("Could not be published at its hour: %s", revision)
        done.failed += 1
    else:
        done.published += 1


def _withdraw(revision: Revision, refusal: AdvertisingRefused, done: Outcome) -> None:
    """Leave the text unpublished, with the verdict that the rolled back transaction took along."""
    if not Revision.objects.filter(pk=revision.pk, approved_go_live_at__isnull=False).update(approved_go_live_at=None):
        return
    AdvertisingVerdict.objects.record(refusal.instance, refusal.report, user=None)
    logger.error("Scheduled text refused and withdrawn: %s %s: %s", revision.object_str, revision.object_id, refusal)
    done.refused.append(revision)

"""Publish and expire at the hour that editors have set, one thing at a time: none that fails stops the others.

Wagtail's `publish_scheduled` does the same in one go, and stops at its first refusal. Any number of these may run at
once: each thing is locked, and what another has in hand is passed over.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.apps import apps
from django.db import InterfaceError, OperationalError, models, transaction
from wagtail.models import DraftStateMixin, Page, Revision

from clinic.advertising.models import AdvertisingVerdict
from clinic.advertising.publishing import AdvertisingRefused
from clinic.running.page_cache import begin_edition

logger = logging.getLogger(__name__)
REFUSED, FAILED = "refused", "failed"
CONNECTION_LOST = (OperationalError, InterfaceError)  # is nothing of this text, and the next round's to mend
Tell = Callable[[Revision, str], object]  # the revision that was withdrawn, and why: REFUSED or FAILED
PUBLISHED, EXPIRED = "wagtail.publish.scheduled", "wagtail.unpublish.scheduled"


@dataclass(slots=True)
class Outcome:
    """How many were published or taken down, may not be advertised, or could not be published or taken down."""

    published: int = 0
    expired: int = 0
    refused: int = 0
    failed: int = 0

    @property
    def counts(self) -> dict[str, int]:
        found = {
            "published": self.published,
            "expired": self.expired,
            "refused": self.refused,
            "failed": self.failed,
        }
        return {what: number for what, number in found.items() if number}


def run_due(now: datetime, tell: Tell) -> Outcome:
    """Take down what has expired and publish what is due, as of `now`.

    What may not or cannot be published loses its hour, and `tell` is told which and why, in the same transaction.
    """
    done = Outcome()
    for model, pk in _expired(now):
        try:
            done.expired += _expire(model, pk, now)
        except CONNECTION_LOST:
            raise
        except Exception:  # whatever this one ran into, the others have their hour too
            logger.exception("Could not be taken down at its hour: %s %s", model.__name__, pk)
            done.failed += 1
    for pk in list(_due(now).values_list("pk", flat=True)):
        _publish(pk, now, done, tell)
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


def _publish(pk: int, now: datetime, done: Outcome, tell: Tell) -> None:
    try:
        with transaction.atomic():
            revision = _due(now).select_for_update(skip_locked=True, of=("self",)).filter(pk=pk).first()
            if revision is None:
                return
            revision.publish(log_action=PUBLISHED)
    except AdvertisingRefused as refusal:
        done.refused += _withdraw(pk, tell, why=REFUSED, refusal=refusal)
    except CONNECTION_LOST:
        raise
    except Exception:  # whatever this one ran into, it would run into again
        logger.exception("Could not be published at its hour: %s", pk)
        done.failed += _withdraw(pk, tell, why=FAILED)
    else:
        done.published += 1


def _withdraw(pk: int, tell: Tell, *, why: str, refusal: AdvertisingRefused | None = None) -> bool:
    """Leave the text unpublished and tell of it, both or neither; with the verdict that the roll-back took along."""
    with transaction.atomic():
        due = Revision.objects.filter(pk=pk, approved_go_live_at__isnull=False)
        revision = due.select_for_update(of=("self",)).first()
        if revision is None:
            return False
        due.update(approved_go_live_at=None)
        if refusal:
            AdvertisingVerdict.objects.record(refusal.instance, refusal.report, user=None)
        tell(revision, why)
    logger.error("Scheduled text %s and withdrawn: %s %s: %s", why, revision.object_str, revision.object_id, refusal)
    return True

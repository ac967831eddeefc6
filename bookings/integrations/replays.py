"""What the owner does about deliveries: switch an address off, send one again, forget the old."""

from __future__ import annotations

from datetime import datetime, timedelta

from bookings.integrations.models import WebhookDelivery, WebhookEndpoint
from bookings.integrations.webhooks import LIVES, State
from clinic.core.errors import DomainError

KEPT = timedelta(days=90)  # then a delivery that is over is forgotten, and can no longer be replayed


class NotReplayable(DomainError):
    code = "not_replayable"


def switch_off(endpoint: WebhookEndpoint) -> None:
    """Tell this address nothing more; what waits for it is given up and can be replayed once it is on again."""
    WebhookEndpoint.objects.filter(pk=endpoint.pk).update(is_active=False)
    endpoint.is_active = False
    waiting = WebhookDelivery.objects.filter(endpoint=endpoint, state=State.PLANNED)
    waiting.update(state=State.FAILED, error="The address was switched off.")


def replay(delivery: WebhookDelivery, now: datetime) -> WebhookDelivery:
    """Send it again at once: same id, same bytes, tries counted afresh.

    Raises:
        NotReplayable: it is on its way anyway, or its address is switched off.
    """
    if not delivery.endpoint.is_active:
        raise NotReplayable("This address is switched off. Switch it on first.")
    changed = WebhookDelivery.objects.filter(pk=delivery.pk, state__in=[State.DELIVERED, State.FAILED]).update(
        state=State.PLANNED,
        due_at=now,
        expires_at=now + LIVES,
        attempts=0,
        error="",
        answered_status=None,
        delivered_at=None,
    )
    if not changed:
        raise NotReplayable("This delivery is on its way already.")
    delivery.refresh_from_db()
    return delivery


def forget_old_deliveries(now: datetime) -> int:
    """Delete what was delivered or given up and is older than 90 days; gives how many."""
    over = WebhookDelivery.objects.filter(state__in=[State.DELIVERED, State.FAILED])
    return over.filter(created_at__lt=now - KEPT).delete()[0]

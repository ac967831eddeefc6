"""What other programs are told of visits: rows written in the booking's own transaction. `webhook_queue` sends them."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection

from bookings.integrations.models import WebhookDelivery, WebhookEndpoint
from bookings.visits.models import Appointment
from clinic.core import clock
from clinic.core.errors import DomainError

State = WebhookDelivery.State
LIVES = timedelta(days=6)  # longer than all tries take
KEPT = timedelta(days=90)  # then a delivery that is over is forgotten, and can no longer be replayed

_PLAN = """
INSERT INTO bookings_webhookdelivery
    (id, endpoint_id, event, appointment_id, appointment_version, payload, state, due_at, expires_at, attempts, error,
     created_at)
SELECT gen_random_uuid(), e.id, %(event)s::varchar, %(appointment)s::bigint, %(version)s::integer,
       jsonb_set(%(payload)s::jsonb, '{data}', %(payload)s::jsonb -> 'data' || jsonb_build_object(
           'practitioner', p.slug,
           'location', l.slug,
           'treatment', CASE WHEN %(is_all_public)s::boolean OR NOT t.is_prescription_only THEN t.slug END
       )),
       'planned', %(now)s::timestamptz, %(expires_at)s::timestamptz, 0, '', %(now)s::timestamptz
FROM bookings_webhookendpoint e
JOIN practitioners_practitioner p ON p.id = %(practitioner)s
JOIN bookings_location l ON l.id = %(location)s
JOIN catalogue_treatment t ON t.id = %(treatment)s
WHERE e.is_active AND %(event)s::varchar = ANY(e.events)
ON CONFLICT DO NOTHING
"""


class NotReplayable(DomainError):
    code = "not_replayable"


def plan(appointment: Appointment, event: str, now: datetime) -> None:
    """Tell every endpoint that listens to `event` (`WebhookEndpoint.Event`). One statement; call it in the transaction.

    No patient data. A prescription-only medicine stays unnamed where the interface does not name it to the public.
    """
    data = {
        "reference": appointment.reference,
        "version": appointment.version,
        "status": appointment.status,
        "starts_at": clock.local(appointment.starts_at).isoformat(),
        "ends_at": clock.local(appointment.ends_at).isoformat(),
    }
    question: dict[str, Any] = {
        "event": str(event),
        "appointment": appointment.pk,
        "version": appointment.version,
        "payload": json.dumps({"type": str(event), "timestamp": now.isoformat(), "data": data}),
        "is_all_public": settings.ADVERTISING_RULES == "off",
        "now": now,
        "expires_at": now + LIVES,
        "practitioner": appointment.practitioner_id,
        "location": appointment.location_id,
        "treatment": appointment.treatment_id,
    }
    with connection.cursor() as cursor:
        cursor.execute(_PLAN, question)


def body(delivery: WebhookDelivery) -> bytes:
    """The bytes that are signed and sent: the same however often, for they are the stored payload."""
    return json.dumps(delivery.payload, sort_keys=True, separators=(",", ":")).encode()


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

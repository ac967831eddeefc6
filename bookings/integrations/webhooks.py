"""What other programs are told of visits: rows written in the booking's own transaction. `webhook_queue` sends them."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection

from bookings.integrations.models import WebhookDelivery
from bookings.visits.models import Appointment
from clinic.core import clock

State = WebhookDelivery.State
LIVES = timedelta(days=6)  # longer than all tries take

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

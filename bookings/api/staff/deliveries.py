"""What became of webhooks, for programs with a staff key."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from django.http import Http404, HttpRequest
from ninja import Path, Query, Router

from bookings.api.auth import StaffKey
from bookings.api.problem_schemas import InvalidProblem, Problem
from bookings.api.staff.delivery_schemas import DeliveriesOut, DeliveryOut
from bookings.integrations import replays
from bookings.integrations.models import ApiKey, WebhookDelivery
from clinic.core import clock

router = Router(tags=["Staff"])
Scope = ApiKey.Scope
MOST_DELIVERIES = 200


@router.get(
    "/webhooks/deliveries",
    response={200: DeliveriesOut, 422: InvalidProblem},
    auth=StaffKey(Scope.REPLAY_WEBHOOKS),
    summary="Webhook deliveries, the latest first",
    description="Scope `webhooks:replay`.",
)
def deliveries(
    request: HttpRequest,
    state: Annotated[WebhookDelivery.State | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=MOST_DELIVERIES)] = 50,
) -> DeliveriesOut:
    rows = WebhookDelivery.objects.select_related("endpoint", "appointment").order_by("-created_at", "pk")
    if state:
        rows = rows.filter(state=state)
    return DeliveriesOut(deliveries=[DeliveryOut.of(row) for row in rows[:limit]])


@router.post(
    "/webhooks/deliveries/{delivery_id}/replay",
    response={200: DeliveryOut, 404: Problem, 409: Problem, 422: InvalidProblem},
    auth=StaffKey(Scope.REPLAY_WEBHOOKS),
    summary="Send a webhook delivery again",
    description="Scope `webhooks:replay`. The same `webhook-id` and the same bytes, signed anew.",
)
def replay(request: HttpRequest, delivery_id: Annotated[UUID, Path()]) -> DeliveryOut:
    found = WebhookDelivery.objects.select_related("endpoint", "appointment").filter(pk=delivery_id).first()
    if found is None:
        raise Http404("There is no such delivery.")
    return DeliveryOut.of(replays.replay(found, clock.now()))

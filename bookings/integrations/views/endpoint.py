"""The page of one address that is told: its secret, what it was told lately, its switch."""

from __future__ import annotations

import uuid

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST, require_safe

from bookings.integrations import replays
from bookings.integrations.models import WebhookDelivery, WebhookEndpoint
from clinic.accounts.permissions import needs
from clinic.accounts.rights import Right
from clinic.core import clock
from clinic.core.web.flash import leave_notice, take_notice
from clinic.core.web.htmx import render_page

PAGE = 25


@require_safe
@needs(Right.MANAGE_INTEGRATIONS)
def endpoint(request: HttpRequest, pk: int) -> HttpResponse:
    """One address: its secret, and what it was told lately."""
    found = get_object_or_404(WebhookEndpoint, pk=pk)
    rows = found.deliveries.select_related("appointment").order_by("-created_at", "pk")
    events = dict(WebhookEndpoint.Event.choices)
    context = {
        "section": "integrations",
        "endpoint": found,
        "events": [events[event] for event in found.events],
        "page": Paginator(rows, PAGE).get_page(request.GET.get("page")),
        "notice": take_notice(request),
    }
    return render_page(request, "bookings/integrations/webhook.html", context)


@require_POST
@needs(Right.MANAGE_INTEGRATIONS)
def switch(request: HttpRequest, pk: int) -> HttpResponse:
    """`to=on|off`"""
    found = get_object_or_404(WebhookEndpoint, pk=pk)
    if request.POST.get("to") == "on":
        WebhookEndpoint.objects.filter(pk=pk).update(is_active=True)
        leave_notice(request, "Switched on. What happened meanwhile can be replayed below if it was planned before.")
    else:
        replays.switch_off(found)
        leave_notice(request, "Switched off. Nothing more is sent there.")
    return redirect("bookings:webhook", pk)


@require_POST
@needs(Right.MANAGE_INTEGRATIONS)
def replay(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    delivery = get_object_or_404(WebhookDelivery.objects.select_related("endpoint"), pk=pk)
    try:
        replays.replay(delivery, clock.now())
    except replays.NotReplayable as refusal:
        leave_notice(request, str(refusal))
    else:
        leave_notice(request, "It is sent again in a moment, word for word.")
    return redirect("bookings:webhook", delivery.endpoint_id)

"""What a monitor reads: numbers in Prometheus' text format, counted in the database when it asks, nobody's data."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from ipaddress import ip_address

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.registry import Collector

from bookings.messages.delivery import queue_numbers
from clinic.core import clock

FORWARDED = ("X-Forwarded-For", "Forwarded")


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """With METRICS_TOKEN set, to its bearer; without, to this machine. To anyone else there is no such page."""
    if not _may_read(request):
        raise Http404
    registry = CollectorRegistry()
    registry.register(Queue(clock.now()))
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_PLAIN_0_0_4)


class Queue(Collector):
    """The message queue as it stands at `now`: two statements."""

    def __init__(self, now: datetime) -> None:
        self._now = now

    def describe(self) -> list[Metric]:
        return []  # else the registry would count everything twice

    def collect(self) -> Iterator[Metric]:
        labels = ("kind", "channel", "state")
        day = GaugeMetricFamily(
            "clinic_messages_last_day", "Messages that were due in the last 24 hours", labels=labels
        )
        for kind, channel, state, number in queue_numbers.of_the_last_day(self._now):
            day.add_metric([kind, channel, state], number)
        yield day
        found = queue_numbers.numbers(self._now)
        yield _gauge("messages_due", "Messages that may be taken now", found.due)
        yield _gauge("messages_oldest_overdue_seconds", "How late the oldest is", found.overdue.total_seconds())
        if found.silence is not None:
            yield _gauge("messages_heartbeat_age_seconds", "Since the loop last ran", found.silence.total_seconds())
        yield _gauge("messages_to_check", "Failed or unknown ones nobody has dealt with", found.to_check)
        yield _gauge("webhooks_waiting", "Webhook deliveries that are not done", found.webhooks_waiting)
        yield _gauge("offers_open", "Waiting-list offers that wait for an answer", found.offers_open)


def _gauge(name: str, says: str, value: float) -> Metric:
    return GaugeMetricFamily(f"clinic_{name}", says, value=value)


def _may_read(request: HttpRequest) -> bool:
    if settings.METRICS_TOKEN:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        return scheme.lower() == "bearer" and constant_time_compare(token.strip(), settings.METRICS_TOKEN)
    # A proxy on this machine passes on what comes from anywhere; it says so in a header.
    return not any(name in request.headers for name in FORWARDED) and _is_this_machine(request.META.get("REMOTE_ADDR"))


def _is_this_machine(address: str | None) -> bool:
    try:
        return ip_address(address or "").is_loopback
    except ValueError:
        return False

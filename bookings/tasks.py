"""What runs by the clock. No arguments, no eta, no countdown: the queue of messages is a table in Postgres."""

from __future__ import annotations

from celery import shared_task
from django.core.management import call_command

from bookings.desk.models import forget_old_changes
from bookings.desk.sheet import sheet_files
from bookings.engine import booking, idempotency
from bookings.integrations import replays, webhook_queue
from bookings.integrations.webhook_http import post
from bookings.messages.delivery import alerts, watchdog
from bookings.messages.delivery import loop as delivery
from bookings.messages.planning import account_letters, scheduled_texts, staff_notices
from bookings.messages.planning.records import request_notices
from bookings.messages.sender import Sender
from bookings.visits import visitors
from bookings.waiting_list import offers
from clinic.accounts.signing_in import notices
from clinic.core import clock
from clinic.privacy import copies
from clinic.staff import planned_leaves


@shared_task(name="bookings.send_due_messages")
def send_due_messages() -> None:
    with Sender() as send:
        delivery.run_until_done(clock=clock.now, send=send)


@shared_task(name="bookings.send_due_webhooks")
def send_due_webhooks() -> None:
    webhook_queue.run_until_done(clock=clock.now, post=post)


@shared_task(name="bookings.offer_freed_times")
def offer_freed_times() -> None:
    offers.sweep(clock.now())


@shared_task(name="bookings.tell_staff")
def tell_staff() -> None:
    staff_notices.plan_unconfirmed(clock.now())
    request_notices.plan_due(clock.now())


@shared_task(name="bookings.publish_scheduled")
def publish_scheduled() -> None:
    scheduled_texts.publish_due(clock.now())


@shared_task(name="bookings.watch_the_loop")
def watch_the_loop() -> None:
    watchdog.watch(clock.now(), alerts.ways())


@shared_task(name="bookings.release_dead_holds")
def release_dead_holds() -> None:
    booking.release_dead_holds(clock.now())


@shared_task(name="bookings.write_day_sheets")
def write_day_sheets() -> None:
    sheet_files.write_due(clock.now())


@shared_task(name="bookings.make_copies")
def make_copies() -> None:
    """Copies of their data that patients asked for; and delete those that have run out."""
    copies.look(clock.now())


@shared_task(name="bookings.end_planned_work")
def end_planned_work() -> None:
    """End the work of those who leave now, as an owner planned; tell the owners of what is in the way."""
    planned_leaves.look(clock.now())


@shared_task(name="bookings.forget_old_keys")
def forget_old_keys() -> None:
    idempotency.forget_old_idempotency_keys(clock.now())
    replays.forget_old_deliveries(clock.now())
    forget_old_changes(clock.now())
    visitors.forget_what_is_over(clock.now())
    account_letters.forget_old(clock.now())
    notices.forget_old(clock.now())


@shared_task(name="bookings.forget_old_sessions")
def forget_old_sessions() -> None:
    """Delete the sessions that have ended: what a visitor typed into an unfinished booking goes with them."""
    call_command("clearsessions")

"""Send what is due, without a broker: once, or until told to stop."""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import InterfaceError, OperationalError, close_old_connections, connection

from bookings.desk.sheet import sheet_files
from bookings.integrations import webhook_queue
from bookings.integrations.webhook_http import post
from bookings.messages.delivery.loop import run_until_done
from bookings.messages.planning import scheduled_texts, staff_notices
from bookings.messages.planning.records import request_notices
from bookings.messages.sender import Sender
from bookings.waiting_list import offers
from clinic.core import clock
from clinic.privacy import copies
from clinic.staff import planned_leaves

logger = logging.getLogger(__name__)
LONGEST_WAIT = 10.0
Found = Mapping[Any, int]


@dataclass(frozen=True, slots=True)
class Job:
    """One of the things that the loop looks after: `look` does what is due and gives how many of each outcome."""

    name: str
    look: Callable[[Callable[[], bool]], Found]
    every: float | None = None  # seconds; None: as often as the loop was told to look

    def wait(self, interval: float) -> float:
        return interval if self.every is None else self.every


def send_messages(should_stop: Callable[[], bool]) -> Found:
    """One at a time: whoever kills this process leaves one message in doubt. More loops send more a second."""
    with Sender() as send:
        return run_until_done(clock=clock.now, send=send, should_stop=should_stop)


def offer_times(_should_stop: Callable[[], bool]) -> Found:
    made = offers.sweep(clock.now())
    return {"offered": len(made)} if made else {}


def tell_staff(_should_stop: Callable[[], bool]) -> Found:
    made = staff_notices.plan_unconfirmed(clock.now()) + request_notices.plan_due(clock.now())
    return {"planned": len(made)} if made else {}


def publish_scheduled(_should_stop: Callable[[], bool]) -> Found:
    return scheduled_texts.publish_due(clock.now())


def write_day_sheets(_should_stop: Callable[[], bool]) -> Found:
    return {"written": 1} if sheet_files.write_due(clock.now()) else {}


def make_copies(_should_stop: Callable[[], bool]) -> Found:
    return copies.look(clock.now())


def end_planned_work(_should_stop: Callable[[], bool]) -> Found:
    return planned_leaves.look(clock.now())


def send_webhooks(should_stop: Callable[[], bool]) -> Found:
    return webhook_queue.run_until_done(clock=clock.now, post=post, should_stop=should_stop)


EVERY = settings.BACKGROUND_EVERY
# What plans a message comes before what sends it: one round sends what it planned.
JOBS = (
    Job("Waiting list", offer_times, every=EVERY["offer_freed_times"]),
    Job("Staff notices", tell_staff, every=EVERY["tell_staff"]),
    Job("Scheduled texts", publish_scheduled, every=EVERY["publish_scheduled"]),
    Job("Day sheets", write_day_sheets, every=EVERY["write_day_sheets"]),
    Job("Copies of data", make_copies, every=EVERY["make_copies"]),
    Job("Planned leaves", end_planned_work, every=EVERY["end_planned_work"]),
    Job("Webhooks", send_webhooks),
    Job("Messages", send_messages),
)


class Command(BaseCommand):
    help = (
        "Send the messages and webhooks that are due, offer freed times to the waiting list, publish what editors have "
        "scheduled, write the day's sheets, make the copies of data that patients asked for, end the work of who leaves. With --forever, keep doing so until SIGTERM or Ctrl-C."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--forever", action="store_true")
        parser.add_argument("--interval", type=float, default=2.0, help="Seconds between two looks (default 2).")

    def handle(self, *args: Any, forever: bool, interval: float, **options: Any) -> None:
        self.stop = threading.Event()
        if not forever:
            for job in JOBS:
                _report(job, job.look(self.stop.is_set))
            return
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._told_to_stop)
        # Loops of their own: an address that does not answer must never hold up a reminder.
        *beside, messages = JOBS
        threads = [threading.Thread(target=self._keep_looking, args=(job, job.wait(interval))) for job in beside]
        for thread in threads:
            thread.start()
        self._keep_looking(messages, messages.wait(interval))
        for thread in threads:
            thread.join()

    def _told_to_stop(self, number: int, frame: FrameType | None) -> None:
        self.stop.set()

    def _keep_looking(self, job: Job, interval: float) -> None:
        wait = interval
        while not self.stop.is_set():
            try:
                _report(job, job.look(self.stop.is_set))
                wait = interval
            except (OperationalError, InterfaceError) as error:
                wait = min(wait * 2, LONGEST_WAIT)
                logger.warning("The database is away (%s); next try in %.0f s", type(error).__name__, wait)
                _forget_connections()
            except Exception:  # the loop outlives whatever one round ran into
                logger.exception("A round of the loop failed: %s", job.name)
            close_old_connections()
            self.stop.wait(wait)
        connection.close()


def _report(job: Job, found: Found) -> None:
    if found:
        logger.info("%s: %s", job.name, ", ".join(f"{number} {outcome}" for outcome, number in found.items()))


def _forget_connections() -> None:
    """Start afresh: a pool that lost its server would go on handing out dead connections for a while."""
    connection.close()
    close_pool = getattr(connection, "close_pool", None)
    if close_pool:
        close_pool()

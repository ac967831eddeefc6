"""Send what is due, without a broker: once, or until told to stop."""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Callable, Mapping
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import InterfaceError, OperationalError, close_old_connections, connection

from bookings.domain import notices, offers, webhook_queue
from bookings.domain.delivery import Counts, run_until_done
from bookings.emails import Sender
from bookings.posting import post
from clinic.core import clock

logger = logging.getLogger(__name__)
LONGEST_WAIT = 10.0
SWEEP_EVERY = 15.0
TELL_STAFF_EVERY = 60.0


class Command(BaseCommand):
    help = "Send the messages that are due, and offer freed times to the waiting list. With --forever, keep doing so until SIGTERM or Ctrl-C."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--forever", action="store_true")
        parser.add_argument("--interval", type=float, default=2.0, help="Seconds between two looks (default 2).")

    def handle(self, *args: Any, forever: bool, interval: float, **options: Any) -> None:
        self.stop = threading.Event()
        if not forever:
            self._report("Waiting list", self._offer_times())
            self._report("Staff notices", self._tell_staff())
            self._report("Messages", self._send_messages())
            self._report("Webhooks", self._send_webhooks())
            return
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._told_to_stop)
        # Loops of their own: an address that does not answer must never hold up a reminder.
        beside = [
            threading.Thread(target=self._keep_looking, args=("Webhooks", self._send_webhooks, interval)),
            threading.Thread(target=self._keep_looking, args=("Waiting list", self._offer_times, SWEEP_EVERY)),
            threading.Thread(target=self._keep_looking, args=("Staff notices", self._tell_staff, TELL_STAFF_EVERY)),
        ]
        for thread in beside:
            thread.start()
        self._keep_looking("Messages", self._send_messages, interval)
        for thread in beside:
            thread.join()

    def _told_to_stop(self, number: int, frame: FrameType | None) -> None:
        self.stop.set()

    def _keep_looking(self, what: str, look: Callable[[], Mapping[Any, int]], interval: float) -> None:
        wait = interval
        while not self.stop.is_set():
            try:
                self._report(what, look())
                wait = interval
            except (OperationalError, InterfaceError) as error:
                wait = min(wait * 2, LONGEST_WAIT)
                logger.warning("The database is away (%s); next try in %.0f s", type(error).__name__, wait)
                _forget_connections()
            except Exception:  # the loop outlives whatever one round ran into
                logger.exception("A round of the loop failed: %s", what)
            close_old_connections()
            self.stop.wait(wait)
        connection.close()

    def _send_messages(self) -> Counts:
        """One at a time: whoever kills this process leaves one message in doubt. More loops send more a second."""
        with Sender() as send:
            return run_until_done(clock=clock.now, send=send, should_stop=self.stop.is_set)

    def _offer_times(self) -> dict[str, int]:
        made = offers.sweep(clock.now())
        return {"offered": len(made)} if made else {}

    def _tell_staff(self) -> dict[str, int]:
        made = notices.plan_unconfirmed(clock.now())
        return {"planned": len(made)} if made else {}

    def _send_webhooks(self) -> webhook_queue.Counts:
        return webhook_queue.run_until_done(clock=clock.now, post=post, should_stop=self.stop.is_set)

    def _report(self, what: str, counts: Mapping[Any, int]) -> None:
        if counts:
            logger.info("%s: %s", what, ", ".join(f"{number} {outcome}" for outcome, number in counts.items()))


def _forget_connections() -> None:
    """Start afresh: a pool that lost its server would go on handing out dead connections for a while."""
    connection.close()
    close_pool = getattr(connection, "close_pool", None)
    if close_pool:
        close_pool()

"""Tell the owner when messages stand still. A process of its own, since a loop cannot tell of its own death."""

from __future__ import annotations

import logging
import signal
import threading
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import InterfaceError, OperationalError, close_old_connections, connection

from bookings.messages.delivery import alerts, watchdog
from clinic.core import clock

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Tell the owner, once, when messages have stood still for five minutes. With --forever, keep watching."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--forever", action="store_true")
        parser.add_argument("--interval", type=float, default=60.0, help="Seconds between two looks (default 60).")

    def handle(self, *args: Any, forever: bool, interval: float, **options: Any) -> None:
        if not forever:
            self.stdout.write(watchdog.watch(clock.now(), alerts.ways()))
            return
        self.stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._told_to_stop)
        while not self.stop.wait(interval):
            self._look()
        connection.close()

    def _told_to_stop(self, number: int, frame: FrameType | None) -> None:
        self.stop.set()

    def _look(self) -> None:
        try:
            watchdog.watch(clock.now(), alerts.ways())
        except (OperationalError, InterfaceError) as error:
            logger.warning("The database is away (%s)", type(error).__name__)
            connection.close()
        except Exception:  # the watch outlives whatever one look ran into
            logger.exception("A look at the messages failed")
        close_old_connections()

"""How often one address, one contact and one key may ask. Counted in the cache, atomically, in fixed windows.

Neither django-ninja's throttles nor allauth's rate limits will do: the former read, change and write back a list, so
parallel requests slip through, and believe any `X-Forwarded-For`; the latter are being made private, for its own views.

While the cache is away nothing is refused, neither reading nor booking: a clinic that takes no bookings because a cache
is down loses patients, and the diary is guarded by its locks and constraints, not by these numbers.
"""

from __future__ import annotations

import math
from contextvars import ContextVar

from django.conf import settings
from django.http import HttpRequest
from ninja.errors import Throttled
from ninja.throttling import BaseThrottle

from bookings.api.keys import key_of
from bookings.engine.eligibility import PatientDetails
from bookings.visits.visitors import one_mailbox
from clinic.core.web.client_address import client_address
from clinic.core.web.rate_limits import Limit, count

READS = Limit("reads", 60, 60)  # an address; a calendar that loads a month at a time is far below
WRITES = Limit("writes", 60, 60)  # an address, whatever becomes of them
BOOKINGS = Limit("bookings", 20, 3600)  # an address: a room full of people behind one router still gets through
CONTACT = Limit("contact", 6, 3600)  # an e-mail address, and a telephone number
KEY = Limit("key", 600, 60)  # a valid key, in place of all of the above
SAFE = {"GET", "HEAD", "OPTIONS"}

_wait: ContextVar[float | None] = ContextVar("wait", default=None)


class Throttle(BaseThrottle):
    """By key if there is a valid one, else by address: reads, writes, and what else is named here."""

    def __init__(self, *more: Limit) -> None:
        self.more = more

    def allow_request(self, request: HttpRequest) -> bool:
        _wait.set(_longest_wait(request, self.more))
        return _wait.get() is None

    def wait(self) -> float | None:
        """Of the request just refused in this thread: one object serves them all."""
        return _wait.get()


def count_contact(request: HttpRequest, details: PatientDetails) -> None:
    """Count a booking against its e-mail address and its telephone number.

    Raises:
        Throttled
    """
    if not settings.RATE_LIMITS or key_of(request):
        return
    waits = [count(CONTACT, one_mailbox(details.email)), count(CONTACT, details.phone)]
    if longest := max(waits):
        raise Throttled(wait=math.ceil(longest))


def count_failed_key(request: HttpRequest) -> None:
    """Count a key that opens nothing against its address.

    Raises:
        Throttled
    """
    if settings.RATE_LIMITS and (wait := count(READS, client_address(request))):
        raise Throttled(wait=math.ceil(wait))


def _longest_wait(request: HttpRequest, more: tuple[Limit, ...]) -> float | None:
    if not settings.RATE_LIMITS:
        return None
    if key := key_of(request):
        return count(KEY, str(key.pk)) or None
    address = client_address(request)
    limits = (READS if request.method in SAFE else WRITES, *more)
    return max(count(limit, address) for limit in limits) or None

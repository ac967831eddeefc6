"""Many requests at once, each under another forged address, get what one visitor may have: limit + 0.

Tries of a code, claims and kept times are hammered where they are tested: `signing_in/test_code.py`,
`patients/test_claims.py`, `races/test_visitors.py`.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.db import connections
from django.test import Client

from bookings.api.limits import BOOKINGS, READS
from bookings.online.views.visit.page import FINDS
from clinic.accounts.models import User
from clinic.settings.accounts import ACCOUNT_RATE_LIMITS

pytestmark = pytest.mark.django_db(transaction=True)
THREADS, TRIES = 16, 64
CODES = 20  # of `request_login_code`, an address a minute
REAL = "198.51.100.7"
PASSED = "again"
TOO_OFTEN = "Too many tries."  # as the form of a code says


def forged(number: int) -> dict[str, str]:
    made_up = f"203.0.113.{number}"
    return {
        "X-Forwarded-For": made_up,
        "X-Real-IP": made_up,
        "Forwarded": f"for={made_up}",
        "CF-Connecting-IP": made_up,
    }


def by_proxy(number: int, real: str = REAL) -> dict[str, str]:
    return forged(number) | {"X-Forwarded-For": f"203.0.113.{number}, {real}"}


def find(number, headers):
    return Client().post("/visit/find/", {"email": f"sam{number}@example.com", PASSED: find.passed}, headers=headers)


def read(_number, headers):
    return Client().get("/api/v1/treatments", headers=headers)


def book(_number, headers):
    return Client().post("/api/v1/bookings", "{}", content_type="application/json", headers=headers)


def ask_for_code(number, headers):
    return Client().post("/accounts/login/code/", {"email": f"sam{number}@example.com"}, headers=headers)


def is_let_through(door, number, headers):
    try:
        answer = door(number, headers)
        return answer.status_code != 429 and TOO_OFTEN not in answer.content.decode()
    finally:
        connections.close_all()


DOORS = {find: FINDS.amount, read: READS.amount, book: BOOKINGS.amount, ask_for_code: CODES}


@pytest.fixture(autouse=True)
def limited(settings, monkeypatch, time_machine):
    from bookings.online.forms import trap  # noqa: PLC0415 -- the pass that a page would have given

    time_machine.move_to("2027-03-01T08:00:05Z")  # windows of a minute and of an hour have just begun
    settings.RATE_LIMITS = True
    settings.ACCOUNT_RATE_LIMITS = ACCOUNT_RATE_LIMITS
    monkeypatch.setattr(find, "passed", trap._SIGNER.sign("person"), raising=False)
    settings.CACHES = {"default": settings.CACHES["default"] | {"KEY_PREFIX": uuid4().hex}}
    yield
    cache.delete_pattern("*")


@pytest.fixture
def hammer():
    with ThreadPoolExecutor(THREADS) as pool:

        def hammer(door, headers):
            """How many of the tries were let through."""
            return sum(pool.map(lambda number: is_let_through(door, number, headers(number)), range(TRIES)))

        yield hammer


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.__name__)
@pytest.mark.parametrize(("proxies", "headers"), [(0, forged), (1, by_proxy)], ids=["direct", "behind a proxy"])
def test_sixty_four_at_once_get_no_more_than_the_limit(settings, hammer, door, proxies, headers):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies

    let_through = hammer(door, headers)

    assert let_through <= DOORS[door]
    assert let_through == DOORS[door] or door is ask_for_code  # allauth also refuses who waits a second for its lock
    assert let_through > 0
    assert User.objects.count() == 0


def test_somebody_else_behind_the_proxy_goes_on(settings, hammer):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    hammer(find, by_proxy)

    assert find(99, by_proxy(99)).status_code == 429
    assert find(99, by_proxy(99, "198.51.100.8")).status_code == 200

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.test import override_settings

from bookings.api import limits
from bookings.api.limits import BOOKINGS, CONTACT, KEY, READS, WRITES
from bookings.visits.visitors import one_mailbox
from clinic.core.web.rate_limits import Limit, count
from tests.bookings.api.conftest import booking
from tests.bookings.moments import NOW, at

pytestmark = pytest.mark.django_db
AWAY = {
    "default": {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": "redis://127.0.0.1:1/0",
        "OPTIONS": {"IGNORE_EXCEPTIONS": True, "SOCKET_CONNECT_TIMEOUT": 1, "SOCKET_TIMEOUT": 1},
    }
}


@pytest.fixture(autouse=True)
def limited(settings, clinic, own_cache):
    settings.RATE_LIMITS = True


@pytest.fixture
def small(monkeypatch):
    """Small numbers, so that few requests are enough."""
    for name, limit in (("READS", READS), ("WRITES", WRITES), ("CONTACT", CONTACT), ("KEY", KEY)):
        monkeypatch.setattr(limits, name, Limit(limit.name, 3, limit.seconds))


def statuses(responses):
    return [response.status_code for response in responses]


def test_reads_of_one_address_end_with_a_time_to_come_back(ask, small):
    answers = [ask("GET", "treatments") for _ in range(4)]

    assert statuses(answers) == [200, 200, 200, 429]
    last = answers[-1]
    assert last.headers["Content-Type"] == "application/problem+json"
    assert last.json()["code"] == "too_many_requests"
    wait = int(last.headers["Retry-After"])
    assert 1 <= wait <= READS.seconds
    with time_machine.travel(NOW + timedelta(seconds=wait), tick=False):
        assert ask("GET", "treatments").status_code == 200


@pytest.mark.parametrize(
    ("proxies", "forwarded", "is_new"),
    [
        (0, "203.0.113.9", False),  # nobody is trusted: whatever is written there gains nothing
        (1, "203.0.113.9, 198.51.100.7", False),  # the proxy's own word is the last
        (1, "198.51.100.8", True),
    ],
)
def test_a_forwarded_address_counts_only_as_far_as_proxies_are_trusted(  # noqa: PLR0917
    client, settings, small, proxies, forwarded, is_new
):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    for _ in range(4):
        client.get("/api/v1/treatments", headers={"X-Forwarded-For": "198.51.100.7"})

    answer = client.get("/api/v1/treatments", headers={"X-Forwarded-For": forwarded})

    assert answer.status_code == (200 if is_new else 429)


def test_fewer_proxies_than_configured_are_no_fault(client, settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 3

    assert client.get("/api/v1/treatments", headers={"X-Forwarded-For": "198.51.100.7"}).status_code == 200


def test_bookings_of_one_address_are_limited_more_than_other_writes(ask):
    answers = [ask("POST", "bookings", {}) for _ in range(BOOKINGS.amount + 1)]

    assert statuses(answers) == [422] * BOOKINGS.amount + [429]
    assert int(answers[-1].headers["Retry-After"]) <= BOOKINGS.seconds
    assert ask("DELETE", "bookings/nothing").status_code == 404


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"email": "Sam+{n}@Example.com"}, {"email": "sam@example.com"}),
        ({"phone": "+44 7700 900123", "email": "a{n}@example.com"}, {"phone": "07700 900 123"}),
    ],
)
def test_one_contact_books_a_few_times_an_hour_from_whatever_address(client, ask, small, first, second):
    def post(n, changes):
        body = booking(n, at(9 + n))
        body["patient"] |= {name: value.format(n=n) for name, value in changes.items()}
        return ask("POST", "bookings", body, **{"X-Forwarded-For": f"198.51.100.{n}"})

    assert statuses([post(n, first) for n in range(1, 4)]) == [201] * 3
    refused = post(4, second)
    assert refused.status_code == 429
    assert 1 <= int(refused.headers["Retry-After"]) <= CONTACT.seconds
    cache.delete_pattern("*")
    assert post(4, second).status_code == 201


def test_a_series_counts_against_its_contact_too(ask, small):
    body = booking() | {"starts_at": [at(10).isoformat()]}

    assert statuses([ask("POST", "bookings/series", body) for _ in range(4)])[-1] == 429


def test_a_valid_key_has_its_own_limit_and_an_invalid_one_none(ask, small, secret_for):
    ours, theirs = secret_for("diary:read"), secret_for("diary:read")

    assert statuses([ask("GET", "treatments") for _ in range(4)])[-1] == 429
    assert statuses([ask("GET", "treatments", key=ours) for _ in range(4)]) == [200, 200, 200, 429]
    assert ask("GET", "treatments", key=theirs).status_code == 200
    assert ask("GET", "treatments", key="jck_wrong").status_code == 429
    assert ask("GET", "diary?day=2027-03-02", key="jck_wrong").status_code == 429


def test_parallel_requests_are_all_counted():
    limit = Limit("parallel", 10, 3600)
    with ThreadPoolExecutor(16) as pool:
        waits = list(pool.map(lambda _: count(limit, "someone"), range(64)))

    assert sum(wait == 0 for wait in waits) == 10


def test_while_the_cache_is_away_nothing_is_refused(ask, small):
    with override_settings(CACHES=AWAY):
        assert statuses([ask("GET", "treatments") for _ in range(5)]) == [200] * 5
        assert statuses([ask("POST", "bookings", booking(1, at(9 + n))) for n in range(5)])[:2] == [201] * 2


def test_what_is_counted_is_not_kept_as_text(ask):
    ask("POST", "bookings", booking())

    names = " ".join(cache.keys("*"))
    assert "limit:contact" in names
    assert "sam1" not in names
    assert "127.0.0.1" not in names


def test_switched_off_means_off(ask, settings, small):
    settings.RATE_LIMITS = False

    assert statuses([ask("GET", "treatments") for _ in range(5)]) == [200] * 5


@pytest.mark.parametrize(
    ("written", "normal"),
    [(" Sam@Example.COM ", "sam@example.com"), ("sam+clinic@example.com", "sam@example.com"), ("odd", "@odd")],
)
def test_one_mailbox_has_one_form(written, normal):
    assert one_mailbox(written) == normal

"""The address that limits count: as far as proxies are trusted (`tests/bookings/api/test_limits.py`), a /64 of IPv6."""

import pytest

from clinic.core.web.client_address import client_address


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("198.51.100.7", "198.51.100.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:198.51.100.7", "198.51.100.7"),
        ("", "unknown"),
        ("somewhere", "somewhere"),
    ],
)
def test_an_ipv6_household_is_one_address(rf, address, counted):
    assert client_address(rf.get("/", REMOTE_ADDR=address)) == counted

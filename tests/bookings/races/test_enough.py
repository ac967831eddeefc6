"""The races are many, and none is skipped: `make bench ONLY=proofs` runs all, `make test` those without the mark `proof`."""

import inspect

from tests.bookings.races import test_bookings, test_changes
from tests.bookings.races.track import ATTEMPTS

LEFT_OUT = {"skip", "skipif", "xfail"}


def test_all_of_them_make_at_least_two_thousand_attempts():
    assert sum(ATTEMPTS.values()) >= 2_000


def test_every_race_counted_is_run():
    races = {}
    for module in (test_bookings, test_changes):
        assert not LEFT_OUT & {mark.name for mark in module.pytestmark}
        races |= {
            name: function
            for name, function in inspect.getmembers(module, inspect.isfunction)
            if name.startswith("test_") and "track" in inspect.signature(function).parameters
        }

    assert set(races) == set(ATTEMPTS)  # what each makes is asserted as it ends
    for race in races.values():
        assert not LEFT_OUT & {mark.name for mark in getattr(race, "pytestmark", [])}

"""What every test run needs: a database that is migrated once and copied by each process, and a quick order."""

from __future__ import annotations

import gc
import os
import uuid
from pathlib import Path

import hypothesis
import pytest
from django.db import connection

from clinic.running.management.commands import build_css
from tests import emptying, template_database
from tests.app_role import app_role, as_app_role  # noqa: F401 -- fixtures

emptying.install()
hypothesis.settings.register_profile("untimed", deadline=None)  # the machine may be busy
hypothesis.settings.load_profile("untimed")
HERE = Path(__file__).parent
# What takes long begins early, beside the journeys; begun near the end, it would leave one process at work alone.
LONG = [
    HERE / path
    for path in (
        "bookings/state_machines/test_state_machine.py", "bookings/state_machines/test_messages_state_machine.py",
        "bookings/crash/test_message_crash.py", "project/test_demo.py", "project/test_bench.py", "clinic/running/test_embedded.py", "project/test_urls.py",
        "project/test_seed.py", "content/test_seed.py",
    )
]  # fmt: skip
FIRST_SHARE = 4  # of what would be its part, pytest-xdist gives each process a quarter to begin with


gc.set_threshold(20_000, 20, 20)  # nearly all that is made while modules are loaded stays


def pytest_configure(config):
    """The pages of a fresh clone have no style sheets yet. The processes of pytest-xdist find them built."""
    if not hasattr(config, "workerinput"):
        build_css.write()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix, django_db_blocker):
    with django_db_blocker.unblock():
        connection.settings_dict["TEST"]["TEMPLATE"] = template_database.ensure()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """Journeys first, by two processes if there are three: they wait much. Races last: they empty the tables, and with them what the migrations wrote (roles, content types, the root page)."""
    last = [item for item in items if _empties_the_tables(item)]
    journeys = [item for item in items if HERE / "journeys" in item.path.parents]
    long = [item for item in items if item.path in LONG and item not in last]
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    begun_first = [journeys[0::2], journeys[1::2], long] if workers > 2 else [journeys, long]
    apart = {*last, *journeys, *long}
    others = [item for item in items if item not in apart]
    share = len(items) // (FIRST_SHARE * workers)
    ordered = []
    for group in begun_first:
        room = max(share - len(group), 0)
        ordered += [*group, *others[:room]]
        del others[:room]
    items[:] = [*ordered, *others, *sorted(last, key=lambda item: "crash" not in item.path.parts)]


def pytest_collection_finish():
    """What is loaded by now stays: it need not be looked through for garbage again and again."""
    gc.collect()
    gc.freeze()


def _empties_the_tables(item):
    marker = item.get_closest_marker("django_db")
    is_transactional = marker is not None and marker.kwargs.get("transaction", False)
    return is_transactional or bool({"transactional_db", "live_server"} & set(item.fixturenames))


@pytest.fixture
def cache_of_this_test(settings):
    """A cache of its own, in which no other test has used up tries."""
    place = uuid.uuid4().hex
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": place}}

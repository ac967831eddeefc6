"""What every test run needs: a database that is migrated once and copied by each process, and a quick order."""

from __future__ import annotations

import gc
from pathlib import Path

import hypothesis
import pytest
from django.db import connection

from clinic.running.management.commands import build_css
from tests import emptying, template_database

emptying.install()
hypothesis.settings.register_profile("untimed", deadline=None)  # the machine may be busy
hypothesis.settings.load_profile("untimed")
HERE = Path(__file__).parent
# What takes long goes to the second of two processes at once, while the first is in the browser; begun near the end,
# it would leave one of them without work.
LONG = [
    HERE / path
    for path in (
        "bookings/state_machines/test_state_machine.py", "bookings/state_machines/test_messages_state_machine.py",
        "project/test_demo.py", "project/test_bench.py", "clinic/running/test_embedded.py", "project/test_urls.py",
        "project/test_seed.py", "content/test_seed.py",
    )
]  # fmt: skip
FIRST_SHARE = 8  # of all tests, pytest-xdist gives each of two processes an eighth to begin with


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
    """Races last: they empty the tables, and with them what the migrations wrote (roles, content types, the root page)."""
    last = [item for item in items if _empties_the_tables(item)]
    long = [item for item in items if item.path in LONG and item not in last]
    apart = {*last, *long}
    others = [item for item in items if item not in apart]
    share = len(items) // FIRST_SHARE
    items[:] = [*others[:share], *long, *others[share:], *sorted(last, key=lambda item: "crash" not in item.path.parts)]


def pytest_collection_finish():
    """What is loaded by now stays: it need not be looked through for garbage again and again."""
    gc.collect()
    gc.freeze()


def _empties_the_tables(item):
    marker = item.get_closest_marker("django_db")
    is_transactional = marker is not None and marker.kwargs.get("transaction", False)
    return is_transactional or bool({"transactional_db", "live_server"} & set(item.fixturenames))

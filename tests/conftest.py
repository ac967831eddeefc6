"""What every test run needs: a database that is migrated once and copied by each process."""

from __future__ import annotations

import pytest
from django.db import connection

from tests import template_database


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix, django_db_blocker):
    with django_db_blocker.unblock():
        connection.settings_dict["TEST"]["TEMPLATE"] = template_database.ensure()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """Races last: they empty the tables, and with them what the migrations wrote (roles, content types, the root page)."""
    items.sort(key=_empties_the_tables)


def _empties_the_tables(item):
    marker = item.get_closest_marker("django_db")
    is_transactional = marker is not None and marker.kwargs.get("transaction", False)
    return is_transactional or bool({"transactional_db", "live_server"} & set(item.fixturenames))

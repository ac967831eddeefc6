"""What every test run needs: a database that is migrated once and copied by each process."""

from __future__ import annotations

import pytest
from django.db import connection

from tests import template_database


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix, django_db_blocker):
    with django_db_blocker.unblock():
        connection.settings_dict["TEST"]["TEMPLATE"] = template_database.ensure()

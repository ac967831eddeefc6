from __future__ import annotations

import pytest
from django.core.management import call_command

from tests.factories import content as make


@pytest.fixture(autouse=True)
def _files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def home(db):
    return make.make_site()


@pytest.fixture
def index(db):
    """Search finds what is indexed when a row is committed; tests commit nothing, so they index by hand."""
    return lambda: call_command("update_index", verbosity=0)

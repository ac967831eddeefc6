from __future__ import annotations

import pytest

from tests.factories import content as make


@pytest.fixture(autouse=True)
def _site(db, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    make.make_site()

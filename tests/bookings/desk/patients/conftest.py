from datetime import UTC, datetime

import pytest
import time_machine


@pytest.fixture
def ten_past_nine():
    with time_machine.travel(datetime(2026, 11, 24, 9, 10, tzinfo=UTC), tick=False):
        yield datetime(2026, 11, 24, 9, 10, tzinfo=UTC)

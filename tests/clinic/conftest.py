import pytest

from tests.factories.content import UNINDEXED


@pytest.fixture(autouse=True)
def _no_search_and_no_usage_of_what_is_made(settings):
    settings.TASKS = UNINDEXED

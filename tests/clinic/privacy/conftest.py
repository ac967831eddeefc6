from __future__ import annotations

import pytest
from django.test import Client

from tests.factories.browsers import just_signed_in


@pytest.fixture
def browser():
    """`browser(user)`: signed in, just now or, `fresh=False`, before."""

    def signed_in(user, *, fresh=True):
        if fresh:
            return just_signed_in(user)
        client = Client()
        client.force_login(user)
        return client

    return signed_in

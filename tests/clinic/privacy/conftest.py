from __future__ import annotations

import pytest
from allauth.account.internal.flows.login import record_authentication
from django.test import Client, RequestFactory


@pytest.fixture
def browser():
    """`browser(user)`: signed in, just now or, `fresh=False`, before."""

    def signed_in(user, *, fresh=True):
        client = Client()
        client.force_login(user)
        if fresh:
            request = RequestFactory().get("/")
            request.session = client.session
            record_authentication(request, user, method="code", email=user.email)
            request.session.save()
        return client

    return signed_in

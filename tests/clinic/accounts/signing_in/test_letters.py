"""Codes and notices of accounts go through the outbox: never by SMTP inside a request, sealed while they wait."""

from __future__ import annotations

import socket
import time

import pytest

from tests.factories.clinic import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def patient():
    user = UserFactory(email="sam@example.com")
    user.emailaddress_set.create(email=user.email, verified=True, primary=True)
    return user


@pytest.fixture
def dead_server(settings):
    """A mail server that takes the connection and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = listening.getsockname()
        settings.EMAIL_TIMEOUT = 3
        yield


@pytest.mark.parametrize("address", ["/accounts/login/code/", "/accounts/signup/", "/accounts/password/reset/"])
@pytest.mark.parametrize("email", ["sam@example.com", "stranger@example.com"])
def test_a_dead_mail_server_costs_the_visitor_nothing(client, patient, dead_server, address, email):
    client.get(address)  # templates are read
    began = time.monotonic()
    answer = client.post(address, {"email": email}, follow=True)

    assert answer.status_code == 200
    assert "code" in answer.content.decode().lower()
    assert time.monotonic() - began < 2

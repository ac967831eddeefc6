"""Whoever finds a hole learns whom to tell, and that the answer is not out of date."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from clinic.core import clock
from clinic.core.models import ClinicSettings

pytestmark = pytest.mark.django_db
ADDRESS = "/.well-known/security.txt"


def with_email(email):
    clinic = ClinicSettings.load()
    clinic.email = email
    clinic.save()


def test_it_names_the_clinics_address_and_an_end_within_a_year(client):
    with_email("clinic@example.org")

    answer = client.get(ADDRESS)

    said = dict(line.split(": ", 1) for line in answer.content.decode().splitlines())
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/plain; charset=utf-8")
    assert said["Contact"] == "mailto:clinic@example.org"
    assert said["Canonical"].endswith(ADDRESS)
    assert timedelta(days=90) < datetime.fromisoformat(said["Expires"]) - clock.now() < timedelta(days=365)


def test_without_an_address_there_is_none(client):
    with_email("")

    assert client.get(ADDRESS).status_code == 404

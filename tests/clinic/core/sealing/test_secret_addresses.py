"""Every address of this site that holds a secret is kept out of the log, the record of messages and referrers."""

from __future__ import annotations

import re

import pytest
from django.http import HttpRequest, HttpResponse
from django.urls import get_resolver

from clinic.core.logs import leave_out_people
from clinic.core.sealing.secret_addresses import without_secrets
from clinic.core.web.middleware import NoReferrerForPersonalPages

SECRET = "Ab-_" * 10 + "xyz"


def addresses(patterns=None, prefix="/"):
    """Each address of ours with a secret in it, filled in."""
    for entry in get_resolver().url_patterns if patterns is None else patterns:
        route = prefix + str(entry.pattern)
        if hasattr(entry, "url_patterns"):
            yield from addresses(entry.url_patterns, route)
        elif re.search(r"<(?:\w+:)?(?:token|secret|link)>", route) and "^" not in route:
            yield re.sub(r"<(?:\w+:)?\w+>", SECRET, route)


CLOSED = "/cms/password_reset/"  # no such secret is ever made: `test_login_doors` keeps that door shut
ALL = sorted({address for address in addresses() if not address.startswith(CLOSED)})


def test_there_are_such_addresses():
    assert len(ALL) >= 10
    assert {"visit", "calendar"} <= {address.split("/")[1] for address in ALL}


@pytest.mark.parametrize("address", ALL)
def test_no_log_record_or_referrer_tells_it(address):
    request = HttpRequest()
    request.path = address
    answer = NoReferrerForPersonalPages(lambda _request: HttpResponse())(request)

    assert SECRET not in without_secrets(f"Look at https://clinic.example{address}.")
    assert SECRET not in str(leave_out_people(None, "info", {"event": f"GET {address}", "exception": f"at {address}"}))
    assert answer.headers["Referrer-Policy"] == "no-referrer"

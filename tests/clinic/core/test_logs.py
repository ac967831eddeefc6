"""C2: the log is structured, says of which request or task a line is, and tells of nobody."""

from __future__ import annotations

import io
import json
import logging
import logging.config
from types import SimpleNamespace

import pytest
import structlog
from django.http import HttpResponse
from django.test import RequestFactory

from clinic.celery import say_which_task
from clinic.core import logs
from clinic.core.web.middleware import RequestIds

SECRET = "5ikBiIzDPhPa5Vs3GuL08olaHUPnhj9y1RnpZzB4OJk"
TOLD = (
    f"Internal Server Error: /visit/{SECRET}/ and /api/v1/bookings/{SECRET}/move and /unsubscribe/12.{SECRET}/ "
    "for amara.o'neill+clinic@mail.example.com, +447700900123, 07700 900 123 at 2026-11-24 10:15, reference 4F7K2MXQ"
)


@pytest.fixture
def written():
    """`written(as_json, action)`: the lines that the log has of what `action` does with a logger."""

    def lines(as_json, action):
        stream = io.StringIO()
        configuration = logs.configuration(as_json=as_json)
        handler = logging.StreamHandler(stream)
        made = configuration["formatters"]["line"]
        handler.setFormatter(made["()"](**{name: value for name, value in made.items() if name != "()"}))
        logger = logging.getLogger("bookings.test")
        logger.addHandler(handler)
        try:
            action(logger)
        finally:
            logger.removeHandler(handler)
        return stream.getvalue()

    return lines


def test_a_line_is_json_with_its_time_level_logger_and_request(written):
    """C2"""

    def action(logger):
        with structlog.contextvars.bound_contextvars(request_id="abc12345"):
            logger.warning("No message by %s goes out", "sms")

    line = json.loads(written(True, action))

    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "No message by sms goes out",
        "level": "warning",
        "logger": "bookings.test",
        "request_id": "abc12345",
    }


def test_elsewhere_it_is_read_by_people(written):
    line = written(False, lambda logger: logger.info("Ready"))

    assert "[info" in line
    assert "Ready" in line


def test_what_was_typed_makes_no_line_of_its_own(written):
    typed = 'x\n{"event": "signed in", "level": "info"}\r\x1b[31m'

    lines = written(True, lambda logger: logger.warning("Refused: %s", typed))

    assert lines.count("\n") == 1
    assert "\x1b" not in lines
    assert json.loads(lines)["event"] == f"Refused: {typed}"


def fail():
    raise ValueError(TOLD)


@pytest.mark.parametrize("as_json", [True, False])
def test_it_tells_of_nobody(written, as_json):
    """C2, DP-02: neither in the line nor in a traceback."""

    def action(logger):
        try:
            fail()
        except ValueError:
            logger.exception(TOLD)

    lines = written(as_json, action)

    assert "Traceback" in lines
    assert lines.count("/visit/…") == 2
    for secret in (SECRET, "neill", "mail.example.com", "7700"):
        assert secret not in lines
    assert "2026-11-24 10:15, reference 4F7K2MXQ" in lines


@pytest.mark.parametrize(
    ("given", "proxies", "is_kept"),
    [
        ("proxy-1234", 1, True),
        ("proxy-1234", 0, False),  # a visitor's own
        ("short", 1, False),
        ("a b\n" * 9, 1, False),
        ("x" * 65, 1, False),
        (None, 1, False),
    ],
)
def test_a_request_has_an_id_that_its_lines_and_its_answer_carry(settings, given, proxies, is_kept):
    """C2"""
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    seen = []

    def answer(_request):
        seen.append(structlog.contextvars.get_contextvars()["request_id"])
        return HttpResponse()

    request = RequestFactory().get("/", **({"HTTP_X_REQUEST_ID": given} if given else {}))
    response = RequestIds(answer)(request)

    assert response.headers["X-Request-ID"] == seen[0]
    assert (seen[0] == given) is is_kept
    assert "request_id" not in structlog.contextvars.get_contextvars()


def test_a_line_says_who_by_number_and_nothing_else_that_was_passed_along(written):
    about = {"user": 7, "method": "code", "email": "sam@example.com", "note": "a canary"}

    line = json.loads(written(True, lambda logger: logger.warning("sign-in refused", extra=about)))

    assert (line["event"], line["user"], line["method"]) == ("sign-in refused", 7, "code")
    assert not {"email", "note"} & set(line)


def test_a_task_names_itself():
    """C2"""
    say_which_task(task_id="7", task=SimpleNamespace(name="bookings.tell_staff"))
    try:
        assert structlog.contextvars.get_contextvars() == {"task": "bookings.tell_staff", "task_id": "7"}
    finally:
        structlog.contextvars.clear_contextvars()

from __future__ import annotations

import email
import smtplib
import socket
from email import policy

import pytest
from aiosmtpd.controller import Controller
from django.core.mail import get_connection

from clinic.sending import mail
from clinic.sending.mail import Letter
from clinic.sending.outcomes import ProviderDown, Refused

LETTER = Letter(
    subject="Your visit on Tuesday, Zoë", text="Grüße, Zoë\n" + "long " * 400 + "\n", html="<p>Grüße, Zoë</p>"
)
SMTP = "django.core.mail.backends.smtp.EmailBackend"


class Server:
    """Keeps what it is given; answers what it is told to."""

    def __init__(self):
        self.envelopes, self.answers, self.connections = [], {}, 0

    async def handle_EHLO(self, server, session, envelope, hostname, responses):  # noqa: N802
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        if answer := self.answers.get("RCPT"):
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        if answer := self.answers.get("DATA"):
            return answer
        self.envelopes.append(envelope)
        return "250 OK"


@pytest.fixture
def server(settings):
    handler = Server()
    with socket.create_server(("127.0.0.1", 0)) as free:
        handler.port = free.getsockname()[1]
    controller = Controller(handler, hostname="127.0.0.1", port=handler.port)
    controller.start()
    settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT = SMTP, "127.0.0.1", handler.port
    yield handler
    controller.stop()


def send(**kwargs):
    mail.send(**{"to": "patient@example.com", "letter": LETTER, "message_id": "b7d1", **kwargs})


def test_a_message_arrives_as_it_was_sent(server, settings):
    settings.SITE_URL = "https://clinic.example.com:8443"
    ics = b"BEGIN:VCALENDAR\r\nSUMMARY:Zo\xc3\xab\r\nEND:VCALENDAR\r\n"

    send(reply_to="desk@example.com", attachments=(mail.calendar_part(ics, method="CANCEL"),))

    [envelope] = server.envelopes
    got = email.message_from_bytes(envelope.content, policy=policy.default)
    assert envelope.rcpt_tos == ["patient@example.com"]
    assert got["Subject"] == LETTER.subject
    assert got["Message-ID"] == "<b7d1@clinic.example.com>"
    assert (got["Reply-To"], got["Auto-Submitted"]) == ("desk@example.com", "auto-generated")
    assert got["List-Unsubscribe"] is None
    assert got.get_body(("plain",)).get_content().replace("\r\n", "\n") == LETTER.text
    assert got.get_body(("html",)).get_content().strip() == LETTER.html
    [calendar] = list(got.iter_attachments())
    assert (calendar.get_content_type(), calendar.get_param("method")) == ("text/calendar", "CANCEL")
    assert calendar.get_payload(decode=True) == ics
    assert max(len(line) for line in envelope.content.splitlines()) <= 998


def test_one_connection_carries_many_messages(server):
    connection = get_connection()
    for _ in range(3):
        send(connection=connection)
    mail.close(connection)

    assert (len(server.envelopes), server.connections) == (3, 1)


@pytest.mark.parametrize(
    "to",
    [
        "a@example.com, b@example.com",
        "a@example.com\nBcc: b@example.com",
        "Zoë <a@example.com>",
        "",
        "a@example.com;b@x.com",
    ],
)
def test_only_one_plain_address_is_written_to(server, to):
    with pytest.raises(Refused):
        send(to=to)

    assert server.envelopes == []


@pytest.mark.parametrize(
    "broken",
    [
        {"letter": Letter("Hello\nBcc: b@example.com", "x", "x")},
        {"reply_to": "a@example.com\r\nBcc: b@example.com"},
        {"message_id": "x\r\nBcc: b@example.com"},
    ],
)
def test_a_line_break_in_a_header_is_refused(server, broken):
    with pytest.raises(Refused):
        send(**broken)

    assert server.envelopes == []


@pytest.mark.parametrize(
    ("command", "answer", "error"),
    [
        ("RCPT", "550 No such person", Refused),
        ("RCPT", "450 Mailbox busy", smtplib.SMTPRecipientsRefused),
        ("DATA", "554 Not this", Refused),
        ("DATA", "451 Later", smtplib.SMTPDataError),
    ],
)
def test_what_the_server_answers_tells_never_from_later(server, command, answer, error):
    server.answers[command] = answer

    with pytest.raises(error):
        send()


def test_a_server_that_is_away_is_an_outage(settings):
    settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT = SMTP, "127.0.0.1", 1

    with pytest.raises(ProviderDown):
        send(connection=get_connection())


def test_the_file_backend_makes_its_directory(settings, tmp_path):
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path / "new" / "mail")

    send()

    [file] = (tmp_path / "new" / "mail").iterdir()
    assert "Message-ID: <b7d1@testserver>" in file.read_text()

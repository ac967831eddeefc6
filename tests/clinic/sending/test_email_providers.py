"""E-mail through a provider's HTTP API, against a server of our own."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from anymail.exceptions import AnymailAPIError

from clinic.sending import mail
from clinic.sending.mail import Letter
from clinic.sending.outcomes import ProviderDown, Refused
from clinic.settings import email_providers, environment
from tests.clinic.sending.http_server import provider_server

LETTER = Letter(subject="Your visit", text="Grüße\n", html="<p>Grüße</p>")
ID = "7f9c2ba4-e88f-427d-8e8b-1f0b6f7d2c11"
TAKEN = {
    "brevo": {"messageId": "<b1@brevo>"},
    "mailgun": {"id": "<m1@mailgun>", "message": "Queued."},
    "postmark": {"ErrorCode": 0, "Message": "OK", "MessageID": "p1", "To": "patient@example.com"},
    "resend": {"id": "r1"},
    "sendgrid": {},
}
INACTIVE = (
    "You tried to send to a recipient that has been marked as inactive.\n"
    "Found inactive addresses: patient@example.com.\nInactive recipients are ones that have generated a hard bounce."
)
OWN = {"brevo": "<b1@brevo>", "mailgun": "<m1@mailgun>", "postmark": "p1", "resend": "r1"}


@pytest.fixture
def server(settings):
    with provider_server() as provider:
        yield provider


def use(settings, server, name):
    found = email_providers.parse(f"anymail+{name}://a%2Fkey@clinic.example?api={server.address}/")
    for setting, value in found.items():
        setattr(settings, setting, value)
    settings.SITE_URL = "https://clinic.example"
    server.answer = (200, TAKEN[name], {})


def send():
    ics = mail.calendar_part(b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", method="REQUEST")
    return mail.send(to="patient@example.com", letter=LETTER, message_id=ID, attachments=(ics,))


@pytest.mark.parametrize("name", sorted(email_providers.PROVIDERS))
def test_each_provider_is_asked_once_and_its_id_kept(settings, server, name):
    use(settings, server, name)

    provider_id = send()

    [(_, headers, body)] = server.requests
    assert provider_id == OWN.get(name, provider_id)
    assert provider_id
    assert f"{ID}@clinic.example" in body, "the Message-ID goes along"
    assert "a/key" in str(headers) or name == "mailgun"  # which wants it in Basic
    assert "hello@clinic.example" in body
    assert "patient@example.com" in body


def test_resend_and_postmark_get_a_header_each(settings, server):
    use(settings, server, "resend")
    send()
    use(settings, server, "postmark")
    send()

    (_, resend, _), (_, _, postmark) = server.requests
    assert resend["Idempotency-Key"] == f"{ID}@clinic.example"
    assert {"Name": "X-PM-KeepID", "Value": "true"} in json.loads(postmark)["Headers"]


def test_resend_says_that_it_took_the_message_before(settings, server):
    use(settings, server, "resend")
    server.answer = (409, {"statusCode": 409, "name": "invalid_idempotent_request", "message": "Used."}, {})

    assert send() == ""


@pytest.mark.parametrize("status", [409, 422, 200])
def test_what_is_wrong_with_one_message_stops_no_other(settings, server, status):
    use(settings, server, "resend")
    server.answer = (status, {"name": "validation_error"}, {})

    with pytest.raises(AnymailAPIError):
        send()


@pytest.mark.parametrize(("status", "pause"), [(401, None), (429, timedelta(seconds=9)), (500, None)])
def test_a_provider_that_is_away_may_say_for_how_long(settings, server, status, pause):
    use(settings, server, "brevo")
    server.answer = (status, {}, {"Retry-After": "9"} if pause else {})

    with pytest.raises(ProviderDown) as error:
        send()

    assert error.value.retry_after == pause


def test_a_provider_that_cannot_be_reached_is_away(settings, server):
    use(settings, server, "postmark")
    server.answer = None

    with pytest.raises(ProviderDown):
        send()


def test_an_address_the_provider_suppresses_is_refused(settings, server):
    use(settings, server, "postmark")
    server.answer = (422, {"ErrorCode": 406, "Message": INACTIVE}, {})

    with pytest.raises(Refused):
        send()


def test_a_refusal_in_words_of_their_own_is_not_taken_for_sent(settings, server):
    use(settings, server, "postmark")
    server.answer = (422, {"ErrorCode": 406, "Message": "No."}, {})

    with pytest.raises(RuntimeError):
        send()


def test_what_email_url_says_of_a_provider():
    found = email_providers.parse(
        "anymail+mailgun://key@mg.clinic.example?api=https://api.eu.mailgun.net/v3&signing=s"
        "&_default_from_email=Desk%20%3Cdesk@clinic.example%3E"
    )

    assert found["ANYMAIL"] == {
        "MAILGUN_API_KEY": "key",
        "MAILGUN_SENDER_DOMAIN": "mg.clinic.example",
        "MAILGUN_API_URL": "https://api.eu.mailgun.net/v3",
        "MAILGUN_WEBHOOK_SIGNING_KEY": "s",
    }
    assert found["DEFAULT_FROM_EMAIL"] == "Desk <desk@clinic.example>"
    assert email_providers.parse("smtp://localhost:25") is None


@pytest.mark.parametrize(
    "url",
    [
        "anymail+pigeon://key@a.example",
        "anymail+brevo://",
        "anymail+brevo://secretkey@",
        "anymail+brevo://k@a?signing=x",
    ],
)
def test_an_unusable_email_url_is_named_without_its_key(url):
    with pytest.raises(environment.EnvironmentInvalid, match="EMAIL_URL") as error:
        email_providers.parse(url)

    assert "secretkey" not in str(error.value)


@pytest.mark.parametrize(("secret", "is_right"), [("", False), ("nocolon", False), (":", False), ("a:b", True)])
def test_production_wants_a_webhook_secret_with_a_provider(monkeypatch, secret, is_right):
    for name in environment.NAMES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("EMAIL_URL", "anymail+brevo://key@clinic.example")
    monkeypatch.setenv("ANYMAIL_WEBHOOK_SECRET", secret)

    with pytest.raises(environment.EnvironmentInvalid) as refusal:  # for the other variables too
        environment.require_production_values(environment.read())

    assert ("ANYMAIL_WEBHOOK_SECRET" in str(refusal.value)) != is_right

from __future__ import annotations

import base64
import socket
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs

import pytest

from clinic.sending import sms
from clinic.sending.outcomes import PerhapsSent, ProviderDown, Refused, wait
from clinic.sending.providers import sms as sms_providers
from tests.clinic.sending.http_server import provider_server

KEY = "7f9c2ba4-e88f-427d-8e8b-1f0b6f7d2c11"
TAKEN = {
    "twilio": (201, {"sid": "SM1", "status": "queued"}, {}),
    "vonage": (200, {"message-count": "1", "messages": [{"status": "0", "message-id": "0C01"}]}, {}),
}


@pytest.fixture
def server():
    with provider_server() as provider:
        yield provider


@pytest.fixture
def twilio(server, settings):
    settings.SMS_URL = f"twilio://AC1:t%2Foken@/?from=+447700900999&api={server.address}"
    server.answer = TAKEN["twilio"]
    return server


@pytest.fixture
def vonage(server, settings):
    settings.SMS_URL = f"vonage://key:secret@/?from=Clinic&signature=signed&api={server.address}"
    server.answer = TAKEN["vonage"]
    return server


def send(text="Hello", to="+447700900123"):
    return sms.send(to=to, text=text, key=KEY)


def refusal(status, **said):
    return (200, {"messages": [{"status": status, **said}]}, {})


def test_twilio_is_asked_as_its_api_says_and_its_id_kept(twilio, settings):
    settings.SITE_URL = "https://clinic.example"

    assert send("Hello Zoë & all") == "SM1"

    [(path, headers, body)] = twilio.requests
    assert path == "/2010-04-01/Accounts/AC1/Messages.json"
    assert base64.b64decode(headers["Authorization"].removeprefix("Basic ")) == b"AC1:t/oken"
    assert parse_qs(body) == {
        "To": ["+447700900123"],
        "From": ["+447700900999"],
        "Body": ["Hello Zoë & all"],
        "StatusCallback": [f"https://clinic.example/webhooks/sms/twilio/?message={KEY}"],
    }


def test_a_messaging_service_of_twilio_sends_and_nobody_is_told_to_report_to_a_trial(twilio, settings):
    settings.SMS_URL = settings.SMS_URL.replace("+447700900999", "MG0123")

    send()

    [(_, _, body)] = twilio.requests
    assert set(parse_qs(body)) == {"To", "MessagingServiceSid", "Body"}


def test_vonage_is_asked_as_its_api_says_and_its_id_kept(vonage, settings):
    settings.SITE_URL = "https://clinic.example"

    assert send() == "0C01"
    send("Cześć")

    (path, headers, body), (_, _, unicode) = vonage.requests
    assert path == "/sms/json"
    assert base64.b64decode(headers["Authorization"].removeprefix("Basic ")) == b"key:secret"
    assert parse_qs(body) == {
        "to": ["447700900123"],
        "from": ["Clinic"],
        "text": ["Hello"],
        "client-ref": [KEY],
        "callback": ["https://clinic.example/webhooks/sms/vonage/"],
    }
    assert parse_qs(unicode)["type"] == ["unicode"]


@pytest.mark.parametrize(
    ("answer", "meaning"),
    [
        ((400, {"code": 21211, "message": "The 'To' number is not valid."}, {}), Refused),
        ((400, {"code": 21610, "message": "Unsubscribed."}, {}), Refused),
        ((400, {"code": 21606, "message": "The 'From' number is not yours."}, {}), ProviderDown),
        ((400, b"not json", {}), ProviderDown),
        ((401, {"code": 20003}, {}), ProviderDown),
        ((403, {}, {}), ProviderDown),
        ((404, {"code": 20404}, {}), ProviderDown),
        ((429, {"code": 20429}, {}), ProviderDown),
        ((500, {}, {}), PerhapsSent),
        ((503, {}, {"Retry-After": "5"}), PerhapsSent),
        ((302, {}, {"Location": "/elsewhere"}), PerhapsSent),
        ((201, b"<html>", {}), PerhapsSent),
        ((201, {"sid": None}, {}), PerhapsSent),
        ((201, [1], {}), PerhapsSent),
        ((201, b'{"sid": "SM', {"Content-Length": "500"}), PerhapsSent),
        (None, PerhapsSent),
    ],
)
def test_what_twilio_answers_means(twilio, answer, meaning):
    twilio.answer = answer

    with pytest.raises(meaning) as error:
        send()

    assert "t/oken" not in str(error.value)
    assert len(twilio.requests) == 1


@pytest.mark.parametrize(
    ("answer", "meaning"),
    [
        (refusal("6", **{"error-text": "Unroutable."}), Refused),
        (refusal("7"), Refused),
        (refusal("29"), Refused),
        (refusal("3", **{"error-text": "Invalid value for param: to"}), Refused),
        (refusal("3", **{"error-text": "Invalid value for param: from"}), ProviderDown),
        (refusal("1", **{"error-text": "Throttled"}), ProviderDown),
        (refusal("4"), ProviderDown),
        (refusal("9"), ProviderDown),
        (refusal("5"), PerhapsSent),
        (refusal("99"), PerhapsSent),
        ((200, {"messages": [{"status": "0", "message-id": "a"}, {"status": "1"}]}, {}), PerhapsSent),
        ((200, {"messages": []}, {}), PerhapsSent),
        ((200, {"messages": "none"}, {}), PerhapsSent),
        ((200, {"messages": [{"status": "0"}]}, {}), PerhapsSent),
        ((401, {}, {}), ProviderDown),
        ((429, {}, {}), ProviderDown),
        ((502, {}, {}), PerhapsSent),
        (None, PerhapsSent),
    ],
)
def test_what_vonage_answers_means(vonage, answer, meaning):
    vonage.answer = answer

    with pytest.raises(meaning):
        send()


@pytest.mark.parametrize(("header", "pause"), [("7", timedelta(seconds=7)), ("999999", timedelta(hours=1)), ("", None)])
def test_too_many_requests_say_how_long_to_wait(twilio, header, pause):
    twilio.answer = (429, {}, {"Retry-After": header})

    with pytest.raises(ProviderDown) as error:
        send()

    assert error.value.retry_after == pause


@pytest.mark.parametrize(
    ("header", "pause"),
    [
        ("Mon, 23 Nov 2026 12:00:30 GMT", timedelta(seconds=30)),
        ("Mon, 23 Nov 2026 11:00:00 GMT", timedelta()),
        ("9" * 400, timedelta(hours=1)),
        ("soon", None),
        ("-5", None),
        (None, None),
    ],
)
def test_retry_after_is_seconds_or_a_date(header, pause):
    assert wait(header, datetime(2026, 11, 23, 12, tzinfo=UTC)) == pause


@pytest.mark.parametrize("provider", ["twilio", "vonage"])
def test_without_a_connection_nothing_was_sent(settings, provider):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    settings.SMS_URL = f"{provider}://a:b@/?from=Clinic&api=http://127.0.0.1:{port}"

    with pytest.raises(ProviderDown):
        send()


def test_a_provider_that_says_nothing_is_in_doubt(settings, monkeypatch):
    monkeypatch.setattr(sms_providers, "TIMEOUT", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.SMS_URL = f"twilio://a:b@/?from=Clinic&api=http://127.0.0.1:{silent.getsockname()[1]}"

        with pytest.raises(PerhapsSent):
            send()


@pytest.mark.parametrize(
    "url",
    [
        "twilio:",
        "twilio://a@/?from=Clinic",
        "twilio://a:b@/",
        "vonage://a:b@/?from=Clinic&api=http://provider.example",
        "vonage://a:b@/?from=Clinic&api=ftp://127.0.0.1",
    ],
)
def test_an_unusable_sms_url_is_an_outage_and_no_secret_goes_in_the_open(settings, url):
    settings.SMS_URL = url

    with pytest.raises(ProviderDown, match="SMS_URL"):
        send()

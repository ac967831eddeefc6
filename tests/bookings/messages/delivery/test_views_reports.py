"""What providers report, through the addresses they call."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import uuid
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, quote

import pytest
import time_machine
from django.test import Client

from bookings.messages.delivery.loop import run_once
from bookings.messages.models import Message
from bookings.messages.sender import Sender
from clinic.patients.models import Patient
from tests.clinic.sending.http_server import provider_server
from tests.factories.bookings import AppointmentFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 17, 12, tzinfo=UTC)
STARTED = NOW - timedelta(minutes=5)
State = Message.State
SITE = "https://clinic.example"
TOKEN, SIGNED = "token", "signed"


@pytest.fixture(autouse=True)
def _providers(settings):
    settings.SITE_URL = SITE
    settings.SMS_URL = "twilio://AC1:token@/?from=Clinic"
    settings.EMAIL_PROVIDER = "postmark"
    settings.ANYMAIL = {"WEBHOOK_SECRET": ["reports:secret"], "POSTMARK_SERVER_TOKEN": "key"}
    with time_machine.travel(NOW, tick=False):
        yield


def message(channel="sms", state=State.SENT, **values):
    visit = AppointmentFactory(starts_at=NOW + timedelta(days=7))
    states = {
        State.SENT: {"sent_at": STARTED},
        State.LEASED: {"lease_until": NOW + timedelta(minutes=1), "started_at": STARTED},
        State.UNKNOWN: {"started_at": STARTED, "error": "TimeoutError"},
    }
    return Message.objects.create(
        **{
            "key": f"test:{uuid.uuid4()}",
            "kind": "reminder",
            "channel": channel,
            "appointment": visit,
            "patient": visit.patient,
            "recipient": "somebody",
            "due_at": STARTED,
            "expires_at": NOW + timedelta(days=7),
            "state": state,
        }
        | states.get(state, {})
        | values
    )


def twilio(status, *, sid="SM1", key="", token=TOKEN, signature=None, **fields):
    """As Twilio documents its signature, in other words than ours."""
    fields = {"MessageSid": sid, "MessageStatus": status, "AccountSid": "AC1", **fields}
    path = f"/webhooks/sms/twilio/?message={quote(key)}" if key else "/webhooks/sms/twilio/"
    signed = SITE + path
    for name in sorted(fields):
        signed += name + fields[name]
    made = base64.b64encode(hmac.new(token.encode(), signed.encode(), hashlib.sha1).digest()).decode()
    headers = {"X-Twilio-Signature": made if signature is None else signature}
    return Client(enforce_csrf_checks=True).post(path, fields, headers=headers)


def vonage(status, *, secret=SIGNED, as_json=False, forged=False, **fields):
    fields = {"messageId": "0C01", "status": status, "err-code": "0", "timestamp": "1795000000", **fields}
    signed = "".join(f"&{name}={fields[name].replace('&', '_').replace('=', '_')}" for name in sorted(fields))
    fields["sig"] = hmac.new(secret.encode(), signed.encode(), hashlib.sha256).hexdigest()
    if forged:
        fields["status"] = "failed"
    client = Client(enforce_csrf_checks=True)
    if as_json:
        return client.post("/webhooks/sms/vonage/", json.dumps(fields), content_type="application/json")
    return client.post("/webhooks/sms/vonage/", fields)


def postmark(record="Delivery", *, login="reports:secret", body=None, **fields):
    event = {"RecordType": record, "MessageID": "p1", "Recipient": "somebody@example.com", "Metadata": {}, **fields}
    times = {"Delivery": "DeliveredAt", "Bounce": "BouncedAt"}
    event.setdefault(times.get(record, "ReceivedAt"), "2026-11-17T11:58:00Z")
    return Client(enforce_csrf_checks=True).post(
        "/webhooks/anymail/postmark/tracking/",
        json.dumps(event) if body is None else body,
        content_type="application/json",
        headers={"Authorization": f"Basic {base64.b64encode(login.encode()).decode()}"} if login else {},
    )


def facts(row):
    row.refresh_from_db()
    return row.state, row.delivered_at, row.report


def test_a_text_that_arrived_says_when():
    row = message(provider_id="SM1")

    answer = twilio("delivered")

    assert (answer.status_code, answer.content, bool(answer.cookies)) == (200, b"", False)
    assert facts(row) == (State.SENT, NOW, "delivered")


def test_a_report_again_changes_nothing_and_one_out_of_order_neither():
    row = message(provider_id="SM1")

    twilio("delivered")
    before = facts(row)
    with time_machine.travel(NOW + timedelta(hours=1), tick=False):
        for status in ("delivered", "sent", "queued"):
            assert twilio(status).status_code == 200

    assert facts(row) == before


@pytest.mark.parametrize("state", [State.SENT, State.UNKNOWN, State.LEASED])
def test_a_text_that_never_will_arrive_has_failed_and_says_why(state):
    row = message(state=state, provider_id="SM1")

    twilio("undelivered", ErrorCode="30003")

    assert facts(row) == (State.FAILED, None, "undelivered (Twilio 30003)")
    assert (row.error, row.lease_until) == ("undelivered (Twilio 30003)", None)
    twilio("delivered")
    assert facts(row)[0] == State.FAILED


@pytest.mark.parametrize("state", [State.PLANNED, State.WITHDRAWN, State.EXPIRED])
def test_what_was_not_sent_is_left_alone(state):
    row = message(state=state, provider_id="SM1")

    assert twilio("failed").status_code == 200
    assert facts(row) == (state, None, "")


@pytest.mark.parametrize(("status", "delivered_at"), [("sent", None), ("delivered", NOW)])
def test_a_report_ends_the_doubt_about_a_text_by_our_own_key(status, delivered_at):
    row = message(state=State.UNKNOWN)

    twilio(status, key=str(row.pk))

    assert facts(row) == (State.SENT, delivered_at, status)
    assert (row.sent_at, row.error, row.provider_id) == (STARTED, "", "SM1")


def test_a_text_that_is_only_queued_stays_in_doubt():
    row = message(state=State.UNKNOWN)

    twilio("queued", key=str(row.pk))

    assert facts(row) == (State.UNKNOWN, None, "queued")


def test_a_text_under_a_lease_is_left_to_its_loop():
    row = message(state=State.LEASED)

    twilio("delivered", key=str(row.pk))

    assert facts(row) == (State.LEASED, NOW, "delivered")
    assert row.lease_until


@pytest.mark.parametrize("key", ["", "nonsense", "\x00", "00000000-0000-0000-0000-000000000000"])
def test_messages_that_are_not_ours_are_no_error(key):
    row = message(provider_id="SM2")

    assert twilio("failed", key=key).status_code == 200
    assert twilio("failed", sid="SM\x00", key=key).status_code == 200
    assert facts(row)[0] == State.SENT


def test_an_id_of_the_other_channel_is_another():
    row = message("email", provider_id="SM1")

    twilio("failed")

    assert facts(row)[0] == State.SENT


@pytest.mark.parametrize("wrong", [{"token": "other"}, {"signature": ""}, {"signature": "é"}])
def test_a_forged_report_of_twilio_is_refused(wrong):
    row = message(provider_id="SM1")

    answer = twilio("failed", **wrong)

    assert (answer.status_code, facts(row)[0]) == (403, State.SENT)


def test_a_signature_covers_the_address():
    row = message()
    path = f"/webhooks/sms/twilio/?message={row.pk}"
    signature = base64.b64encode(
        hmac.digest(b"token", f"{SITE}/webhooks/sms/twilio/MessageStatusfailed".encode(), "sha1")
    ).decode()

    answer = Client().post(path, {"MessageStatus": "failed"}, headers={"X-Twilio-Signature": signature})

    assert (answer.status_code, facts(row)[0]) == (403, State.SENT)


@pytest.mark.parametrize("as_json", [False, True])
def test_vonage_reports_by_our_reference(settings, as_json):
    settings.SMS_URL = "vonage://key:secret@/?from=Clinic&signature=signed"
    row, doubtful = message(provider_id="0C01"), message(state=State.UNKNOWN)

    assert vonage("delivered", as_json=as_json, **{"client-ref": str(row.pk), "scts": "a&b=c"}).status_code == 200
    assert vonage("accepted", as_json=as_json, **{"client-ref": str(doubtful.pk)}).status_code == 200

    assert facts(row) == (State.SENT, NOW, "delivered")
    assert facts(doubtful) == (State.SENT, None, "accepted")
    assert vonage("failed", **{"err-code": "4", "client-ref": str(row.pk)}).status_code == 200
    assert facts(row)[::2] == (State.FAILED, "failed (Vonage 4)")


def test_a_second_part_of_a_long_text_does_not_speak_for_it(settings):
    settings.SMS_URL = "vonage://key:secret@/?from=Clinic&signature=signed"
    row = message(provider_id="0C01")

    vonage("failed", messageId="0C02", **{"client-ref": str(row.pk)})

    assert facts(row)[0] == State.SENT


@pytest.mark.parametrize("wrong", [{"secret": "other"}, {"forged": True}, {"forged": True, "as_json": True}])
def test_a_forged_report_of_vonage_is_refused(settings, wrong):
    settings.SMS_URL = "vonage://key:secret@/?from=Clinic&signature=signed"
    row = message(provider_id="0C01")

    assert vonage("delivered", **wrong).status_code == 403
    assert facts(row) == (State.SENT, None, "")


@pytest.mark.parametrize("url", ["vonage://key:secret@/?from=Clinic", "vonage:"])
def test_without_a_signature_secret_no_report_is_believed(settings, url):
    settings.SMS_URL = url

    assert vonage("delivered", secret="").status_code == 403


@pytest.mark.parametrize("body", ["", "[]", "{", '"sig"'])
def test_json_of_another_shape_is_refused(settings, body):
    settings.SMS_URL = "vonage://key:secret@/?from=Clinic&signature=signed"

    answer = Client().post("/webhooks/sms/vonage/", body, content_type="application/json")

    assert answer.status_code == 403


def test_a_provider_that_is_not_ours_has_no_address(settings):
    assert vonage("delivered").status_code == 404
    settings.SMS_URL = "file:/nowhere"
    assert twilio("delivered").status_code == 404
    assert Client().post("/webhooks/anymail/brevo/tracking/").status_code == 404
    assert Client().post("/webhooks/anymail/mandrill/tracking/").status_code == 404
    settings.EMAIL_PROVIDER = ""
    assert postmark().status_code == 404


def test_only_a_report_is_taken():
    assert Client().get("/webhooks/sms/twilio/").status_code == 405
    assert Client().get("/webhooks/anymail/postmark/tracking/").status_code == 405


def test_an_email_that_arrived_says_when():
    row = message("email", provider_id="p1")

    answer = postmark()

    assert (answer.status_code, bool(answer.cookies)) == (200, False)
    assert facts(row) == (State.SENT, datetime(2026, 11, 17, 11, 58, tzinfo=UTC), "delivered")


def test_an_email_that_bounced_has_failed_even_after_it_arrived():
    row = message("email", provider_id="p1")

    postmark()
    postmark("Bounce", Type="HardBounce", Description="No such mailbox.")

    assert facts(row)[::2] == (State.FAILED, "bounced: No such mailbox.")
    assert row.error == "bounced: No such mailbox."
    postmark()
    assert facts(row)[0] == State.FAILED


def test_an_email_is_found_by_our_own_key_too():
    row = message("email")

    postmark(Metadata={"message": str(row.pk)})

    assert facts(row)[2] == "delivered"
    assert row.provider_id == "p1"


def test_a_late_or_unwelcome_email_is_noted_and_who_opens_it_is_not():
    late, unwelcome, opened = (message("email", provider_id=name) for name in ("late", "unwelcome", "opened"))

    postmark("Bounce", Type="Transient", Description="Mailbox full.", MessageID="late")
    postmark("SpamComplaint", Type="SpamComplaint", MessageID="unwelcome", BouncedAt="2026-11-17T11:58:00Z")
    postmark("Open", MessageID="opened")

    assert facts(late) == (State.SENT, None, "deferred: Mailbox full.")
    assert facts(unwelcome)[0] == State.SENT
    assert facts(unwelcome)[2].startswith("complained")
    assert facts(opened) == (State.SENT, None, "")


UNWANTED = [
    ("SpamComplaint", {"Type": "SpamComplaint", "BouncedAt": "2026-11-17T11:58:00Z"}, "complained"),
    ("SubscriptionChange", {"SuppressSending": True, "SuppressionReason": "ManualSuppression"}, "unsubscribed"),
]


def opted_in(patient):
    patient.refresh_from_db()
    return patient.marketing_opted_in_at is not None


@pytest.mark.parametrize(("record", "fields", "words"), UNWANTED)
@pytest.mark.parametrize("kind", ["recall", "reminder"])
def test_who_calls_it_spam_or_stops_it_at_the_provider_is_invited_no_more(record, fields, words, kind):
    row = message("email", kind=kind, provider_id="p1")
    Patient.objects.filter(pk=row.patient_id).update(marketing_opted_in_at=STARTED)
    invitation = message("email", State.PLANNED, kind="recall", patient=row.patient)
    reminder = message("email", State.PLANNED, patient=row.patient)
    other = message("email", provider_id="p2").patient
    Patient.objects.filter(pk=other.pk).update(marketing_opted_in_at=STARTED)
    postmark()

    for _again in range(2):
        assert postmark(record, **fields).status_code == 200

    state, delivered_at, report = facts(row)
    assert (state, bool(delivered_at), report.partition(":")[0]) == (State.SENT, True, words)
    assert not opted_in(row.patient)
    assert facts(invitation)[0] == State.WITHDRAWN
    assert facts(reminder)[0] == State.PLANNED
    assert opted_in(other)


def test_a_complaint_about_one_that_bounced_counts_too():
    row = message("email", State.FAILED, provider_id="p1")
    Patient.objects.filter(pk=row.patient_id).update(marketing_opted_in_at=STARTED)

    postmark("SpamComplaint", Type="SpamComplaint", BouncedAt="2026-11-17T11:58:00Z")

    assert not opted_in(row.patient)
    assert facts(row) == (State.FAILED, None, "")


def test_a_complaint_of_staff_or_about_nothing_of_ours_changes_nothing():
    row = message("email", kind="staff_notice", patient=None, provider_id="p1")

    for one in ("p1", "unheard-of"):
        assert postmark("SpamComplaint", MessageID=one, BouncedAt="2026-11-17T11:58:00Z").status_code == 200

    assert facts(row)[2].startswith("complained")


def test_a_forged_complaint_withdraws_nothing():
    row = message("email", provider_id="p1")
    Patient.objects.filter(pk=row.patient_id).update(marketing_opted_in_at=STARTED)

    assert postmark("SpamComplaint", login="reports:wrong").status_code == 403
    assert opted_in(row.patient)


@pytest.mark.parametrize("login", ["", "reports:wrong", "secret:reports"])
def test_an_email_report_without_our_secret_is_refused(login):
    row = message("email", provider_id="p1")

    assert postmark(login=login).status_code == 403
    assert facts(row)[2] == ""


def test_without_a_secret_of_our_own_nobody_is_believed(settings):
    settings.ANYMAIL = {"WEBHOOK_SECRET": []}

    assert postmark().status_code == 403


@pytest.mark.parametrize("body", ["", "{", "[]", "null", "3"])
def test_an_email_report_of_another_shape_is_said_to_be_one(body):
    assert postmark(body=body).status_code == 400


def test_an_id_with_a_nul_finds_nothing():
    assert postmark(MessageID="p\x001").status_code == 200


def test_a_text_goes_out_and_its_report_finds_it(settings):
    row = message(state=State.PLANNED, due_at=NOW)
    row.patient.phone, row.patient.contact_by = "+447700900123", "both"
    row.patient.save()
    with provider_server() as provider:
        settings.SMS_URL = f"twilio://AC1:token@/?from=Clinic&api={provider.address}"
        provider.answer = (201, {"sid": "SM77"}, {})
        with Sender() as send:
            run_once(now=NOW, send=send)

    assert facts(row)[0] == State.SENT, row.error
    assert row.provider_id == "SM77"
    assert parse_qs(provider.requests[0][2])["StatusCallback"] == [f"{SITE}/webhooks/sms/twilio/?message={row.pk}"]
    assert twilio("delivered", sid="SM77", key=str(row.pk)).status_code == 200
    assert facts(row) == (State.SENT, NOW, "delivered")

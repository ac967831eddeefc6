"""The whole road to providers that misbehave: what goes out, what waits, what is left to a person."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.utils import timezone

from benchmarks import provider
from benchmarks.crash import settings as crash_settings
from bookings.messages.delivery import loop as delivery
from bookings.messages.models import Message
from bookings.messages.planning.rows import row_of
from bookings.messages.sender import Sender
from tests.factories.bookings import AppointmentFactory
from tests.factories.clinic import PatientFactory

pytestmark = pytest.mark.django_db
LOCAL = ip_address("127.0.0.1")


@pytest.fixture
def planned():
    """A confirmation by e-mail and a new time by text, due now."""
    now = timezone.now()
    visit = AppointmentFactory(starts_at=now + timedelta(days=9), patient=PatientFactory(contact_by="both"))
    rows = [row_of(visit, kind, channel, kind, now) for kind, channel in (("confirmation", "email"), ("moved", "sms"))]
    return Message.objects.bulk_create(rows)


@pytest.fixture
def go(settings, monkeypatch):
    """Send what is due at this provider; gives the state of e-mail and text."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_TIMEOUT = "127.0.0.1", 1
    monkeypatch.setattr(crash_settings, "PATIENCE", 1)

    def run(double, after=timedelta()):
        settings.EMAIL_PORT = double.smtp_port
        settings.SMS_URL = double.environment["SMS_URL"]
        now = timezone.now() + after
        with Sender() as send:
            delivery.run_once(now=now, send=send)
        return tuple(Message.objects.order_by("channel").values_list("state", flat=True))

    return run


def accepted(double):
    return sum(double.accepted("email").values()), sum(double.accepted("sms").values())


def test_a_good_or_slow_one_takes_each_once(planned, go, tmp_path):
    with provider.running(tmp_path, ["slow"], of=1) as double:
        assert go(double) == ("sent", "sent")
        assert go(double, timedelta(hours=2)) == ("sent", "sent")
        assert accepted(double) == (1, 1)


@pytest.mark.parametrize("fault", provider.CLEAN[:2])
def test_at_one_that_refuses_for_now_both_wait_and_go_out_later(planned, go, tmp_path, fault):
    (tmp_path / "bad").mkdir()
    with provider.running(tmp_path / "bad", [fault], of=1) as double:
        assert go(double) == ("planned", "planned")
        assert accepted(double) == (0, 0)
    with provider.running(tmp_path) as double:
        assert go(double, timedelta(hours=2)) == ("sent", "sent")
        assert accepted(double) == (1, 1)


@pytest.mark.parametrize("fault", provider.DOUBTFUL)
def test_what_was_accepted_without_an_answer_is_repeated_by_email_and_never_by_text(planned, go, tmp_path, fault):
    with provider.running(tmp_path, [fault], of=1) as double:
        assert go(double) == ("planned", "unknown")
        go(double, timedelta(hours=2))

        [(_key, mails)] = double.accepted("email").items()
        [(_key, texts)] = double.accepted("sms").items()
        assert (mails, texts) == (2, 1)


def test_an_idempotent_one_knows_the_repeated_email_by_its_message_id(planned, go, tmp_path):
    with provider.running(tmp_path, ["die"], of=1, is_idempotent=True) as double:
        go(double)
        go(double, timedelta(hours=2))

        assert double.log.read_text().count("email") == 2
        assert accepted(double) == (1, 1)


def test_at_none_at_all_both_wait(planned, go, tmp_path):
    with provider.running(tmp_path) as double:
        pass

    assert go(double) == ("planned", "planned")


@pytest.fixture
def tls(settings, monkeypatch):
    """Let mail go within TLS, and trust the certificate that is made here for so many days."""

    def make(path, days):
        certificate = make_certificate(path / "tls.pem", timezone.now() + timedelta(days=days))
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        settings.EMAIL_USE_SSL = True
        return certificate

    return make


@pytest.mark.parametrize(("days", "state"), [(9, "sent"), (-1, "planned")])
@pytest.mark.usefixtures("planned")
def test_a_certificate_that_has_expired_holds_mail_up_and_loses_none(go, tls, tmp_path, days, state):
    with provider.running(tmp_path, certificate=tls(tmp_path, days)) as double:
        assert go(double)[0] == state
        assert accepted(double)[0] == (state == "sent")
    assert ("certificate has expired" in Message.objects.get(channel="email").error) == (state == "planned")


def make_certificate(path, until):
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(until)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(LOCAL)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(secret + made.public_bytes(pem))
    return path

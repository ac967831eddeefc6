"""Letters of accounts in the outbox: sealed while they wait, gone when they are sent, too late or given up."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

from bookings.messages.delivery.loop import run_once
from bookings.messages.delivery.queue import settle
from bookings.messages.delivery.queue_numbers import numbers
from bookings.messages.models import Message
from bookings.messages.planning import account_letters
from bookings.messages.sender import Sender
from clinic.core import clock
from clinic.core.sealing import keyring
from clinic.sending.mail import Letter
from clinic.sending.outcomes import ProviderDown, Refused
from clinic.sending.post import post
from tests.factories.clinic import StaffFactory

pytestmark = pytest.mark.django_db
CODE = "BCDF-GHJK"
LETTER = Letter(subject="Your sign-in code", text=f"Type {CODE}.\n", html=f"<p>{CODE}</p>")
TEN_MINUTES = timedelta(minutes=10)


@pytest.fixture
def waiting():
    post(LETTER, to="sam@example.com", now=clock.now(), useful_for=TEN_MINUTES)
    return Message.objects.get()


def everything_stored():
    """Every column of every message as the database has it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT message::text FROM bookings_message AS message")
        return "\n".join(text for (text,) in cursor.fetchall())


def failing(error):
    def send(_message, _now):
        raise error

    return send


def test_it_is_sealed_while_it_waits_and_says_nothing_of_itself(waiting):
    assert CODE not in everything_stored()
    assert keyring.key_of(waiting.body) == "demo"
    assert CODE not in f"{waiting!r} {waiting} {LETTER!r}"
    assert (waiting.key, waiting.kind) == (f"account:{waiting.pk}", "account")
    assert waiting.expires_at - waiting.due_at == TEN_MINUTES


def test_it_goes_out_at_once_and_its_words_are_gone(waiting, mailoutbox):
    with Sender() as send:
        run_once(now=clock.now(), send=send)

    (mail,) = mailoutbox
    assert (mail.to, mail.subject, mail.body) == (["sam@example.com"], LETTER.subject, LETTER.text)
    assert mail.extra_headers["Message-ID"].startswith(f"<{waiting.pk}@")
    waiting.refresh_from_db()
    assert (waiting.state, waiting.body) == (Message.State.SENT, "")


def test_a_dead_provider_keeps_it_and_is_seen(waiting):
    later = clock.now() + timedelta(minutes=3)
    run_once(now=later, send=failing(ProviderDown("no answer")))

    waiting.refresh_from_db()
    assert waiting.state == Message.State.PLANNED
    assert keyring.key_of(waiting.body) == "demo"
    assert numbers(later).overdue >= timedelta(minutes=3)  # what /readyz answers 503 for


@pytest.mark.parametrize("how", ["refused", "too late", "given up"])
def test_whatever_ends_it_its_words_are_gone(waiting, how):
    if how == "refused":
        run_once(now=clock.now(), send=failing(Refused("no such mailbox")))
    elif how == "too late":
        settle(clock.now() + TEN_MINUTES)
    else:
        run_once(now=clock.now() + TEN_MINUTES - timedelta(seconds=30), send=failing(RuntimeError("odd")))

    waiting.refresh_from_db()
    assert (waiting.state, waiting.body) == ("expired" if how == "too late" else "failed", "")
    assert numbers(clock.now()).to_check == 0


@pytest.mark.parametrize("state", ["sent", "failed", "expired", "withdrawn", "unknown"])
def test_message_of_an_account_keeps_no_words(waiting, state):
    with pytest.raises(IntegrityError, match="message_of_an_account_keeps_no_words"), transaction.atomic():
        Message.objects.filter(pk=waiting.pk).update(state=state, sent_at=clock.now())


def test_no_page_of_staff_shows_it(client, waiting):
    client.force_login(StaffFactory(role="owner"))
    lists = [client.get("/diary/messages/", {"tab": tab}) for tab in ("sent", "planned", "check")]

    assert all(answer.status_code == 200 for answer in lists)
    assert not [answer for answer in lists if "sam@example.com" in answer.content.decode()]
    assert client.get(f"/diary/messages/{waiting.pk}/").status_code == 404


def test_a_new_key_seals_what_waits(waiting, settings, mailoutbox):
    settings.FIELD_KEYS = {"newer": b"n" * 32, **settings.FIELD_KEYS}
    call_command("rotate_field_keys", verbosity=0)

    waiting.refresh_from_db()
    assert keyring.key_of(waiting.body) == "newer"
    with Sender() as send:
        run_once(now=clock.now(), send=send)
    assert CODE in mailoutbox[0].body


def test_what_went_long_ago_is_forgotten(waiting):
    soon, later = clock.now() + timedelta(days=6), clock.now() + timedelta(days=8)

    assert account_letters.forget_old(soon) == 0
    assert account_letters.forget_old(later) == 1
    assert not Message.objects.exists()

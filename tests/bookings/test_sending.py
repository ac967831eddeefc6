"""More than a batch is due: several lines share it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail

from bookings.domain.delivery import Outcome
from bookings.models import Message
from bookings.sending import BATCH, send_due
from tests.factories.bookings import AppointmentFactory

NOW = datetime(2026, 11, 17, 12, tzinfo=UTC)
VISIT = datetime(2026, 11, 24, 10, 15, tzinfo=UTC)
pytestmark = pytest.mark.django_db(transaction=True)


def due(number):
    visit = AppointmentFactory(starts_at=VISIT)
    return Message.objects.bulk_create(
        Message(
            key=f"many:{index}",
            kind="confirmation",
            channel="email",
            appointment=visit,
            appointment_version=1,
            patient=visit.patient,
            recipient="x@example.com",
            due_at=NOW - timedelta(seconds=index),
            expires_at=VISIT,
        )
        for index in range(number)
    )


@pytest.mark.race
def test_each_goes_out_once_whichever_line_takes_it():
    messages = due(BATCH + 60)

    counts = send_due(clock=lambda: NOW, lines=3)

    assert counts == {Outcome.SENT: BATCH + 60}
    sent = [letter.extra_headers["Message-ID"] for letter in mail.outbox]
    assert sorted(sent) == sorted(f"<{message.pk}@testserver>" for message in messages)
    assert set(Message.objects.values_list("state", "attempts")) == {("sent", 1)}


def test_told_to_stop_after_the_first_batch_the_rest_stays_planned():
    due(BATCH + 60)
    asked = iter([False] * BATCH)

    send_due(clock=lambda: NOW, lines=3, should_stop=lambda: next(asked, True))

    assert Message.objects.filter(state="planned").count() == 60
    assert Message.objects.filter(state="sent").count() == BATCH

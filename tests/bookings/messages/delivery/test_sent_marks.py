"""What is written down of a message just after it went out, when its reader was erased meanwhile."""

from datetime import timedelta

import pytest
import time_machine

from bookings.messages.delivery.sent_marks import Marks
from bookings.messages.models import Message
from clinic.privacy import erasure
from clinic.privacy.people import person_of
from clinic.sending.outcomes import Sent
from tests.bookings.moments import NOW
from tests.clinic.privacy.someone import someone

pytestmark = pytest.mark.django_db


def test_the_words_of_a_message_on_its_way_do_not_outlive_its_reader(settings, tmp_path):
    settings.ERASURES_FILE = tmp_path / "erasures.jsonl"
    patient, account = someone("canary", is_seen=True)
    message = Message.objects.create(
        key="on-its-way",
        kind="follow_up",
        channel="email",
        patient=patient,
        recipient=patient.email,
        state="leased",
        lease_until=NOW + timedelta(minutes=2),
        started_at=NOW,
        due_at=NOW,
        expires_at=NOW + timedelta(days=1),
    )
    marks = Marks()
    marks.sent(message, Sent(subject="canary subject", text="Dear canary", provider_id="p1"), NOW)
    with time_machine.travel(NOW, tick=False):
        erasure.erase(person_of(patient=patient, account=account), now=NOW, by=None)
    marks.flush()

    message.refresh_from_db()
    assert (message.state, message.recipient, message.subject, message.body) == ("sent", "erased", "", "")

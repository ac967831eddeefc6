"""What is planned for those who wait, once for each delay, and taken back."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connections

from bookings.desk.late.telling import take_back, tell
from bookings.engine.changes import move
from bookings.messages.delivery.loop import run_once
from bookings.messages.models import Message
from bookings.messages.planning.lateness import HELD
from bookings.visits.models import Appointment
from bookings.visits.models.statuses import Status
from bookings.visits.refusals import IllegalMove
from clinic.sending.outcomes import Sent
from tests.bookings.desk.late.conftest import NOW
from tests.bookings.moments import at

pytestmark = pytest.mark.django_db
SHOWN = at(17, 12)


def sent_at(now):
    told = []
    run_once(now=now, send=lambda message, _now: told.append(message) or Sent(subject="", text="late"))
    return told


@pytest.fixture
def ada(over, come):
    """Her visit of 17:00 starts at 17:12."""
    return come("Rowan Hale", "Ada Lane")[1]


def tell_ada(nurse, ada, now=NOW, about=SHOWN):
    return tell(practitioner=nurse.pk, wanted={ada.reference: about}, now=now)


def test_it_is_held_for_a_minute_and_then_sent(nurse, ada):
    (message,) = tell_ada(nurse, ada)

    assert (message.kind, message.channel, message.due_at) == ("late", "sms", NOW + HELD)
    assert sent_at(NOW) == []
    assert sent_at(NOW + HELD) == [message]


def test_twice_is_the_same_message(nurse, ada):
    assert tell_ada(nurse, ada) == tell_ada(nurse, ada, NOW + timedelta(seconds=20))
    assert Message.objects.filter(kind="late").count() == 1


def test_a_longer_delay_is_told_again(nurse, ada):
    tell_ada(nurse, ada)
    sent_at(NOW + HELD)

    tell_ada(nurse, ada, at(16, 52), about=at(17, 22))

    assert [m.expires_at for m in Message.objects.filter(kind="late").order_by("due_at")] == [at(17, 12), at(17, 22)]


@pytest.mark.parametrize("about", [at(17, 5), at(17, 20)])
def test_what_was_shown_long_ago_is_not_said(nurse, ada, about):
    with pytest.raises(IllegalMove, match="changed meanwhile"):
        tell_ada(nurse, ada, about=about)
    assert not Message.objects.filter(kind="late").exists()


def test_nothing_is_said_to_some_if_it_is_not_so_for_all(nurse, over, come):
    first, second = come("Rowan Hale", "Ada Lane")
    Appointment.objects.filter(pk=second.pk).update(status=Status.ARRIVED, arrived_at=NOW)
    with pytest.raises(IllegalMove, match="changed meanwhile"):
        tell(practitioner=nurse.pk, wanted={first.reference: at(16, 42), second.reference: at(17, 12)}, now=NOW)
    assert not Message.objects.filter(kind="late").exists()


def test_undone_it_is_not_sent_and_can_be_sent_again(nurse, ada):
    told = tell_ada(nurse, ada)

    assert take_back([message.pk for message in told]) == []
    assert sent_at(NOW + HELD) == []

    later = NOW + timedelta(minutes=2)
    tell_ada(nurse, ada, later)
    assert len(sent_at(later + HELD)) == 1


def test_what_has_gone_stays(nurse, ada):
    told = tell_ada(nurse, ada)
    sent_at(NOW + HELD)

    assert take_back([message.pk for message in told]) == told


def test_a_visit_that_is_moved_takes_the_news_along(nurse, ada):
    tell_ada(nurse, ada)

    move(appointment=ada, starts_at=at(10, day=3), now=NOW, by_staff=True)

    assert [m.kind for m in sent_at(NOW + HELD)] == []


@pytest.mark.django_db(transaction=True)
def test_two_taps_at_once_are_one_message(nurse, ada):
    def tap(_):
        try:
            return tell_ada(nurse, ada)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(tap, range(4)))

    assert len({message.pk for (message,) in found}) == 1
    assert Message.objects.filter(kind="late").count() == 1

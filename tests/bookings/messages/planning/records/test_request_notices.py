"""Owners are told of an open request about data from day 14 and from day 28 on, once each, without saying whose it is."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.core import mail

from bookings import tasks
from bookings.messages.delivery.loop import run_once
from bookings.messages.models import Message
from bookings.messages.planning.records import request_notices
from bookings.messages.sender import Sender
from clinic.core import clock
from clinic.privacy import requests
from tests.bookings.moments import NOW
from tests.factories.clinic import PatientFactory, StaffFactory

pytestmark = pytest.mark.django_db
ANSWER_BY, ACKNOWLEDGE_BY = "1 April 2027", "31 March 2027"


@pytest.fixture
def owner():
    StaffFactory(role="desk")
    return StaffFactory(role="owner", email="owner@example.com")


def taken_in(kind="access", **values):
    who = PatientFactory(full_name="Zephyrine Quill", email="zephyrine@example.com")
    known = {"channel": "letter", "patient": who, "words": "Zephyrine", "received_on": clock.today(NOW), "now": NOW}
    return requests.take_in(kind, **known | values)


def told(*days):
    """The letters to owners, by the day after receipt on which each went: the loop looks twice a day."""
    found, before = [], len(mail.outbox)
    for day in days:
        for hour in (1, 9):
            with time_machine.travel(NOW + timedelta(days=day, hours=hour), tick=False):
                tasks.tell_staff()
                tasks.send_due_messages()
            sent = [letter for letter in mail.outbox[before:] if letter.to == ["owner@example.com"]]
            found += [(day, letter) for letter in sent[len(found) :]]
    return found


def test_they_are_told_twice_and_of_nobody(owner):
    made = taken_in()

    letters = told(13, 14, 15, 27, 28, 29, 40)

    assert [day for day, _ in letters] == [14, 28]
    for _, letter in letters:
        assert letter.subject == f"To be answered by {ANSWER_BY}: a request about data"
        assert "ephyrine" not in str(letter.message())
        assert f"/diary/requests/{made.reference}/" in letter.body
    assert {one.to[0] for one in mail.outbox} == {"owner@example.com"}


def test_who_was_away_on_the_day_tells_it_later_and_once(owner):
    taken_in()

    assert [day for day, _ in told(33, 34)] == [33]


@pytest.mark.parametrize("end", [requests.withdraw, requests.ask_identity])
def test_nothing_is_told_of_one_that_is_closed_or_waits_for_proof(owner, end):
    made = taken_in()
    with time_machine.travel(NOW + timedelta(days=14), tick=False):
        tasks.tell_staff()
        end(made, by=owner, now=clock.now())

    assert told(14, 28) == []
    notice = Message.objects.get(kind="staff_notice")
    assert (notice.state, request_notices.why_untrue(notice) != "") == ("withdrawn", True)


def test_the_days_of_waiting_for_proof_do_not_count(owner):
    made = taken_in()
    requests.ask_identity(made, by=owner, now=NOW + timedelta(days=1))
    requests.prove_identity(made, by=owner, now=NOW + timedelta(days=11))

    assert [day for day, _ in told(14, 23, 24, 37, 38)] == [24, 38]


def test_a_longer_time_has_letters_of_its_own(owner):
    made = taken_in()
    told(14)
    until = clock.today(NOW) + timedelta(days=80)
    requests.extend(made, until=until, reason="Much.", by=owner, now=NOW + timedelta(days=20))

    assert [day for day, _ in told(28, 62, 63, 76, 77, 80)] == [63, 77]


def test_a_complaint_is_told_by_the_day_on_which_it_is_acknowledged(owner):
    made = taken_in("complaint")

    letters = told(14, 20)
    requests.acknowledge(made, by=owner, now=NOW + timedelta(days=20))
    later = told(21, 28)

    assert [letter.subject for _, letter in letters] == [
        f"To be acknowledged by {ACKNOWLEDGE_BY}: a request about data"
    ]
    assert [(day, letter.subject) for day, letter in later] == [
        (28, f"To be answered by {ANSWER_BY}: a request about data")
    ]


def test_a_loop_that_is_killed_before_it_sends_tells_it_once(owner):
    taken_in()
    now = NOW + timedelta(days=14)
    request_notices.plan_due(now)  # and is killed
    request_notices.plan_due(now)
    with Sender() as send:
        run_once(now=now, send=send)
        run_once(now=now, send=send)
    request_notices.plan_due(now + timedelta(days=1))

    assert Message.objects.filter(kind="staff_notice").count() == 1
    assert len([one for one in mail.outbox if one.to == ["owner@example.com"]]) == 1

"""P4: at any notice what a patient and a nurse are told is so at that moment."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta

import pytest
import time_machine
from django.core import mail
from django.test import Client, override_settings
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from bookings.engine.booking import book
from bookings.engine.eligibility import PatientDetails
from bookings.messages.delivery.loop import run_once
from bookings.messages.models import Message
from bookings.messages.planning import staff_notices
from bookings.messages.sender import Sender
from bookings.visits.models import Appointment
from bookings.visits.models.statuses import Status
from clinic.core import clock
from clinic.core.formats import full_time
from clinic.core.models import ClinicSettings
from tests.bookings.online.flow import book as book_online
from tests.bookings.online.flow import hidden, small_clinic, text
from tests.factories.content import UNINDEXED

NOW = datetime(2026, 11, 24, 16, 48, tzinfo=UTC)  # a Tuesday
A_DAY = timedelta(days=1)  # the change window
DEADLINE = re.compile(r"(?:until|Until) (?:<strong>)?(\w+ \d+ \w+, [\w:]+)")
WHO = PatientDetails("Sam Lee", "sam@example.com", "+447700900123", date(1988, 3, 27))


@override_settings(TASKS=UNINDEXED)
@time_machine.travel(NOW, tick=False)
class TestAnyNotice(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.place = small_clinic()
        ClinicSettings.objects.update_or_create(defaults={"email": "desk@example.com", "phone": "+441632960123"})

    @settings(max_examples=40)
    @given(minutes=st.integers(1, 72 * 60).filter(lambda minutes: minutes != 24 * 60))
    @example(minutes=17 * 60 + 42)  # as it was found: tomorrow at 10:30
    @example(minutes=24 * 60 - 1)
    @example(minutes=24 * 60 + 1)
    @example(minutes=48 * 60 + 1)
    def test_it_is_true(self, minutes):
        """P4, P1: pages, e-mail, interface, reminders, and what the nurse hears the same evening."""
        visit = book(
            treatment=self.place.peel,
            practitioner=self.place.aisha,
            starts_at=NOW + timedelta(minutes=minutes),
            details=WHO,
            now=NOW,
            by_staff=True,
        )
        until = full_time(visit.starts_at - A_DAY) if minutes >= 24 * 60 else None
        self.see(visit, until)
        self.read(visit, until)
        self.expect_reminders(visit)
        self.expect_no_chase(visit)
        self.say_that_they_cannot_come(visit)

    def see(self, visit, until):
        client = Client()
        client.get(f"/visit/{visit.link_token}/")
        page = text(client.get(f"/visit/{visit.reference}/"))
        assert DEADLINE.findall(page) == ([until] if until else [])
        assert (f"/visit/{visit.reference}/move/" in page) is (until is not None)
        said = client.get(f"/api/v1/bookings/{visit.link_token}").json()["changes_until"]
        assert said == ((visit.starts_at - A_DAY).isoformat() if until else None)

    def read(self, visit, until):
        with Sender() as send:
            run_once(now=NOW, send=send)
        letter = mail.outbox[-1]
        assert letter.subject.startswith("Your visit on")
        for part in (letter.body, letter.alternatives[0].content):
            assert DEADLINE.findall(" ".join(part.split())) == ([until] if until else [])

    def expect_reminders(self, visit):
        for reminder in visit.messages.filter(kind="reminder"):
            assert NOW < reminder.due_at < visit.starts_at

    def expect_no_chase(self, visit):
        """Twelve minutes later it is five o'clock. Nobody was asked, so nobody has failed to answer."""
        five = datetime.combine(clock.today(NOW), time(17), tzinfo=clock.LONDON)
        assert staff_notices.plan_unconfirmed(five) == []
        assert not Message.objects.filter(key__contains="unconfirmed").exists()

    def say_that_they_cannot_come(self, visit):
        client = Client()
        client.get(f"/visit/{visit.link_token}/")
        page = client.get(f"/visit/{visit.reference}/cancel/")
        client.post(f"/visit/{visit.reference}/cancel/", hidden(page))
        found = Appointment.objects.get(pk=visit.pk)
        assert (found.status, found.was_cancelled_late) == (Status.CANCELLED, visit.starts_at - NOW < A_DAY)


@pytest.mark.django_db
@pytest.mark.parametrize(("now", "is_reminded"), [("2026-11-23T07:30:00Z", True), ("2026-11-24T06:00:00Z", False)])
def test_the_last_page_promises_a_reminder_only_if_there_is_one(client, time_machine, now, is_reminded):
    """P4: the visit is on Tuesday 24 November, 10:15."""
    time_machine.move_to(now, tick=False)
    small_clinic()
    book_online(client)
    page = text(client.get("/book/done/"))

    assert ("We remind you before your visit." in page) is is_reminded
    assert ("until Monday 23 November, 10:15am" in page) is is_reminded
    assert ("you can tell us online until your visit begins. It is too close" in page) is not is_reminded

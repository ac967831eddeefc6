"""Several visits booked at once: staff get one notice, the patient a confirmation and calendar entry of each."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail

from bookings.engine import changes
from bookings.engine.eligibility import PatientDetails
from bookings.engine.idempotency import Idempotency
from bookings.engine.series.together import book_series
from bookings.messages.delivery.loop import run_once
from bookings.messages.models import Message
from bookings.messages.sender import Sender
from bookings.timetable.models import TimeOff
from bookings.timetable.ranges import span
from clinic.core.models import ClinicSettings
from tests.factories.bookings import LocationFactory, working_week
from tests.factories.clinic import PractitionerFactory, StaffFactory, TreatmentFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 17, 12, tzinfo=UTC)
VISIT = datetime(2026, 11, 24, 10, 15, tzinfo=UTC)  # a Tuesday
STARTS = [VISIT + timedelta(days=7 * week) for week in range(3)]


@pytest.fixture
def clinic():
    clinic = ClinicSettings.load()
    clinic.email = "desk@example.com"
    clinic.save()
    return clinic


@pytest.fixture
def place(clinic):
    location, peel = LocationFactory(), TreatmentFactory(name="Gentle peel")
    nurse = PractitionerFactory(offers=[peel], user=StaffFactory(email="nurse@example.com"))
    other = PractitionerFactory(offers=[peel])
    for one in (nurse, other):
        working_week(one, location)
    return peel, nurse, other


def book(place, starts=None, *, who=None, **values):
    details = PatientDetails("Sam Lee", "sam@example.com", "+447700900123", NOW.date().replace(year=1990))
    starts = STARTS if starts is None else starts
    return book_series(treatment=place[0], practitioner=who, starts=starts, details=details, now=NOW, **values)


def notices():
    return list(Message.objects.filter(kind="staff_notice").order_by("recipient"))


def letters(now=NOW):
    with Sender() as send:
        run_once(now=now, send=send)
    return [one for one in mail.outbox if one.to[0] in {"nurse@example.com", "desk@example.com"}]


def test_one_letter_tells_of_all_and_names_nobody(place):
    visits = book(place, who=place[1])

    [letter] = letters()
    everything = letter.subject + letter.body + letter.alternatives[0].content
    assert letter.subject == "Booked online: 3 visits"
    for visit, day in zip(visits, ("24 November", "1 December", "8 December"), strict=True):
        assert f"Tuesday {day}, 10:15am, reference {visit.reference}" in letter.body
        assert visit.link_token not in everything
    assert f"/diary/visits/{visits[0].reference}/" in everything
    assert not any(secret in everything for secret in ("Sam", "Lee", "sam@", "peel", "07700", "£"))
    assert Message.objects.filter(kind="confirmation", state="sent").count() == 3


def test_one_visit_alone_is_told_as_ever(place):
    [visit] = book(place, STARTS[:1], who=place[1])

    [letter] = letters()
    assert letter.subject == "Booked online: Tuesday 24 November, 10:15am"
    assert notices()[0].appointment == visit


def test_what_staff_book_is_not_told(place):
    book(place, who=place[1], by_staff=True)

    assert notices() == []


def test_each_who_is_told_hears_of_her_own(place, clinic):
    clinic.email = "desk@example.com"
    clinic.save()
    nurse, other = place[1:]
    for practitioner, start in ((nurse, STARTS[1]), (nurse, STARTS[2]), (other, STARTS[0])):
        TimeOff.objects.create(practitioner=practitioner, during=span(start, start + timedelta(hours=1)))
    visits = book(place)
    hers = [visit for visit in visits if visit.practitioner == nurse]
    assert hers == visits[:1]

    told = {letter.to[0]: letter.body for letter in letters()}
    for visit in visits:
        whose = "nurse@example.com" if visit in hers else "desk@example.com"
        assert [address for address, body in told.items() if visit.reference in body] == [whose]


def test_without_anyone_to_tell_nothing_is_told(place, clinic):
    clinic.email = ""
    clinic.save()
    book(place, who=place[2])

    assert notices() == []


def test_what_was_cancelled_or_moved_meanwhile_is_told_as_it_stands(place):
    first, second, third = book(place, who=place[1])
    changes.cancel(appointment=first, now=NOW)
    changes.move(appointment=third, starts_at=third.starts_at + timedelta(hours=2), now=NOW)

    [letter] = [one for one in letters() if one.subject.endswith("visits")]

    assert letter.subject == "Booked online: 2 visits"
    assert first.reference not in letter.body
    assert f"Tuesday 8 December, 12:15pm, reference {third.reference}" in letter.body
    assert second.reference in letter.body


def test_when_none_of_it_stands_nothing_is_told(place):
    for visit in book(place, who=place[1]):
        changes.cancel(appointment=visit, now=NOW)
    letters()

    [course] = [row for row in notices() if row.key.startswith("course:")]
    assert course.state == "withdrawn"


def test_the_same_request_again_tells_nothing_more(place):
    key = Idempotency("course", b"x" * 32)
    for _again in range(2):
        book(place, who=place[1], idempotency=key)

    assert len(notices()) == 1

"""A request's way from its receipt to its answer, each step in the order that the law allows."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction

from bookings.messages.models import Message
from bookings.messages.planning import account_letters
from clinic.core.errors import DomainError
from clinic.privacy import requests
from clinic.privacy.models import DataRequest
from tests.bookings.moments import NOW
from tests.factories.clinic import PatientFactory, StaffFactory, UserFactory

pytestmark = pytest.mark.django_db
CAME = date(2027, 3, 1)


@pytest.fixture(autouse=True)
def _at_a_known_hour():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def owner():
    return StaffFactory(role="owner")


def taken_in(kind="access", **values):
    known = {"channel": "letter", "patient": PatientFactory(), "words": "", "received_on": CAME, "now": NOW} | values
    return requests.take_in(kind, **known)


def letters():
    return {letter.subject: letter for letter in map(account_letters.letter_of, Message.objects.all())}


def test_it_is_due_a_month_after_it_came_and_told(owner):
    made = taken_in()

    assert made.due_on == date(2027, 4, 1)
    assert list(letters()) == ["We have your request"]


def test_one_that_is_said_to_come_tomorrow_is_not_taken_in():
    with pytest.raises(requests.NotNow):
        taken_in(received_on=CAME + timedelta(days=1))


def test_asked_twice_is_one_request():
    patient, account = PatientFactory(), UserFactory()

    made = [requests.ask("object", account=account, patient=patient, words="Stop", now=NOW) for _ in range(2)]

    assert made[0].pk == made[1].pk
    assert DataRequest.objects.count() == 1
    assert Message.objects.count() == 1


def test_an_account_without_a_record_can_ask_too():
    account = UserFactory()

    made = [requests.ask("object", account=account, patient=None, words="Stop", now=NOW) for _ in range(2)]

    assert {one.pk for one in made} == {DataRequest.objects.get().pk}


def test_the_clock_stands_still_only_while_identity_is_asked(owner):
    made = taken_in()
    requests.ask_identity(made, by=owner, now=NOW + timedelta(days=2))

    done = requests.prove_identity(made, by=owner, now=NOW + timedelta(days=12))

    assert (done.paused_days, done.state) == (10, "working")
    assert done.due_on == date(2027, 4, 12)  # 11 April is a Sunday
    with pytest.raises(requests.NotNow):
        requests.ask_identity(made, by=owner, now=NOW + timedelta(days=13))


def test_it_is_extended_once_told_and_before_it_is_due(owner):
    made = taken_in()
    with time_machine.travel(NOW + timedelta(days=20), tick=False):
        done = requests.extend(
            made, until=date(2027, 6, 1), reason="Much to look through.", by=owner, now=NOW + timedelta(days=20)
        )

    assert (done.until, done.extension_reason) == (date(2027, 6, 1), "Much to look through.")
    assert "Much to look through." in letters()["Your request takes longer"].text
    with pytest.raises(requests.NotNow):
        requests.extend(made, until=date(2027, 5, 1), reason="More.", by=owner, now=NOW + timedelta(days=21))


@pytest.mark.parametrize(
    ("until", "after"),
    [(date(2027, 6, 2), 1), (date(2027, 4, 1), 1), (date(2027, 5, 1), 32)],
    ids=["more than two months", "no later", "too late"],
)
def test_no_other_extension_is_taken(owner, until, after):
    made = taken_in()

    with pytest.raises(requests.NotNow):
        requests.extend(made, until=until, reason="Much.", by=owner, now=NOW + timedelta(days=after))

    assert DataRequest.objects.get().extended_to is None


def test_an_extension_that_nobody_can_be_told_of_is_refused(owner):
    made = taken_in(patient=PatientFactory(email=""))

    with pytest.raises(requests.NotNow, match="No email address"):
        requests.extend(made, until=date(2027, 5, 1), reason="Much.", by=owner, now=NOW)


def test_a_refusal_names_its_ground_and_where_to_complain(owner):
    made = taken_in()

    requests.refuse(made, ground="kept", outcome="We keep records for eight years.", by=owner, now=NOW)

    letter = letters()["Our answer to your request"]
    assert "the record has to be kept" in letter.text
    assert "ico.org.uk" in letter.text


@pytest.mark.parametrize("step", ["acknowledge", "ask_identity", "withdraw"])
def test_what_is_closed_stays_closed(owner, step):
    made = taken_in()
    requests.answer(made, outcome="Here it is.", by=owner, now=NOW)

    with pytest.raises(DomainError):
        getattr(requests, step)(made, by=owner, now=NOW)

    assert DataRequest.objects.get().state == "answered"


def test_a_complaint_has_thirty_days_to_be_acknowledged(owner):
    made = taken_in("complaint")
    assert made.until == date(2027, 3, 31)

    done = requests.acknowledge(made, by=owner, now=NOW)

    assert (done.must_acknowledge, done.until) == (False, made.due_on)
    assert "We are looking into your request" in letters()


@pytest.mark.parametrize(("days", "colour"), [(13, ""), (14, "worry"), (27, "worry"), (28, "red"), (40, "red")])
def test_the_nearer_the_day_the_stronger_the_colour(days, colour):
    assert taken_in().colour(NOW + timedelta(days=days)) == colour


def test_a_second_wish_for_a_correction_is_added_to_the_first():
    patient, account = PatientFactory(), UserFactory()
    for words in ("Born 1 May 1980.", "My name is Ann Lee.", "Born 1 May 1980."):
        requests.ask("rectify", account=account, patient=patient, words=words, now=NOW)

    assert DataRequest.objects.get().words == "Born 1 May 1980.\nMy name is Ann Lee."


def test_each_step_leaves_a_trail(owner):
    made = taken_in()
    requests.acknowledge(made, by=owner, now=NOW)
    requests.withdraw(made, by=owner, now=NOW)

    assert list(made.events.order_by("pgh_id").values_list("state", flat=True)) == ["received", "working", "withdrawn"]


@pytest.mark.parametrize(
    "changed",
    [
        {"paused_days": 90, "due_on": date(2027, 6, 30)},
        {"paused_days": 0, "due_on": date(2027, 4, 1)},
        {"identity_proved_on": date(2027, 5, 30), "paused_days": 88, "due_on": date(2027, 6, 28)},
        {"identity_asked_on": date(2027, 3, 2), "paused_days": 11},
        {"received_on": date(2027, 3, 2), "due_on": date(2027, 4, 12)},
        {"due_on": date(2027, 5, 12)},
    ],
    ids=" ".join,
)
def test_the_clock_cannot_be_put_back_by_a_statement_of_ones_own(owner, changed):
    made = taken_in()
    requests.ask_identity(made, by=owner, now=NOW + timedelta(days=2))
    requests.prove_identity(made, by=owner, now=NOW + timedelta(days=12))

    with pytest.raises(IntegrityError), transaction.atomic():
        DataRequest.objects.update(**changed)

    assert DataRequest.objects.get().paused_days == 10

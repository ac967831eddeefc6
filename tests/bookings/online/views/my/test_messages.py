"""Messages as a patient, and someone who helps them, may read them."""

import uuid
from datetime import timedelta

import pytest
from django.test import Client

from bookings.messages.models import Message
from clinic.core import clock
from clinic.patients.models import AccessOpened
from tests.bookings.online.flow import MONDAY, text
from tests.factories.clinic import AccessFactory, CarerAccessFactory, PatientFactory, UserFactory

pytestmark = pytest.mark.django_db
PAGE = "/my/messages/"


@pytest.fixture(autouse=True)
def now(time_machine):
    time_machine.move_to(MONDAY, tick=False)


@pytest.fixture
def user():
    return UserFactory()


@pytest.fixture
def sam(user):
    return AccessFactory(user=user).patient


@pytest.fixture
def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def message(patient, **values):
    now = clock.now()
    known = {"kind": "confirmation", "channel": "email", "recipient": "x@example.com", "state": "sent", "sent_at": now}
    known |= {"subject": "Your visit", "body": "We look forward to it", "due_at": now}
    known |= {"expires_at": now + timedelta(days=1), "key": str(uuid.uuid4()), "patient": patient}
    return Message.objects.create(**known | values)


def test_shows_what_was_sent_and_what_did_not_arrive(signed_in, sam):
    message(sam, subject="First")
    message(sam, subject="Second", state="failed", sent_at=None)
    page = text(signed_in.get(PAGE))

    assert "First" in page
    assert "not arrived" in page


def test_shows_the_words_as_they_were_sent(signed_in, sam):
    own = message(sam)

    assert "We look forward to it" in text(signed_in.get(f"{PAGE}{own.pk}/"))


def test_neither_plans_nor_codes_nor_notices_of_staff(signed_in, sam):
    message(sam, subject="To come", state="planned", sent_at=None)
    message(sam, subject="Your letters", kind="account", body="")
    message(sam, subject="Booked online", kind="staff_notice")
    page = text(signed_in.get(PAGE))

    assert not any(word in page for word in ("To come", "Your letters", "Booked online"))


def test_anothers_is_as_good_as_missing(signed_in, sam):
    others = message(PatientFactory())
    asked = (others.pk, uuid.uuid4())
    answers = [signed_in.get(f"{PAGE}{pk}/") for pk in asked]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert len({text(answer).replace(str(pk), "") for answer, pk in zip(answers, asked, strict=True)}) == 1
    assert "Your visit" not in text(signed_in.get(PAGE))


class TestHelper:
    def test_sees_none_unless_they_may(self, signed_in, user):
        one = message(CarerAccessFactory(user=user, may=["visits"]).patient)

        assert "Your visit" not in text(signed_in.get(PAGE))
        assert signed_in.get(f"{PAGE}{one.pk}/").status_code == 404

    def test_with_leave_they_read_them_and_it_is_noted(self, signed_in, user):
        access = CarerAccessFactory(user=user, may=["visits", "messages"], patient__full_name="Robin Lee")
        one = message(access.patient)
        joined = message(access.patient, kind="joined")

        assert "Robin Lee" in text(signed_in.get(PAGE))
        for _ in range(2):
            assert "We look forward" in text(signed_in.get(f"{PAGE}{one.pk}/"))
        assert signed_in.get(f"{PAGE}{joined.pk}/").status_code == 404
        assert sorted(AccessOpened.objects.values_list("what", "about")) == [("message", str(one.pk)), ("messages", "")]

    def test_never_words_that_lead_to_a_form(self, signed_in, user):
        access = CarerAccessFactory(user=user, may=["visits", "messages", "forms"])
        one = message(access.patient, body="Fill in https://clinic.example/forms/abc/")

        assert "Fill in" not in text(signed_in.get(f"{PAGE}{one.pk}/"))


def test_many_cost_as_many_statements_as_one(signed_in, sam, django_assert_max_num_queries):
    message(sam)
    signed_in.get(PAGE)
    with django_assert_max_num_queries(8) as few:
        signed_in.get(PAGE)
    for _ in range(30):
        message(sam)
    signed_in.get(PAGE)
    with django_assert_max_num_queries(8) as many:
        signed_in.get(PAGE)

    assert len(many) == len(few)
    assert "Page 1 of 2" in text(signed_in.get(PAGE))

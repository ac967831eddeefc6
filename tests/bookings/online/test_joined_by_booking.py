"""Whom a booking joins to the account that makes it: the person of that account, and nobody who was here before."""

import pytest
from allauth.account.models import EmailAddress
from django.test import Client

from bookings.engine.eligibility import PatientDetails, find_or_add_patient
from bookings.online.views.account import visits_of_account
from bookings.visits.models import Appointment
from bookings.visits.models.statuses import Status
from clinic.core import clock
from clinic.patients.models import Patient, PatientAccess
from tests.bookings.online.flow import DETAILS, MONDAY, confirm, give_details, hidden, hold, send, small_clinic, text
from tests.factories.bookings import AppointmentFactory
from tests.factories.clinic import AccessFactory, PatientFactory, UserFactory

pytestmark = pytest.mark.django_db
SAYS_SO = {"accept_terms": "on", "is_mine": "on"}


@pytest.fixture(autouse=True)
def place(time_machine):
    time_machine.move_to(MONDAY, tick=False)
    return small_clinic()


@pytest.fixture
def user():
    user = UserFactory(email="sam@example.com")
    EmailAddress.objects.create(user=user, email="Sam@example.com", verified=True, primary=True)
    return user


@pytest.fixture
def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def seen_by(user):
    return set(visits_of_account(user, clock.now()))


def book_as(client, **changes):
    hold(client)
    give_details(client, **changes)
    send(client, "check", SAYS_SO)
    return Appointment.objects.latest("pk")


def test_a_new_record_at_their_proved_address_is_theirs_if_they_say_so(signed_in, user):
    visit = book_as(signed_in)

    access = PatientAccess.objects.get()
    assert (access.user, access.patient, access.kind, access.source) == (user, visit.patient, "self", "booking")
    assert "Gentle peel" in text(signed_in.get("/my/"))


@pytest.mark.parametrize("verified", [True, False])
def test_not_at_an_address_that_they_have_not_proved(signed_in, user, verified):
    EmailAddress.objects.update(email="else@example.com") if verified else EmailAddress.objects.update(verified=False)
    book_as(signed_in)

    assert not PatientAccess.objects.exists()


def test_not_without_a_word(signed_in):
    """They may book for somebody else at the address they share."""
    hold(signed_in)
    give_details(signed_in)
    assert "This visit is for me" in text(signed_in.get("/book/check/"))
    confirm(signed_in)

    assert not PatientAccess.objects.exists()


def test_nobody_is_asked_who_could_not_be_joined(signed_in, user):
    for client in (Client(), signed_in):
        AccessFactory(user=user) if client is signed_in else None
        hold(client)
        give_details(client, email="else@example.com")
        assert "This visit is for me" not in text(client.get("/book/check/"))


def test_a_record_that_was_here_before_is_not_joined(signed_in, user):
    """Whoever shares the address may know its name and birthday."""
    sam = PatientFactory(full_name="Sam Lee", email="sam@example.com")
    earlier = AppointmentFactory(patient=sam, starts_at=clock.now())
    visit = book_as(signed_in)

    assert visit != earlier
    assert visit.patient == sam
    assert visit.is_unproven
    assert seen_by(user) == set()


def test_a_second_person_whom_they_book_is_not_joined(signed_in, user):
    own = AccessFactory(user=user, patient__full_name="Sam Lee", patient__email="sam@example.com").patient
    visit = book_as(signed_in, full_name="Robin Lee")

    assert visit.patient != own
    assert list(PatientAccess.objects.values_list("patient", flat=True)) == [own.pk]
    assert seen_by(user) == set()


@pytest.mark.parametrize("named", ["Sam Lee", "sam  lée"])
def test_their_own_visit_goes_to_their_own_record_whatever_address_they_type(signed_in, user, named):
    own = AccessFactory(user=user, patient__full_name="Sam Lee", patient__email="old@example.com").patient
    hold(signed_in)
    give_details(signed_in, full_name=named, email="new@example.com", phone="07700 900999")
    page = text(signed_in.get("/book/check/"))
    assert "goes to your own record" in page
    assert "old@example.com" in page
    assert "new@example.com" not in page
    confirm(signed_in)

    visit = Appointment.objects.get(status=Status.BOOKED)
    own.refresh_from_db()
    assert (visit.patient, visit.is_unproven, str(own.phone)) == (own, False, "+447700900999")
    assert seen_by(user) == {visit}
    assert Patient.objects.count() == 1


def test_a_twin_is_somebody_else(signed_in, user):
    AccessFactory(user=user, patient__full_name="Kim Lee", patient__email="sam@example.com")
    visit = book_as(signed_in)

    assert visit.patient.full_name == "Sam Lee"
    assert seen_by(user) == set()


def test_confirm_sent_twice_shows_the_visit_and_joins_once(signed_in):
    hold(signed_in)
    give_details(signed_in)
    page = signed_in.get("/book/check/")
    form = SAYS_SO | hidden(page)
    answers = [signed_in.post("/book/check/", form) for _ in range(2)]

    assert [answer.headers["Location"].split("?")[0] for answer in answers] == ["/book/done/"] * 2
    assert "other" not in answers[1].headers["Location"]
    assert PatientAccess.objects.count() == 1


def test_an_account_that_was_joined_meanwhile_books_all_the_same(user):
    AccessFactory(user=user)
    born = PatientFactory.build().date_of_birth
    patient, is_unproven = find_or_add_patient(
        PatientDetails("Robin Lee", "sam@example.com", DETAILS["phone"], born, joins=user.pk)
    )

    assert not is_unproven
    assert not patient.accesses.exists()

"""The page that joins a record to an account."""

import re
import time
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.test import Client

from bookings.online.views import find_record
from clinic.core import clock
from clinic.patients.claims import MOST_OF_ACCOUNT
from clinic.patients.models import ClaimAttempt, PatientAccess
from tests.bookings.online.flow import MONDAY, text
from tests.factories.bookings import AppointmentFactory
from tests.factories.clinic import AccessFactory, PatientFactory, UserFactory

pytestmark = pytest.mark.django_db
FIND = "/my/find/"
TYPED = {"full_name": "Sam Lee", "date_of_birth_day": "27", "date_of_birth_month": "3", "date_of_birth_year": "1988"}
FAMILY = "family@example.com"


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    monkeypatch.setattr(find_record, "SECONDS", 0)


@pytest.fixture
def client():
    return signed_in()


def signed_in(address=FAMILY):
    user = UserFactory()
    if address:
        EmailAddress.objects.create(user=user, email=address, verified=True, primary=True)
    client = Client()
    client.force_login(user)
    return client


def sam(**values):
    return PatientFactory(**{"full_name": "Sam Lee", "email": FAMILY} | values)


def shown(response):
    """A page, but for what is made anew each time."""
    return re.sub(r'(csrfmiddlewaretoken" value|nonce)="[^"]+"', "", text(response))


def test_asks_visitors_to_sign_in():
    assert Client().get(FIND).headers["Location"].startswith("/accounts/login/?next=/my/find/")
    assert Client().post(FIND, TYPED).headers["Location"].startswith("/accounts/login/")


def test_whose_record_fits_sees_their_visits(client):
    AppointmentFactory(patient=sam(), treatment__name="Gentle peel", starts_at=clock.now() + timedelta(days=1))
    page = text(client.post(FIND, TYPED, follow=True))

    assert "Your visits are now in your account." in page
    assert "Gentle peel" in page


def several():
    sam(), sam(kept_apart=1)


def somebody_elses():
    AccessFactory(patient=sam())


def of_another_address():
    sam(email="else@example.com")


@pytest.mark.parametrize("there_is", [several, somebody_elses, of_another_address])
def test_none_several_and_somebody_elses_are_one_answer_with_what_was_typed(client, there_is):
    none = shown(client.post(FIND, TYPED))
    there_is()
    response = client.post(FIND, TYPED)

    assert (response.status_code, shown(response)) == (200, none)
    assert find_record.NOT_FOUND in none
    assert 'value="Sam Lee"' in none
    assert 'value="1988"' in none


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"full_name": ""}, "Enter your full name"),
        ({"date_of_birth_day": "", "date_of_birth_month": "", "date_of_birth_year": ""}, "Enter your date of birth"),
        ({"date_of_birth_day": "31", "date_of_birth_month": "2"}, "Date of birth must be a real date"),
    ],
)
def test_a_slip_is_no_try(client, typed, says):
    page = text(client.post(FIND, TYPED | typed))

    assert says in page
    assert "<title>Error: " in page
    assert not ClaimAttempt.objects.exists()


def test_the_sixth_try_of_a_day_is_refused(client):
    for _ in range(MOST_OF_ACCOUNT):
        client.post(FIND, TYPED)
    sam()
    response = client.post(FIND, TYPED)

    assert response.status_code == 429
    assert "Try again tomorrow, or ask the desk" in text(response)
    assert not PatientAccess.objects.exists()


def test_an_account_without_a_proved_address_is_asked_to_prove_it():
    sam()
    client = signed_in("")

    assert 'href="/accounts/email/"' in text(client.get(FIND))
    client.post(FIND, TYPED)
    assert not ClaimAttempt.objects.exists()


def test_an_account_that_has_its_record_is_told_so(client):
    AccessFactory(user=client.get(FIND).wsgi_request.user)

    assert "Your account shows your visits already" in text(client.get(FIND))
    assert "Your account shows your visits already" in text(client.post(FIND, TYPED))
    assert not ClaimAttempt.objects.exists()


def test_what_a_forged_header_says_is_no_other_address():
    for number in range(21):
        response = signed_in(f"one{number}@example.com").post(
            FIND, TYPED, headers={"X-Forwarded-For": f"198.51.100.{number}"}
        )

    assert response.status_code == 429


class TestFromAVisit:
    """The link of a visit says which record is meant; it does not say who holds it."""

    @pytest.fixture(autouse=True)
    def on_monday(self, time_machine):
        time_machine.move_to(MONDAY, tick=False)

    def visit(self, **whose):
        return AppointmentFactory(patient=sam(**whose), starts_at=clock.now())

    def opened(self, client, visit):
        client.get(f"/visit/{visit.link_token}/")
        return text(client.get(f"/visit/{visit.reference}/"))

    def test_its_page_offers_to_join_to_who_has_signed_in_and_has_no_record_yet(self, client):
        visit = self.visit()
        offer = f'href="/my/find/?visit={visit.reference}"'

        assert offer in self.opened(client, visit)
        assert offer not in self.opened(Client(), visit)
        AccessFactory(user=client.get(FIND).wsgi_request.user)
        assert offer not in self.opened(client, visit)

    def test_a_visit_that_a_stranger_booked_offers_nothing(self, client):
        visit = self.visit()
        visit.is_unproven = True
        visit.save()

        assert "/my/find/" not in self.opened(client, visit)

    def test_it_tells_two_records_of_one_person_apart(self, client):
        visit = self.visit()
        sam(kept_apart=1)
        self.opened(client, visit)
        client.post(f"{FIND}?visit={visit.reference}", TYPED)

        assert PatientAccess.objects.get().patient == visit.patient

    @pytest.mark.parametrize("typed", [{"full_name": "Kim Lee"}, {"date_of_birth_day": "28"}])
    def test_the_name_and_the_birthday_are_asked_all_the_same(self, client, typed):
        """Twins share an address and a birthday, and each opens the other's letters."""
        visit = self.visit()
        self.opened(client, visit)
        client.post(f"{FIND}?visit={visit.reference}", TYPED | typed)

        assert not PatientAccess.objects.exists()

    def test_and_the_address_must_be_proved_since_a_link_reaches_more_than_the_mailbox(self, client):
        """Whoever booked has it from the calendar file, a frame or the interface, whatever address they typed."""
        visit = self.visit(email="victim@example.com")
        self.opened(client, visit)
        client.post(f"{FIND}?visit={visit.reference}", TYPED)

        assert not PatientAccess.objects.exists()

    def test_a_visit_that_they_may_not_see_says_nothing(self, client):
        visit = self.visit(full_name="Robin Lee")

        assert find_record.NOT_FOUND in text(client.post(f"{FIND}?visit={visit.reference}", TYPED))
        assert find_record.NOT_FOUND in text(client.post(f"{FIND}?visit=%00", TYPED))

    def test_counts_as_a_try_like_any_other(self, client):
        visit = self.visit(full_name="Robin Lee")
        self.opened(client, visit)
        for _ in range(MOST_OF_ACCOUNT):
            client.post(f"{FIND}?visit={visit.reference}", TYPED)

        assert client.post(FIND, TYPED).status_code == 429


@pytest.mark.parametrize("there_is", [sam, several, somebody_elses, of_another_address])
def test_no_answer_is_quicker_than_another(client, monkeypatch, there_is):
    monkeypatch.setattr(find_record, "SECONDS", 0.3)
    there_is()
    began = time.perf_counter()
    client.post(FIND, TYPED)

    assert time.perf_counter() - began >= 0.3

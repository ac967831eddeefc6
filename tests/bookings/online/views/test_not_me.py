"""The address of a record hears of an account that was joined to it, and its link ends that."""

import pytest
from allauth.account.models import EmailAddress
from django.test import Client

from bookings.messages.kinds import kind_of
from bookings.messages.models import Message
from bookings.online import joining
from clinic.core import clock
from clinic.core.models import ClinicSettings
from clinic.core.sealing.secret_addresses import without_secrets
from clinic.patients.claims import Claim
from clinic.patients.joining import part
from clinic.patients.models import JoinNotice, PatientAccess
from tests.bookings.online.flow import MONDAY, text
from tests.factories.bookings import AppointmentFactory
from tests.factories.clinic import PatientFactory, UserFactory

pytestmark = pytest.mark.django_db
FAMILY = "family@example.com"


@pytest.fixture(autouse=True)
def clinic(time_machine, settings):
    time_machine.move_to(MONDAY, tick=False)
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    clinic = ClinicSettings.load()
    clinic.email = "hello@example.com"
    clinic.save()
    return clinic


@pytest.fixture
def user():
    user = UserFactory(email="robin@example.com")
    EmailAddress.objects.create(user=user, email=FAMILY, verified=True, primary=True)
    return user


@pytest.fixture
def patient():
    return PatientFactory(full_name="Sam Lee", email="Family@example.com")


@pytest.fixture
def notice(user, patient):
    said = Claim(patient.full_name, patient.date_of_birth)
    return joining.claim(said, user=user, address="192.0.2.7", now=clock.now()).notice


def link(notice):
    return f"/not-me/{notice.link_token}/"


def as_mail(message):
    return kind_of(message).facts(message, ClinicSettings.load(), clock.now())


class TestTold:
    def test_at_the_records_own_address_in_words_that_tell_nothing(self, notice, user):
        AppointmentFactory(patient=notice.access.patient, treatment__name="Gentle peel", starts_at=clock.now())
        message = Message.objects.get(kind="joined")
        facts = as_mail(message)

        assert message.recipient == "Family@example.com"
        assert facts["first_name"] == "Sam"
        assert facts["link"].endswith(link(notice))
        assert not kind_of(message).why_untrue(message, clock.now())

    def test_once_however_often_it_is_claimed(self, notice, user, patient):
        joining.claim(Claim(patient.full_name, patient.date_of_birth), user=user, address="192.0.2.7", now=clock.now())

        assert Message.objects.filter(kind="joined").count() == 1

    def test_not_of_access_that_has_ended_meanwhile(self, notice):
        part(notice.access, by=None, now=clock.now())
        message = Message.objects.get(kind="joined")

        assert kind_of(message).why_untrue(message, clock.now()) == "The access has ended."


class TestThisWasntMe:
    @pytest.mark.parametrize("method", ["get", "head"])
    def test_to_open_the_link_changes_nothing(self, notice, method):
        answer = getattr(Client(), method)(link(notice))

        assert answer.status_code == 200
        assert not answer.cookies
        assert PatientAccess.objects.live(clock.now()).exists()
        assert not Message.objects.filter(kind="staff_notice").exists()

    def test_the_button_ends_the_access_at_once_and_tells_the_desk(self, notice, user, patient):
        visit = AppointmentFactory(patient=patient, starts_at=clock.now())
        claimer = Client()
        claimer.force_login(user)
        assert claimer.get(f"/visit/{visit.reference}/").status_code == 200
        page = text(Client(enforce_csrf_checks=True).post(link(notice)))

        assert "Thank you for telling us" in page
        assert claimer.get(f"/visit/{visit.reference}/").status_code == 404
        told = Message.objects.get(kind="staff_notice")
        said = str(as_mail(told))
        assert told.recipient == "hello@example.com"
        assert f"/diary/patients/{patient.reference}/" in said
        assert not any(secret in said for secret in ("Sam", "Lee", user.email))

    def test_twice_is_once(self, notice):
        answers = [Client().post(link(notice)).status_code for _ in range(2)]

        assert answers == [200, 200]
        assert Message.objects.filter(kind="staff_notice").count() == 1

    def test_the_account_does_not_claim_it_back(self, notice, user, patient):
        Client().post(link(notice))
        said = Claim(patient.full_name, patient.date_of_birth)

        assert joining.claim(said, user=user, address="192.0.2.7", now=clock.now()) is None

    def test_nor_does_another_account_that_proves_the_address_until_the_desk_has_looked(self, notice, user, patient):
        """The mailbox is shared: who was told "this wasn't me" changes the address of one account and opens another."""
        Client().post(link(notice))
        EmailAddress.objects.filter(user=user).update(email="robin@example.com")
        other = UserFactory()
        EmailAddress.objects.create(user=other, email=FAMILY, verified=True, primary=True)
        said = Claim(patient.full_name, patient.date_of_birth)

        assert joining.claim(said, user=other, address="192.0.2.7", now=clock.now()) is None
        JoinNotice.objects.update(settled_at=clock.now())
        assert joining.claim(said, user=other, address="192.0.2.7", now=clock.now())

    def test_a_link_that_never_was_is_a_broken_link(self, notice):
        answer = Client().post(f"/not-me/{'t' * 43}/")

        assert answer.status_code == 404
        assert PatientAccess.objects.live(clock.now()).exists()

    def test_the_record_of_what_was_sent_leaves_the_secret_out(self, notice):
        assert notice.link_token not in without_secrets(f"https://clinic.example{link(notice)}")

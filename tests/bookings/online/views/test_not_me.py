"""Whoever reads a record's mail hears of an account that was joined to it, and can end that."""

import pytest
from allauth.account.models import EmailAddress
from django.test import Client

from bookings.messages.channels.channel import without_secrets
from bookings.messages.kinds import kind_of
from bookings.messages.models import Message
from bookings.online import joining
from clinic.core import clock
from clinic.core.models import ClinicSettings
from clinic.patients.claims import Claim
from clinic.patients.joining import part
from clinic.patients.models import JoinNotice, PatientAccess
from tests.bookings.online.flow import MONDAY, text
from tests.factories.bookings import AppointmentFactory
from tests.factories.clinic import AccessFactory, PatientFactory, StaffFactory, UserFactory

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


class TestAtTheDesk:
    def page(self, desk, patient):
        return text(desk.get(f"/diary/patients/{patient.reference}/"))

    def at(self, access, verb):
        return f"/diary/patients/{access.patient.reference}/accounts/{access.pk}/{verb}/"

    @pytest.fixture
    def desk(self):
        client = Client()
        client.force_login(StaffFactory(role="desk", name="Dora Desk"))
        return client

    def test_the_record_says_who_signs_in_since_when_and_how(self, desk, notice, patient):
        page = self.page(desk, patient)

        assert "Signs in: <strong>robin@example.com</strong>, since 23 Nov 2026, by claim" in page

    def test_access_is_ended_after_a_question_and_the_trail_names_who_did_it(self, desk, notice, patient):
        access = notice.access
        assert "End this access?" in text(desk.get(self.at(access, "end")))
        assert PatientAccess.objects.live(clock.now()).exists()
        desk.post(self.at(access, "end"))

        assert not PatientAccess.objects.live(clock.now()).exists()
        page = self.page(desk, patient)
        assert "by Dora Desk" in page
        assert "No account opens this record" in page
        last = access.events.latest("pgh_id")
        assert (last.revoked_by.name, last.pgh_context.metadata["url"]) == ("Dora Desk", self.at(access, "end"))

    def test_it_can_be_given_back(self, desk, notice, patient, user):
        desk.post(self.at(notice.access, "end"))
        assert "Undo" in self.page(desk, patient)
        desk.post(self.at(notice.access, "again"))

        access = PatientAccess.objects.live(clock.now()).get()
        assert (access.user, access.patient, access.source) == (user, patient, "staff")

    def test_what_is_given_back_after_a_dispute_can_be_disputed_again(self, desk, notice, patient):
        Client().post(link(notice))
        desk.post(self.at(notice.access, "again"))

        again = JoinNotice.objects.get(access=PatientAccess.objects.live(clock.now()).get())
        told = Message.objects.get(key=f"access:{again.access_id}:joined:email")
        assert told.recipient == patient.email
        assert as_mail(told)["link"].endswith(link(again))
        Client().post(link(again))
        assert not PatientAccess.objects.live(clock.now()).exists()

    def test_not_to_a_record_that_is_somebody_elses_by_now(self, desk, notice, patient):
        desk.post(self.at(notice.access, "end"))
        AccessFactory(patient=patient)
        answer = desk.post(self.at(notice.access, "again"))

        assert answer.status_code == 409
        assert "This record has another account by now" in text(answer)

    def test_what_was_disputed_stands_there_until_it_is_dealt_with(self, desk, notice, patient):
        Client().post(link(notice))
        assert "robin@example.com is not them" in self.page(desk, patient)
        message = Message.objects.get(kind="staff_notice")
        assert not kind_of(message).why_untrue(message, clock.now())
        desk.post(self.at(notice.access, "settle"))

        assert "is not them" not in self.page(desk, patient)
        assert kind_of(message).why_untrue(message, clock.now()) == "It has been dealt with."
        assert JoinNotice.objects.get().settled_by.name == "Dora Desk"

    def test_it_stands_on_the_list_to_check_until_then(self, desk, notice, patient):
        to_check, on_it = "/diary/messages/?tab=check", f'href="/diary/patients/{patient.reference}/"'
        assert on_it not in text(desk.get(to_check))
        Client().post(link(notice))
        page = text(desk.get(to_check))
        assert on_it in page
        assert 'To check <span class="tag tag--clay">1</span>' in page
        desk.post(self.at(notice.access, "settle"))

        assert on_it not in text(desk.get(to_check))

    def test_a_practitioner_reads_of_their_own_patients_alone(self, notice):
        Client().post(link(notice))
        nurse = Client()
        nurse.force_login(StaffFactory(role="practitioner"))

        assert "Sam Lee" not in text(nurse.get("/diary/messages/?tab=check"))

    @pytest.mark.parametrize("verb", ["end", "again", "settle"])
    def test_nobody_else_may(self, notice, verb, user):
        claimer, other = Client(), PatientFactory()
        claimer.force_login(user)
        assert claimer.post(self.at(notice.access, verb)).status_code == 403
        assert Client().post(self.at(notice.access, verb)).status_code == 302
        wrong = self.at(notice.access, verb).replace(notice.access.patient.reference, other.reference)
        assert claimer.post(wrong).status_code in {403, 404}
        assert PatientAccess.objects.live(clock.now()).exists()

    def test_the_access_of_another_record_is_missing(self, desk, notice):
        other = PatientFactory()
        wrong = self.at(notice.access, "end").replace(notice.access.patient.reference, other.reference)

        assert desk.post(wrong).status_code == 404
        assert PatientAccess.objects.live(clock.now()).exists()

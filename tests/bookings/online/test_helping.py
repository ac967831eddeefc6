"""What somebody who helps reaches by booking for the patient: the visit while they help, and a line that says so."""

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.test import Client

from bookings.online import joining
from bookings.online.views.proof import proved_patients
from clinic.core import clock
from clinic.patients.helping import invitations
from clinic.patients.helping.invitations import Asked, NotAccepted
from clinic.patients.joining import part
from clinic.patients.models import AccessOpened, JoinNotice, PatientAccess
from tests.bookings.online.flow import MONDAY, book, confirm, give_details, hold, small_clinic, text
from tests.factories.clinic import AccessFactory, CarerAccessFactory, PatientFactory, UserFactory

pytestmark = pytest.mark.django_db
KIM = "kim@example.com"


@pytest.fixture(autouse=True)
def now(time_machine):
    time_machine.move_to(MONDAY, tick=False)
    small_clinic()


def account(address):
    user = UserFactory(email=address)
    EmailAddress.objects.create(user=user, email=address, verified=True, primary=True)
    return user


@pytest.fixture
def sam():
    patient = PatientFactory(full_name="Sam Lee", email="sam@example.com")
    return AccessFactory(user=account("sam@example.com"), patient=patient).patient


@pytest.fixture
def access(sam):
    return CarerAccessFactory(patient=sam, user=account(KIM))


@pytest.fixture
def kim(access):
    client = Client()
    client.force_login(access.user)
    return client


def test_the_last_page_says_whose_record_it_goes_to(kim):
    hold(kim)
    give_details(kim)
    page = text(kim.get("/book/check/", follow=True))

    assert "your own record" not in page
    assert "the record of Sam Lee, whom you help" in page


def test_a_booking_is_noted_for_the_patient_once(kim, access):
    visit = book(kim)
    confirm(kim)

    noted = AccessOpened.objects.filter(what="booked")
    assert [(row.access, row.about) for row in noted] == [(access, visit.reference)]


def test_what_they_booked_is_shut_once_the_access_has_ended(kim, access):
    visit = book(kim)
    assert kim.get(f"/visit/{visit.reference}/").status_code == 200
    kim.post(f"/my/people/{access.pk}/end/")

    assert kim.get(f"/visit/{visit.reference}/").status_code == 404
    assert kim.post(f"/visit/{visit.reference}/cancel/", {"version": visit.version}).status_code == 404


def test_to_have_booked_makes_nobody_the_patient(kim, sam, rf):
    book(kim)
    request = rf.get("/")
    request.session, request.user = kim.session, kim.get("/my/").wsgi_request.user

    assert sam.pk not in proved_patients(request)


def test_what_somebody_books_for_themselves_is_not_noted(sam):
    client = Client()
    client.force_login(sam.accesses.get(kind="self").user)
    hold(client)
    give_details(client)

    assert "your own record" in text(client.get("/book/check/", follow=True))
    confirm(client)
    assert not AccessOpened.objects.exists()


class TestGivenByAnImpostor:
    """An account that joined the record of somebody else, and let others in."""

    @pytest.fixture
    def own(self, sam):
        return sam.accesses.get(kind="self")

    def invited(self, own, address):
        until = clock.today(clock.now()) + timedelta(days=30)
        return invitations.invite(
            own.patient, Asked(address, until=until), by=own.user, is_staff=False, now=clock.now()
        )

    def test_whom_they_let_in_goes_with_them(self, own):
        let_in = invitations.accept(self.invited(own, KIM).pk, user=account(KIM), now=clock.now())
        asked = self.invited(own, "ann@example.com")
        by_desk = CarerAccessFactory(patient=own.patient)
        joining.dispute(JoinNotice.objects.create(access=own), clock.now())

        assert list(PatientAccess.objects.live(clock.now())) == [by_desk]
        let_in.refresh_from_db()
        asked.refresh_from_db()
        assert let_in.revoked_at
        assert asked.revoked_at

    def test_an_invitation_falls_with_the_access_of_who_invited(self, own):
        asked = self.invited(own, KIM)
        part(own, by=None, now=clock.now())

        with pytest.raises(NotAccepted):
            invitations.accept(asked.pk, user=account(KIM), now=clock.now())

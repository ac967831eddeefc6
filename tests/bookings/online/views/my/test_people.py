"""People who help: invited by the patient, answered by who proves the address, ended at once, and never seeing more."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from bookings.messages.models import Message
from bookings.messages.planning.account_letters import letter_of
from bookings.online import joining
from bookings.visits.models import Appointment
from clinic.core import clock
from clinic.patients.helping import invitations
from clinic.patients.helping.invitations import Asked
from clinic.patients.joining import part
from clinic.patients.models import AccessInvitation, AccessOpened, JoinNotice, PatientAccess
from tests.bookings.online.flow import MONDAY, book, small_clinic, text
from tests.factories.bookings import AppointmentFactory
from tests.factories.browsers import just_signed_in
from tests.factories.clinic import AccessFactory, CarerAccessFactory, PatientFactory, UserFactory

PAGE = "/my/people/"
KIM = "kim@example.com"
DAY = timedelta(days=1)


def account(address):
    user = UserFactory(email=address)
    EmailAddress.objects.create(user=user, email=address, verified=True, primary=True)
    return user


def signed_in_as(user):
    return just_signed_in(user)


@pytest.fixture(autouse=True)
def at_a_known_hour(time_machine):
    time_machine.move_to(MONDAY, tick=False)


@pytest.fixture
def sam(db):
    return AccessFactory(user=account("sam@example.com"), patient__email="sam@example.com").patient


@pytest.fixture
def patient(sam):
    return signed_in_as(sam.accesses.get(kind="self").user)


def sent_to(address):
    rows = Message.objects.filter(kind="account", recipient=address).order_by("created_at")
    return [letter_of(row).text for row in rows]


def invite(client, **changes):
    return client.post(PAGE, {"email": KIM, "may": ["visits"], "days": "91"} | changes)


def link():
    return re.search(r"http://testserver(/helping/[\w-]+/)", sent_to(KIM)[-1]).group(1)


def accept(client, address=None):
    client.get(address or link())
    return client.post("/my/people/invitation/", {"is_adult": "yes"})


@pytest.mark.django_db
class TestInvited:
    def test_the_whole_way(self, patient, sam):
        assert invite(patient).status_code == 302
        kim = signed_in_as(account(KIM))
        shown = kim.get(link(), follow=True)
        assert f"Help {sam.full_name}" in text(shown)
        assert "until Monday 22 February 2027" in text(shown)
        assert accept(kim).headers["Location"] == "/my/"

        access = PatientAccess.objects.get(kind="carer")
        assert (access.may, access.source) == (["visits"], "patient")
        assert access.evidence.startswith("Invited by the patient")
        assert access.ends_at <= clock.now() + 93 * DAY
        assert Message.objects.get(kind="joined").recipient == "sam@example.com"
        assert "opens the visits of somebody you help" in "".join(sent_to(KIM))  # the clock stands: no order
        assert KIM in text(patient.get(PAGE))

    def test_offers_nothing_that_is_not_there_yet(self, patient):
        assert "forms" not in text(patient.get(PAGE))
        assert invite(patient, may=["visits", "forms"]).status_code == 422

    def test_takes_a_fresh_sign_in(self, patient, time_machine):
        time_machine.shift(timedelta(minutes=6))

        assert "/accounts/" in invite(patient).headers["Location"]
        assert not AccessInvitation.objects.exists()

    @pytest.mark.parametrize(
        "wrong", [{"email": "sam@example.com"}, {"email": ""}, {"may": ["payments"]}, {"may": []}, {"days": "400"}]
    )
    def test_refuses(self, patient, wrong):
        assert invite(patient, **wrong).status_code in {409, 422}
        assert not AccessInvitation.objects.exists()

    def test_says_to_the_patient_whose_address_is_wanted(self, patient):
        assert "This is your own address." in text(invite(patient, email="sam@example.com"))

    def test_five_are_the_most(self, patient):
        for number in range(5):
            invite(patient, email=f"kim{number}@example.com")

        assert invite(patient).status_code == 409

    def test_an_account_of_another_address_learns_nothing_and_gets_nothing(self, patient, sam):
        invite(patient)
        other = signed_in_as(account("other@example.com"))

        assert sam.full_name not in text(other.get(link(), follow=True))
        accept(other)
        assert not PatientAccess.objects.filter(kind="carer").exists()

    def test_who_is_not_signed_in_is_asked_to_and_told_no_name(self, patient, sam, client):
        invite(patient)
        answer = client.get(link(), follow=True)

        assert answer.request["PATH_INFO"].startswith("/accounts/login/")
        assert sam.full_name not in text(answer)

    def test_a_refusal_has_the_focus(self, patient):
        invite(patient)
        kim = signed_in_as(account(KIM))
        kim.get(link())

        page = kim.post("/my/people/invitation/", {}).content.decode()

        assert 'role="alert" tabindex="-1" autofocus' in page
        assert 'aria-describedby="refusal"' in page

    def test_nobody_who_does_not_say_that_they_are_grown_up(self, patient):
        invite(patient)
        kim = signed_in_as(account(KIM))
        kim.get(link())

        assert kim.post("/my/people/invitation/").status_code == 422
        assert not PatientAccess.objects.filter(kind="carer").exists()

    def test_withdrawn_replaced_or_too_old_opens_nothing(self, patient, time_machine):
        kim = signed_in_as(account(KIM))
        invite(patient)
        first = link()
        invite(patient)
        second = link()
        assert kim.get(first).status_code == 404
        patient.post(f"/my/people/invitation/{AccessInvitation.objects.pending().get().pk}/withdraw/")
        assert kim.get(second).status_code == 404
        invite(patient)
        third = link()
        kim.get(third)
        time_machine.shift(timedelta(days=8))
        assert kim.get(third).status_code == 404
        assert kim.post("/my/people/invitation/", {"is_adult": "yes"}).status_code in {302, 404}
        assert not PatientAccess.objects.filter(kind="carer").exists()

    def test_head_opens_nothing(self, patient):
        invite(patient)
        kim = signed_in_as(account(KIM))
        kim.head(link())

        assert kim.get("/my/people/invitation/").status_code == 404

    def test_again_once_the_days_are_over(self, patient, sam):
        kim = account(KIM)
        CarerAccessFactory(patient=sam, user=kim, starts_at=clock.now() - 90 * DAY, ends_at=clock.now() - DAY)
        invite(patient)

        assert accept(signed_in_as(kim)).headers["Location"] == "/my/"
        assert PatientAccess.objects.filter(user=kim).live(clock.now()).count() == 1


@pytest.mark.django_db
class TestHelps:
    @pytest.fixture
    def access(self, sam):
        return CarerAccessFactory(patient=sam, user=account(KIM))

    @pytest.fixture
    def kim(self, access):
        return signed_in_as(access.user)

    @pytest.fixture
    def visit(self, sam):
        place = small_clinic()
        start = clock.now() + 5 * DAY
        return AppointmentFactory(patient=sam, treatment=place.peel, practitioner=place.aisha, starts_at=start)

    def test_sees_and_cancels_visits_and_the_patient_sees_that(self, kim, visit, patient):
        assert kim.get("/my/").status_code == kim.get(f"/visit/{visit.reference}/").status_code == 200
        kim.post(f"/visit/{visit.reference}/cancel/", {"version": visit.version})

        visit.refresh_from_db()
        assert visit.status == "cancelled"
        assert set(AccessOpened.objects.values_list("what", flat=True)) == {"visits", "visit", "changed"}
        page = text(patient.get(PAGE))
        assert "changed or cancelled a visit" in page

    def test_books_for_whom_they_help_by_name_and_birthday(self, kim, sam):
        small_clinic()
        sam.full_name = "Sam Lee"
        sam.save()

        assert book(kim).patient == sam

    @pytest.mark.parametrize("by", ["patient", "helper"])
    def test_either_ends_it_at_once_and_both_are_told(self, by, kim, patient, access, visit):
        (patient if by == "patient" else kim).post(f"/my/people/{access.pk}/end/")

        assert kim.get(f"/visit/{visit.reference}/").status_code == 404
        assert visit.reference not in kim.get("/my/").content.decode()
        assert "no longer opens" in sent_to(KIM)[-1]
        (letter,) = [one for one in sent_to("sam@example.com") if "no longer helps" in one]
        assert "call us" not in letter  # every letter ends with it

    def test_nobody_else_ends_it(self, access):
        other = signed_in_as(AccessFactory().user)

        assert other.post(f"/my/people/{access.pk}/end/").status_code == 404
        assert other.post("/my/people/999999/end/").status_code == 404
        access.refresh_from_db()
        assert access.revoked_at is None

    def test_not_the_patients_own_access(self, patient, sam):
        own = sam.accesses.get(kind="self")

        assert patient.post(f"/my/people/{own.pk}/end/").status_code == 404

    def test_ends_on_its_day_by_itself(self, kim, access, visit, time_machine):
        PatientAccess.objects.filter(pk=access.pk).update(ends_at=clock.now() + DAY)
        time_machine.shift(2 * DAY)

        assert kim.get(f"/visit/{visit.reference}/").status_code == 404

    def test_sees_no_details_and_invites_nobody(self, kim, sam):
        assert sam.phone.as_national not in text(kim.get("/my/details/"))
        assert invite(kim, email="x@example.com").status_code == 200
        assert not AccessInvitation.objects.exists()


def pages_of(user):
    client = signed_in_as(user)
    return "".join(client.get(page).content.decode() for page in ("/my/", "/my/messages/", PAGE))


class TestFamilies(TestCase):
    @settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.sampled_from(["live", "ended", "revoked"]))))
    def test_an_account_shows_those_alone_whose_access_is_live(self, helps):
        """Four people who share an address and a surname; any of them may help any other."""
        now = clock.now()
        people = [PatientFactory(email="family@example.com") for _ in range(4)]
        accounts = [AccessFactory(patient=one, starts_at=now - DAY).user for one in people]
        visits = [AppointmentFactory(patient=one, starts_at=now + DAY) for one in people]
        opens = {(number, number) for number in range(4)}
        for helper, helped, state in {one[:2]: one for one in helps}.values():
            if helper == helped:
                continue
            ends = now - timedelta(hours=1) if state == "ended" else now + DAY
            begun = now - 2 * DAY
            access = CarerAccessFactory(
                patient=people[helped], user=accounts[helper], starts_at=begun, ends_at=ends, may=["visits", "messages"]
            )
            if state == "revoked":
                part(access, by=None, now=now)
            if state == "live":
                opens.add((helper, helped))
        for number, user in enumerate(accounts):
            page = pages_of(user)
            for other in range(4):
                assert (visits[other].reference in page) == ((number, other) in opens)


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_two_tabs_accept_one_invitation(self, sam):
        kim, now = account(KIM), clock.now()
        until = clock.today(now) + 30 * DAY
        by = sam.accesses.get().user
        invitation = invitations.invite(sam, Asked(email=KIM, until=until), by=by, is_staff=False, now=now)

        def tab(_):
            try:
                return joining.accept(invitation.pk, user=kim, about="", now=now).pk
            finally:
                connection.close()

        with ThreadPoolExecutor(4) as pool:
            given_ = set(pool.map(tab, range(4)))

        assert len(given_) == PatientAccess.objects.filter(kind="carer").count() == JoinNotice.objects.count() == 1

    def test_ended_while_it_is_used_holds_for_the_next_request(self, sam):
        access = CarerAccessFactory(patient=sam, user=account(KIM))
        visit = AppointmentFactory(patient=sam, starts_at=clock.now() + 5 * DAY)
        kim, by, now = signed_in_as(access.user), sam.accesses.get(kind="self").user, clock.now()

        def one(number):
            try:
                if number == 0:
                    return invitations.end(access, by=by, now=now)
                return kim.post(f"/visit/{visit.reference}/cancel/", {"version": visit.version}).status_code
            finally:
                connection.close()

        with ThreadPoolExecutor(2) as pool:
            ended, status = pool.map(one, range(2))

        assert ended
        assert status in {302, 404}
        visit.refresh_from_db()
        assert (Appointment.objects.get(pk=visit.pk).status == "cancelled") == (status == 302)
        assert kim.get(f"/visit/{visit.reference}/").status_code == 404

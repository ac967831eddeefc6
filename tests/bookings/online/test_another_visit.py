"""P-B16, P-B17: another visit starts from the last one, and one that is there already is named to who may know it."""

from datetime import timedelta

import pytest
from django.test import Client

from bookings.engine import changes as visit_changes
from bookings.engine.eligibility import MOST_ALIKE
from bookings.messages.models import Message
from bookings.visits.models import Appointment
from bookings.visits.models.statuses import Status
from clinic.catalogue.models import Treatment
from clinic.core import clock
from tests.bookings.online import test_embed
from tests.bookings.online.flow import DETAILS, MONDAY, book, confirm, give_details, hold, small_clinic, text, when_url
from tests.factories.bookings import AppointmentFactory
from tests.factories.clinic import AccessFactory, CarerAccessFactory, PatientFactory, UserFactory

pytestmark = pytest.mark.django_db
TIMES = [f"2026-11-24T{hour}:15:00+00:00" for hour in (10, 11, 12, 13, 14)]


@pytest.fixture(autouse=True)
def place(time_machine):
    time_machine.move_to(MONDAY, tick=False)
    return small_clinic()


def book_at(client, at, **changes):
    hold(client, at=at)
    give_details(client, **changes)
    return confirm(client)


class TestAnotherVisit:
    """P-B16"""

    def test_starts_with_the_same_treatment_and_person(self, client):
        visit = book(client)
        visit_changes.cancel(appointment=visit, now=clock.now())
        page = client.get(f"/visit/{visit.reference}/").content.decode()

        assert 'href="/book/?treatment=peel&amp;with=aisha">Book another visit' in page
        assert client.get("/book/?treatment=peel&with=aisha").headers["Location"] == when_url()

    def test_keeps_what_was_typed_for_who_came_by_the_visits_link_but_not_the_birthday(self, client):
        visit = book(client)
        friend = Client()
        friend.get(f"/visit/{visit.link_token}/")
        hold(friend, at=TIMES[1])
        page = friend.get("/book/details/").content.decode()

        assert 'value="Sam Lee"' in page
        assert 'value="07700 900123"' in page
        assert 'value="sam@example.com"' in page
        assert 'value="1988"' not in page

    def test_and_with_the_birthday_for_who_has_signed_in(self, client):
        user = UserFactory()
        AccessFactory(user=user, patient=PatientFactory(full_name="Kim Day"))
        client.force_login(user)
        hold(client)
        page = client.get("/book/details/").content.decode()

        assert 'value="Kim Day"' in page
        assert 'value="1988"' in page

    def test_tells_a_stranger_nothing(self, client):
        book(client)
        stranger = Client()
        hold(stranger, at=TIMES[1])

        assert "Sam Lee" not in stranger.get("/book/details/").content.decode()


class TestAlreadyBooked:
    """P-B17"""

    TOLD = "You already have one of these visits"

    def test_who_booked_it_in_this_browser_is_asked_whether_to_move_it(self, client):
        visit = book(client)
        page = client.get(when_url())

        assert self.TOLD in text(page)
        assert "It is on Tuesday 24 November" in text(page)
        assert f'href="/visit/{visit.reference}/move/"' in page.content.decode()

    def test_who_has_signed_in_is_too(self, client, place):
        user = UserFactory()
        AppointmentFactory(
            patient=AccessFactory(user=user).patient, treatment=place.peel, starts_at=clock.now() + timedelta(days=3)
        )
        client.force_login(user)

        assert self.TOLD in text(client.get(when_url()))

    def test_who_helps_has_no_such_visit_of_their_own(self, client, place):
        user = UserFactory()
        AppointmentFactory(
            patient=CarerAccessFactory(user=user).patient,
            treatment=place.peel,
            starts_at=clock.now() + timedelta(days=3),
        )
        client.force_login(user)

        assert self.TOLD not in text(client.get(when_url()))

    def test_nobody_else_is_told(self, client):
        book(client)
        stranger = Client()
        hold(stranger, at=TIMES[1])
        give_details(stranger)

        assert self.TOLD not in text(stranger.get(when_url()))
        assert self.TOLD not in text(stranger.get("/book/check/"))

    def test_not_for_another_treatment_or_one_that_is_called_off(self, client):
        visit = book(client)
        visit_changes.cancel(appointment=visit, now=clock.now())

        assert self.TOLD not in text(client.get(when_url()))

    def test_five_in_a_row_are_bounded_and_the_refusal_tells_nothing_but_by_email(self, client):
        for at in TIMES:
            answer = book_at(Client(), at)

        assert Appointment.objects.filter(status=Status.BOOKED).count() == MOST_ALIKE
        assert "No more of these visits can be booked online under these details. If you have one" in text(answer)
        assert Message.objects.get(kind="links").recipient == "sam@example.com"

    def test_in_a_frame_too(self):
        for at in TIMES[:3]:
            visitor = test_embed.Visitor()
            visitor.take(f"{at}|aisha")
            visitor.send("details/", DETAILS)
            visitor.confirm()

        assert "No more of these visits can be booked online" in visitor.page
        assert Message.objects.filter(kind="links").count() == 1

    def test_a_course_may_be_booked_one_by_one(self, client, place):
        Treatment.objects.filter(pk=place.peel.pk).update(course_visits=3)
        for at in TIMES:
            book_at(Client(), at)

        assert Appointment.objects.filter(status=Status.BOOKED).count() == 3

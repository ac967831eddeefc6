"""P3, P-B6: what needs a consultation is known before the first answer, and a refusal books that consultation."""

import re
from datetime import timedelta

import pytest

from bookings.online.forms.choose import AFTER, RETURNING
from bookings.timetable.models import TimeOff
from bookings.timetable.ranges import span
from bookings.visits.models import Appointment
from bookings.visits.models.statuses import Status
from clinic.catalogue.models import Treatment
from clinic.core import clock
from tests.bookings.online import test_embed
from tests.bookings.online.flow import DETAILS, MONDAY, confirm, give_details, hidden, hold, send, small_clinic, text
from tests.factories.bookings import AppointmentFactory
from tests.factories.clinic import AccessFactory, OfferedTreatmentFactory, TreatmentFactory, UserFactory
from tests.factories.content import make_site

pytestmark = pytest.mark.django_db


@pytest.fixture
def place(time_machine):
    """The peel needs the consultation, which lasts as long, and which both give."""
    time_machine.move_to(MONDAY, tick=False)
    place = small_clinic()
    Treatment.objects.filter(pk=place.peel.pk).update(requires_consultation=True)
    place.talk = TreatmentFactory(
        name="First consultation", slug="talk", kind="consultation", category=place.peel.category, price=30
    )
    for practitioner in (place.aisha, place.tom):
        OfferedTreatmentFactory(practitioner=practitioner, treatment=place.talk)
    return place


def groups(page):
    """The names of the treatments below each group of the first page."""
    parts = re.split(r'class="cards__group"[^>]*>', page)[1:]
    return {part.split("<")[0]: re.findall(r"<strong>([^<]+)</strong>", part.split("</div>")[0]) for part in parts}


class TestKnownBeforeTheFirstAnswer:
    @pytest.mark.parametrize("address", ["/book/", "/embed/"])
    def test_gated_choices_stand_apart_and_last(self, client, place, address):
        found = groups(client.get(address).content.decode())

        assert list(found)[-1] == AFTER
        assert found[AFTER] == ["Gentle peel"]
        assert "First consultation" in found[str(place.peel.category)]

    def test_for_a_patient_whose_consultation_counts_they_are_open(self, client, place):
        user = UserFactory()
        patient = AccessFactory(user=user).patient
        visit = AppointmentFactory(
            patient=patient, treatment=place.talk, status=Status.COMPLETED, starts_at=clock.now() - timedelta(days=3)
        )
        client.force_login(user)
        assert AFTER not in groups(client.get("/book/").content.decode())

        Appointment.objects.filter(pk=visit.pk).update(
            during=span(clock.now() - timedelta(days=300), clock.now() - timedelta(days=300, minutes=-30)),
            occupied=span(clock.now() - timedelta(days=300), clock.now() - timedelta(days=300, minutes=-30)),
        )
        assert AFTER in groups(client.get("/book/").content.decode())

    def test_a_consultation_is_chosen_for_who_comes_to_book_one(self, client, place):
        """P-B6"""
        page = client.get("/book/?for=consultation").content.decode()

        assert "First consultation · 30 minutes · £30" in text(client.get("/book/?for=consultation"))
        assert 'name="treatment"' not in page
        assert re.search(r'name="who" value="any"[^>]*checked', page)

    def test_one_that_the_named_practitioner_gives(self, client, place):
        TreatmentFactory(kind="consultation", category=place.peel.category, position=0, name="A talk")
        answer = client.get("/book/?for=consultation&with=tom")

        assert answer.headers["Location"] == "/book/when/?treatment=talk&with=tom"


class TestRefusedAtTheEnd:
    def refused(self, client):
        hold(client)
        give_details(client, note="By the side door")
        return send(client, "check", {"accept_terms": "on"}, follow=True)

    def test_the_same_time_is_held_for_the_consultation_and_nothing_is_typed_again(self, client, place):
        page = self.refused(client)
        assert "Gentle peel needs a consultation first." in text(page)
        assert "First consultation" in text(page)
        assert "£30" in text(page)
        assert "Sam Lee" in text(page)
        held = Appointment.objects.get(status=Status.HELD)
        assert (held.treatment, held.practitioner) == (place.talk, place.aisha)
        assert Appointment.objects.get(status=Status.EXPIRED).starts_at == held.starts_at

        confirm(client)  # the button says that the terms are agreed to
        visit = Appointment.objects.get(status=Status.BOOKED)
        assert (visit.pk, visit.treatment, visit.note) == (held.pk, place.talk, "By the side door")

    def test_where_it_does_not_fit_the_nearest_times_are_shown_and_what_was_typed_is_kept(self, client, place):
        Treatment.objects.filter(pk=place.talk.pk).update(duration_minutes=60)
        for who in (place.aisha, place.tom):
            TimeOff.objects.create(
                practitioner=who,
                during=span(
                    clock.now() + timedelta(days=1, hours=3, minutes=15), clock.now() + timedelta(days=1, hours=4)
                ),
            )
        page = self.refused(client)
        assert "The consultation does not fit the time you chose" in text(page)
        assert Appointment.objects.filter(status=Status.HELD).get().treatment == place.peel

        slot = {"slot": "2026-11-24T09:00:00+00:00|aisha"}
        taken = client.post(page.redirect_chain[-1][0], hidden(page) | slot, follow=True)
        assert "Check your booking" in text(taken)
        assert "Sam Lee" in text(taken)

    def test_without_a_consultation_to_book_the_reason_stands_on_the_page(self, client, place):
        Treatment.objects.filter(pk=place.talk.pk).update(is_bookable_online=False)

        assert "This needs a consultation first" in text(self.refused(client))

    def test_in_a_frame_too(self, place):
        visitor = test_embed.Visitor()
        visitor.take()
        visitor.send("details/", DETAILS)
        visitor.confirm()
        assert "Gentle peel needs a consultation first." in visitor.page
        assert "Sam Lee" in visitor.page

        visitor.confirm()
        assert Appointment.objects.get(status=Status.BOOKED).treatment == place.talk


class TestForThoseWhoHaveBeenHere:
    """P3: a treatment for returning patients is one more that a newcomer cannot have."""

    @pytest.fixture
    def place(self, place):
        Treatment.objects.filter(pk=place.peel.pk).update(requires_consultation=False, open_to="returning")
        return place

    @pytest.mark.parametrize("address", ["/book/", "/embed/"])
    def test_it_stands_apart(self, client, place, address):
        assert groups(client.get(address).content.decode())[RETURNING] == ["Gentle peel"]

    def test_it_is_open_to_a_patient_who_has(self, client, place):
        user = UserFactory()
        AppointmentFactory(
            patient=AccessFactory(user=user).patient,
            status=Status.COMPLETED,
            starts_at=clock.now() - timedelta(days=300),
        )
        client.force_login(user)

        assert RETURNING not in groups(client.get("/book/").content.decode())

    def test_a_newcomer_is_led_to_a_consultation_in_the_same_time(self, client, place):
        hold(client)
        give_details(client)
        page = send(client, "check", {"accept_terms": "on"}, follow=True)
        assert "Gentle peel is for people who have been here before." in text(page)
        assert "Sam Lee" in text(page)

        confirm(client)
        visit = Appointment.objects.get(status=Status.BOOKED)
        assert (visit.treatment, visit.practitioner) == (place.talk, place.aisha)

    def test_it_is_not_where_a_newcomer_starts(self, client, place):
        make_site()
        home = client.get("/").content.decode()

        assert "First consultation" in home
        assert "Gentle peel" not in home

    def test_a_consultation_for_those_who_have_been_here_is_not_offered_to_others(self, client, place):
        Treatment.objects.filter(pk=place.talk.pk).update(open_to="returning")
        hold(client)
        give_details(client)

        answer = send(client, "check", {"accept_terms": "on"}, follow=True)
        assert "we cannot find a past visit under these details" in text(answer)


class TestTheWaitingList:
    """P3: it says so before the first answer, and leads to the consultation."""

    @pytest.mark.parametrize("gate", [{"requires_consultation": True}, {"open_to": "returning"}])
    def test_a_newcomer_is_led_to_the_consultation(self, client, place, gate):
        Treatment.objects.filter(pk=place.peel.pk).update(**{"requires_consultation": False, **gate})
        page = client.get("/waiting/join/?treatment=peel&with=any").content.decode()

        assert 'href="/book/when/?treatment=talk&amp;with=any">Book a consultation' in page
        assert "There are free times" not in page

    def test_a_patient_who_had_it_is_not(self, client, place):
        user = UserFactory()
        AppointmentFactory(
            patient=AccessFactory(user=user).patient,
            treatment=place.talk,
            status=Status.COMPLETED,
            starts_at=clock.now() - timedelta(days=3),
        )
        client.force_login(user)
        page = client.get("/waiting/join/?treatment=peel&with=any").content.decode()

        assert "Book a consultation</a>" not in page
        assert "There are free times" in page

"""The page of an account: what is to come, what can be done about it, what is past."""

from datetime import timedelta

import pytest
from django.test import Client

from bookings.online.views.my.visits import PAST_ON_A_PAGE
from bookings.visits.models import Appointment
from bookings.visits.models.statuses import Status
from bookings.waiting_list.models import WaitingEntry
from clinic.core import clock
from tests.bookings.online.flow import MONDAY, hidden, hold, small_clinic, text
from tests.factories.bookings import AppointmentFactory
from tests.factories.clinic import AccessFactory, CarerAccessFactory, PatientFactory, UserFactory

pytestmark = pytest.mark.django_db
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
MOST_QUERIES = 8


@pytest.fixture(autouse=True)
def place(time_machine):
    time_machine.move_to(MONDAY, tick=False)
    return small_clinic()


@pytest.fixture
def user():
    return UserFactory(email="sam@example.com")


@pytest.fixture
def sam(user):
    return AccessFactory(user=user).patient


@pytest.fixture
def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def visit(patient, *, at, place=None, **values):
    if place:
        values |= {"treatment": place.peel, "practitioner": place.aisha}
    return AppointmentFactory(patient=patient, starts_at=clock.now() + at, **values)


def test_asks_visitors_to_sign_in(client):
    assert client.get("/my/").headers["Location"].startswith("/accounts/login/")


def test_shows_coming_and_past_visits_and_nobody_elses(signed_in, sam, place):
    visit(sam, at=2 * DAY, place=place)
    visit(sam, at=-50 * DAY, place=place, status=Status.COMPLETED)
    visit(PatientFactory(email="sam@example.com"), at=3 * DAY, practitioner=place.tom)
    page = text(signed_in.get("/my/"))

    assert page.index("Wednesday 25 November, 7:30am") < page.index("Sunday 4 October 2026")
    assert "Demo Prescriber Tom" not in page


def test_each_coming_visit_can_be_moved_cancelled_and_put_in_a_calendar(signed_in, sam, place):
    own = visit(sam, at=5 * DAY, place=place)
    page = signed_in.get("/my/").content.decode()

    for rest in ("", "move/", "cancel/", "calendar.ics"):
        address = f"/visit/{own.reference}/{rest}"
        assert f'href="{address}"' in page
        assert signed_in.get(address).status_code == 200


def test_too_late_to_move_it_can_still_be_called_off(signed_in, sam, place):
    own = visit(sam, at=HOUR, place=place)
    page = signed_in.get("/my/").content.decode()

    assert f'href="/visit/{own.reference}/move/"' not in page
    assert "I can’t come" in page


@pytest.mark.parametrize("status", [Status.BOOKED, Status.ARRIVED, Status.IN_PROGRESS])
def test_a_visit_that_is_going_on_does_not_disappear(signed_in, sam, place, status):
    own = visit(sam, at=-HOUR / 4, place=place, status=status)
    page = signed_in.get("/my/").content.decode()

    assert f'href="/visit/{own.reference}/"' in page
    assert f'href="/visit/{own.reference}/cancel/"' not in page
    assert "Past and cancelled" not in page


def test_a_cancelled_visit_that_was_to_come_stands_below(signed_in, sam, place):
    visit(sam, at=DAY, place=place, status=Status.CANCELLED, cancelled_at=clock.now())
    page = text(signed_in.get("/my/"))

    assert "Nothing is booked at the moment" in page
    assert "(cancelled)" in page


def test_a_past_visit_leads_to_the_times_for_the_same_again(signed_in, sam, place):
    visit(sam, at=-50 * DAY, place=place, status=Status.COMPLETED)
    again = "/book/when/?treatment=peel&amp;with=aisha&amp;for=me"

    assert f'href="{again}"' in signed_in.get("/my/").content.decode()
    assert signed_in.get(again.replace("&amp;", "&")).status_code == 200


def test_the_same_again_is_booked_on_two_pages(signed_in, sam, place):
    """“Book this again”, a time, Confirm: who comes is known."""
    held = hold(signed_in, **{"for": "me"})
    assert held.headers["Location"].startswith("/book/check/")
    last = signed_in.get(held.headers["Location"])
    booked = signed_in.post(held.headers["Location"], {**hidden(last), "accept_terms": "on"})

    assert booked.headers["Location"].startswith("/book/done/")
    assert [one.patient for one in Appointment.objects.visits()] == [sam]


def test_an_address_for_me_tells_a_stranger_nothing(client, sam, place):
    held = hold(client, **{"for": "me"})

    assert held.headers["Location"].startswith("/book/details/")


class TestWaiting:
    @pytest.fixture
    def entry(self, sam, place):
        today = clock.today()
        return WaitingEntry.objects.create(
            patient=sam, treatment=place.peel, first_day=today, last_day=today + 9 * DAY, created_at=clock.now()
        )

    def test_stands_on_the_page_and_is_left_there(self, signed_in, entry):
        assert f'href="/waiting/{entry.reference}/"' in signed_in.get("/my/").content.decode()
        assert signed_in.get(f"/waiting/{entry.reference}/").status_code == 200

        signed_in.post(f"/waiting/{entry.reference}/", {"do": "leave"})

        entry.refresh_from_db()
        assert entry.state == "left"
        assert f"/waiting/{entry.reference}/" not in signed_in.get("/my/").content.decode()

    def test_nobody_elses(self, entry):
        other = Client()
        other.force_login(UserFactory())

        assert other.get(f"/waiting/{entry.reference}/").status_code == 404
        assert other.post(f"/waiting/{entry.reference}/", {"do": "leave"}).status_code == 404
        entry.refresh_from_db()
        assert entry.state == "waiting"


def test_the_rest_of_a_course_is_one_link_away(signed_in, sam, place):
    place.peel.course_visits, place.peel.course_interval_days = 3, 28
    place.peel.save()
    first = visit(sam, at=2 * DAY, place=place)
    assert f'href="/visit/{first.reference}/course/"' in signed_in.get("/my/").content.decode()

    visit(sam, at=30 * DAY, place=place, follows=first)

    assert f'href="/visit/{first.reference}/course/"' not in signed_in.get("/my/").content.decode()


def test_not_where_it_is_not_booked_online_any_more(signed_in, sam, place):
    place.peel.is_bookable_online = False
    place.peel.save()
    visit(sam, at=-50 * DAY, place=place, status=Status.COMPLETED)

    assert "again<span" not in text(signed_in.get("/my/"))


def test_an_account_without_a_record_is_told_what_to_do(signed_in):
    page = signed_in.get("/my/").content.decode()

    assert 'href="/my/find/"' in page
    assert 'href="/book/"' in page
    assert "Past and cancelled" not in page


def test_one_with_its_record_is_not_asked_to_find_it(signed_in, sam):
    assert "/my/find/" not in signed_in.get("/my/").content.decode()


def test_of_whom_they_help_the_name_is_said(signed_in, sam, place, user):
    helped = CarerAccessFactory(user=user, patient__full_name="Robin Lee").patient
    visit(sam, at=DAY, place=place)
    visit(helped, at=2 * DAY, place=place)

    assert text(signed_in.get("/my/")).count(", for Robin Lee") == 1


def test_past_visits_are_all_there_page_by_page(signed_in, sam, place):
    many = 2 * PAST_ON_A_PAGE + 1
    own = [visit(sam, at=-number * DAY, place=place, status=Status.COMPLETED) for number in range(1, many + 1)]
    pages = [signed_in.get(f"/my/?page={number}").content.decode() for number in (1, 2, 3)]

    assert [page.count("again<span") for page in pages] == [20, 20, 1]
    assert all(any(one.reference in page for page in pages) for one in own)
    assert "Page 1 of 3" in pages[0]
    assert signed_in.get("/my/?page=99").status_code == signed_in.get("/my/?page=x").status_code == 200


def test_200_visits_cost_as_many_statements_as_two(signed_in, sam, place, django_assert_max_num_queries):
    visit(sam, at=DAY, place=place), visit(sam, at=-DAY, place=place, status=Status.COMPLETED)
    signed_in.get("/my/")
    with django_assert_max_num_queries(MOST_QUERIES) as few:
        signed_in.get("/my/")
    for number in range(2, 101):
        visit(sam, at=number * DAY, place=place)
        visit(sam, at=-number * DAY, place=place, status=Status.COMPLETED)
    assert Appointment.objects.count() == 200
    with django_assert_max_num_queries(MOST_QUERIES) as many:
        signed_in.get("/my/")

    assert len(many) == len(few)

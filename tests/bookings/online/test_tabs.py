"""F1, kind 1: what a page of the booking shows is what its button does. Two tabs are two bookings."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import pytest
from django.test import Client

from bookings.engine import changes as visit_changes
from bookings.visits.models import Appointment
from bookings.visits.models.statuses import Status
from bookings.visits.visitors import HOLDS_OF_SESSION
from clinic.catalogue.models import Treatment
from clinic.core import clock
from tests.bookings.online.flow import BIRTHDAY, DETAILS, MONDAY, hidden, small_clinic, text, when_url
from tests.bookings.online.test_embed import Visitor

pytestmark = pytest.mark.django_db
TIMES = [f"2026-11-24T{hour:02}:15:00+00:00" for hour in range(9, 17)]
ANNA = {"full_name": "Anna Ross", "email": "anna@example.com", "date_of_birth_year": "1979"}
TERMS = {"accept_terms": "on"}
CHANGED = "This booking was changed after that page was opened"
OTHER = "The page you came from showed something else"


@pytest.fixture(autouse=True)
def place(time_machine):
    time_machine.move_to(MONDAY, tick=False)
    return small_clinic()


class Tab:
    """A tab of a browser: the page it shows, and the form on it. Tabs of one browser share its cookies."""

    def __init__(self, client, url=None):
        self.client = client
        self.open(url or when_url())

    def open(self, url):
        return self._show(self.client.get(url, follow=True), url)

    def _show(self, response, url):
        self.url = response.redirect_chain[-1][0] if response.redirect_chain else url
        self.response = response
        return self

    @property
    def page(self):
        return text(self.response)

    def send(self, **data):
        """Press a button of the form, as it stands on the page now."""
        found = re.findall(r'<form class="[^"]*" method="post" action="([^"]+)"', self.response.content.decode())
        url = html.unescape(found[-1])
        return self._show(self.client.post(url, hidden(self.response) | data, follow=True), url)

    def take(self, number=0, who="aisha"):
        return self.send(slot=f"{TIMES[number]}|{who}")

    def details(self, **changes):
        return self.send(**DETAILS | changes)

    def follow(self, words):
        """Follow the link whose text begins with these words."""
        links = re.findall(r'<a [^>]*href="([^"]+)"[^>]*>(.*?)</a>', self.response.content.decode(), re.DOTALL)
        says = [(href, " ".join(re.sub(r"<[^>]+>", " ", label).split())) for href, label in links]
        return self.open(html.unescape(next(href for href, label in says if label.startswith(words))))


def booked():
    visits = Appointment.objects.filter(patient__isnull=False).order_by("during")
    return [(visit.patient.full_name, visit.treatment.slug, visit.starts_at.hour) for visit in visits]


class TestTwoTabs:
    def test_each_books_its_own_visit(self, client):
        one = Tab(client).take(0).details()
        two = Tab(client, when_url("peel", "tom")).take(2, "tom").details(**ANNA)
        assert "Sam Lee" in one.page
        assert "Anna Ross" in two.page

        assert "Tuesday 24 November, 9:15am" in one.send(**TERMS).page
        assert "Tuesday 24 November, 11:15am" in two.send(**TERMS).page
        assert "anna@example.com" in two.page
        assert booked() == [("Sam Lee", "peel", 9), ("Anna Ross", "peel", 11)]

    def test_a_reload_shows_the_tabs_own_booking(self, client):
        one = Tab(client).take(0).details()
        two = Tab(client).take(2).details(**ANNA)

        assert "Sam Lee" in one.open(one.url).page
        assert "9:15am" in one.page
        assert "Anna Ross" in two.open(two.url).page
        assert "9:15am" in one.send(**TERMS).open(one.url).page

    def test_two_people_say_their_birthdays_in_two_tabs(self, client):
        first = "/book/?treatment=filler&with=aisha"
        one = Tab(client, first).send(**BIRTHDAY)
        two = Tab(client, first).send(**BIRTHDAY | {"date_of_birth_year": "1979"})
        known = {name: value for name, value in DETAILS.items() if name not in BIRTHDAY}
        one.take(0).send(**known)
        two.take(3).send(**known | {"full_name": "Anna Ross", "email": "anna@example.com"})

        assert "27 March 1988" in one.page
        assert "27 March 1979" in two.page

    def test_the_same_booking_in_a_second_tab_is_asked_again_when_it_was_changed_there(self, client):
        one = Tab(client).take(0).details()
        copy = Tab(client, one.url)
        copy.follow("Change day and time").take(4)
        assert "1:15pm" in copy.page

        asked = one.send(**TERMS).page
        assert CHANGED in asked
        assert "1:15pm" in asked
        assert booked() == []
        one.send(**TERMS)
        assert booked() == [("Sam Lee", "peel", 13)]

    def test_changed_details_are_asked_again_as_well(self, client):
        one = Tab(client).take(0).details()
        Tab(client, one.url).follow("Change full name").details(**ANNA)

        assert CHANGED in one.send(**TERMS).page
        assert "Anna Ross" in one.page
        assert booked() == []

    def test_details_typed_for_another_time_are_kept_and_asked_again(self, client):
        one = Tab(client).take(0)
        Tab(client, one.url).follow("Change day and time").take(4)

        page = one.details().page
        assert CHANGED in page
        assert 'value="Sam Lee"' in page
        assert "1:15pm" in page

    def test_another_price_is_asked_again(self, client, place):
        one = Tab(client).take(0).details()
        Appointment.objects.filter(status=Status.HELD).update(price=75)

        assert CHANGED in one.send(**TERMS).page
        assert "£75" in one.page

    def test_an_old_page_of_a_booking_that_is_made_says_so(self, client):
        one = Tab(client).take(0).details()
        copy = Tab(client, one.url)
        one.follow("Change day and time").take(4).send(**TERMS)

        page = copy.send(**TERMS).page
        assert "Your visit is booked" in page
        assert OTHER in page
        assert booked() == [("Sam Lee", "peel", 13)]


class TestOnce:
    def test_a_double_tap_is_one_booking_and_one_answer(self, client):
        one = Tab(client).take(0).details()
        copy = Tab(client, one.url)
        first, second = one.send(**TERMS), copy.send(**TERMS)

        assert first.url == second.url
        assert OTHER not in second.page
        assert len(booked()) == 1

    def test_a_page_without_its_hold_books_nothing(self, client):
        one = Tab(client).take(0).details()

        assert CHANGED in text(client.post(one.url, TERMS, follow=True))
        assert booked() == []

    def test_a_forged_page_books_nothing(self, client):
        one = Tab(client).take(0).details()
        forged = {name: value[:-2] for name, value in hidden(one.response).items()}

        assert CHANGED in text(client.post(one.url, forged | TERMS, follow=True))
        assert booked() == []


class TestFrame:
    def test_an_old_page_asks_again_when_another_time_was_chosen(self):
        visitor = Visitor()
        visitor.take(f"{TIMES[0]}|aisha")
        visitor.send("details/", DETAILS)
        old = visitor.token
        visitor.send("when/?day=2026-11-24", show="yes")
        visitor.take(f"{TIMES[4]}|aisha")

        again = visitor.client.post("/embed/check/", {"token": old, **TERMS})
        assert CHANGED in text(again)
        assert "1:15pm" in text(again)
        assert booked() == []

    def test_an_old_page_with_other_details_books_nothing_more(self):
        visitor = Visitor()
        visitor.take(f"{TIMES[0]}|aisha")
        visitor.send("details/", DETAILS)
        old = visitor.token
        visitor.send("details/", show="yes")
        visitor.send("details/", DETAILS | ANNA)
        visitor.confirm()

        again = text(visitor.client.post("/embed/check/", {"token": old, **TERMS}))
        assert OTHER in again
        assert booked() == [("Anna Ross", "peel", 9)]

    def test_one_frame_keeps_one_time_however_often_its_pages_are_used(self):
        visitor = Visitor()
        first = visitor.token
        for slot in TIMES[:5]:
            visitor.client.post("/embed/when/", {"token": first, "slot": f"{slot}|aisha"})

        assert Appointment.objects.filter(status=Status.HELD).count() == 1


class TestBound:
    def test_tabs_of_one_browser_keep_only_a_few_times(self, client):
        tabs = [Tab(client).take(number) for number in range(6)]

        held = Appointment.objects.filter(status=Status.HELD)
        assert sorted(visit.starts_at.hour for visit in held) == list(range(9, 15))[-HOLDS_OF_SESSION:]
        page = tabs[0].details().page  # its time was given back, and is free
        assert "Check your booking" in page
        assert "9:15am" in page
        assert held.count() == HOLDS_OF_SESSION

    def test_other_browsers_are_not_asked_to_give_theirs(self):
        for number in range(6):
            Tab(Client()).take(number)

        assert Appointment.objects.filter(status=Status.HELD).count() == 6


class TestAgeTypedWrong:
    """P-B4: a true refusal keeps nothing of the person, and the way back keeps what was asked for."""

    def young(self, **parts):
        return {"date_of_birth_year": "2010", **parts}

    def test_before_a_time_is_chosen(self, client):
        tab = Tab(client, "/book/?treatment=filler&with=aisha").send(**BIRTHDAY | self.young())
        assert "We cannot book this visit" in tab.page
        assert "2010" not in str(dict(client.session))

        tab.follow("I typed the wrong date")
        assert "What is your date of birth?" in tab.page
        assert 'value="2010"' not in tab.page
        assert "Lip filler · 30 minutes" in tab.page
        assert tab.send(**BIRTHDAY).url.startswith("/book/when/?treatment=filler&with=aisha")

    def test_after_a_time_is_chosen(self, client):
        tab = Tab(client).take(0).details(**self.young())
        assert "We cannot book this visit" in tab.page
        assert "sam@example.com" not in str(dict(client.session))

        tab.follow("I typed the wrong date")
        assert "Your details" in tab.page
        assert "Tuesday 24 November, 9:15am" in tab.page
        assert "sam@example.com" not in tab.page
        tab.details().send(**TERMS)
        assert booked() == [("Sam Lee", "peel", 9)]

    def test_where_the_birthday_came_first_and_is_put_right_later(self, client, place):
        tab = Tab(client, "/book/?treatment=filler&with=aisha").send(**BIRTHDAY).take(0)
        tab.open(re.search(r'href="([^"]*change=birthday[^"]*)"', tab.page)[1].replace("&amp;", "&"))
        tab.send(**BIRTHDAY | self.young()).follow("I typed the wrong date").send(**BIRTHDAY)

        assert "Your details" in tab.page
        assert "9:15am" in tab.page

    def test_in_a_frame(self):
        visitor = Visitor()
        visitor.take(f"{TIMES[0]}|aisha")
        visitor.send("details/", DETAILS | self.young())
        assert "We cannot book this visit" in visitor.page
        to = re.search(r'formaction="([^"]+)">I typed the wrong date', visitor.page)[1].replace("&amp;", "&")
        visitor.send(to.removeprefix("/embed/"), show="yes")

        assert "Your details" in visitor.page
        assert "9:15am" in visitor.page
        assert "sam@example.com" not in visitor.page

    def test_of_the_waiting_list(self, client):
        answer = Tab(client, "/book/cannot-book/?treatment=peel&with=aisha&for=waiting")

        assert answer.follow("I typed the wrong date").url == "/waiting/join/?treatment=peel&with=aisha"


def test_a_treatment_that_is_gone_asks_again_without_a_way_back_to_it(client, place):
    Treatment.objects.update(is_bookable_online=False)

    assert "I typed the wrong date" not in text(client.get("/book/cannot-book/?treatment=peel&with=aisha"))


class TestNotOfferedAnyMore:
    """D2: what the clinic stopped offering meanwhile is not booked by a page that is out of date, and it says why."""

    SAYS = "What you chose cannot be booked online any more"

    @pytest.fixture
    def tab(self, client):
        return Tab(client).take().details()

    def stop(self):
        Treatment.objects.filter(slug="peel").update(live=False)

    def test_a_hold_that_ran_out_is_not_taken_again(self, tab, time_machine):
        time_machine.shift(timedelta(minutes=30))
        self.stop()
        assert "This cannot be booked online" in tab.send(**TERMS).page
        assert not booked()

    def test_a_time_that_is_still_kept_is_booked_as_promised(self, tab):
        self.stop()
        tab.send(**TERMS)
        assert len(booked()) == 1

    def test_the_details_of_a_hold_that_ran_out_say_so(self, client, time_machine):
        tab = Tab(client).take()
        time_machine.shift(timedelta(minutes=30))
        self.stop()
        assert self.SAYS in tab.details().page

    def test_so_does_a_tap_on_a_time_and_a_link_from_elsewhere(self, client):
        tab = Tab(client)
        self.stop()
        assert self.SAYS in tab.take().page
        assert self.SAYS in text(client.get("/book/?treatment=peel"))
        assert self.SAYS in text(client.get("/waiting/join/?treatment=peel&with=any", follow=True))
        assert self.SAYS not in text(client.get("/book/"))


def test_the_last_page_does_not_say_booked_of_a_cancelled_visit(client):
    tab = Tab(client).take().details().send(**TERMS)
    assert "Your visit is booked" in tab.page
    visit_changes.cancel(appointment=Appointment.objects.get(patient__isnull=False), now=clock.now())

    assert "Your visit is booked" not in tab.open(tab.url).page
    assert "cancelled" in tab.page

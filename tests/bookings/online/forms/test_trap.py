"""F20: a hidden box that a browser or password manager filled in stops nobody: one more press goes on."""

import re

import pytest
from django.core.signing import TimestampSigner

from bookings.online.views.visit.page import FINDS
from bookings.waiting_list.models import WaitingEntry
from tests.bookings.online import test_embed
from tests.bookings.online.flow import DETAILS, MONDAY, hold, send, small_clinic, text
from tests.bookings.waiting_list.test_views import JOIN, WISHES

pytestmark = pytest.mark.django_db
TOLD = "press the button once more"


@pytest.fixture(autouse=True)
def place(time_machine):
    time_machine.move_to(MONDAY, tick=False)
    return small_clinic()


class ByPage:
    reached = "Check your booking"

    def __init__(self, client):
        self.client = client
        hold(client)

    def page(self):
        return self.client.get("/book/details/")

    def send(self, **data):
        return send(self.client, "details", DETAILS | data, follow=True)


class ByWaitingList:
    reached = "You are on the waiting list"

    def __init__(self, client):
        self.client = client

    def page(self):
        return self.client.get(JOIN)

    def send(self, **data):
        return self.client.post(JOIN, DETAILS | WISHES | {"anyway": "yes"} | data, follow=True)


class ByFrame:
    reached = "Check your booking"

    def __init__(self, client):
        self.visitor = test_embed.Visitor()
        self.visitor.take()

    def page(self):
        return self.visitor.answer

    def send(self, **data):
        self.visitor.send("details/", DETAILS | data)
        return self.visitor.answer


@pytest.fixture(params=[ByPage, ByWaitingList, ByFrame])
def door(request, client):
    return request.param(client)


def carried(answer):
    return re.search(r'name="again" value="([^"]+)"', answer.content.decode()).group(1)


def test_who_filled_it_is_told_keeps_the_answers_and_goes_on_with_one_more_press(door):
    caught = door.send(more="https://vault.example.com")
    assert TOLD in text(caught)
    assert 'value="Sam Lee"' in caught.content.decode()
    assert 'name="more"' not in caught.content.decode()

    assert door.reached in text(door.send(again=carried(caught)))


def test_a_browser_that_fills_it_in_again_stops_nobody_either(door):
    caught = door.send(more="https://vault.example.com")

    assert door.reached in text(door.send(again=carried(caught), more="https://vault.example.com"))


def test_a_slip_after_that_is_told_and_the_way_stays_open(door):
    caught = door.send(more="x")
    slip = door.send(again=carried(caught), email="sam")

    assert "Enter an email address" in text(slip)
    assert door.reached in text(door.send(again=carried(slip)))


@pytest.mark.parametrize(
    "made_up",
    ["person", "person:1tXyZ:abc", TimestampSigner(salt="else").sign("person")],
    ids=["bare", "forged", "signed for something else"],  # the signature differs by the second, so by the process
)
def test_a_pass_that_is_not_ours_opens_nothing(door, made_up):
    assert TOLD in text(door.send(more="x", again=made_up))


def test_a_pass_runs_out(door, time_machine):
    caught = carried(door.send(more="x"))
    time_machine.shift(2 * 60 * 60)

    assert door.reached not in text(door.send(more="x", again=caught))


def test_a_program_that_fills_in_every_box_joins_nothing(client):
    ByWaitingList(client).send(more="x")

    assert not WaitingEntry.objects.exists()


def test_the_box_has_no_name_that_a_browser_knows_and_asks_password_managers_to_pass(door):
    (box,) = re.findall(r'<input type="text" name="more"[^>]*>', door.page().content.decode())

    assert all(word in box for word in ('autocomplete="off"', "data-1p-ignore", "data-lpignore", "data-bwignore"))


class ByFinding:
    reached = "Check your email"

    def __init__(self, client):
        self.client = client

    def page(self):
        return self.client.get("/visit/find/")

    def send(self, **data):
        return self.client.post("/visit/find/", {"email": "sam@example.com"} | data, follow=True)


class TestAMoment:
    """Where limits are on, a form that is sent at once is asked for once more."""

    @pytest.fixture(autouse=True)
    def limits(self, settings, cache_of_this_test):
        settings.RATE_LIMITS = True

    @pytest.fixture(params=[ByWaitingList, ByFinding, ByFrame])
    def door(self, request, client):
        return request.param(client)

    @staticmethod
    def shown(page):
        return re.search(r'name="shown" value="([^"]+)"', page.content.decode()).group(1)

    def test_who_was_quick_presses_once_more_and_loses_nothing(self, door):
        caught = door.send(shown=self.shown(door.page()))
        assert TOLD in text(caught)
        assert "sam@example.com" in caught.content.decode()

        assert door.reached in text(door.send(again=carried(caught)))

    def test_who_read_the_page_is_not_asked(self, door, time_machine):
        shown = self.shown(door.page())
        time_machine.shift(1)

        assert door.reached in text(door.send(shown=shown))

    def test_who_is_called_away_after_being_asked_is_not_told_that_it_was_quick(self, door, time_machine):
        """The time of a kept hold is over by then, so where a form needs one, it asks for that."""
        caught = door.send(more="x", shown=self.shown(door.page()))
        time_machine.shift(2 * 60 * 60)

        again = door.send(again=carried(caught), shown=self.shown(caught))

        assert "very quick" not in text(again)

    @pytest.mark.parametrize("made_up", ["", "1", "1700000000.000:forged"])
    def test_a_program_that_sends_the_form_without_its_page_gets_nowhere(self, door, made_up):
        for _ in range(3):
            assert door.reached not in text(door.send(shown=made_up))

    def test_an_address_that_asks_for_many_links_is_told_to_wait(self, client, time_machine):
        door = ByFinding(client)
        shown = self.shown(door.page())
        time_machine.shift(1)
        for n in range(FINDS.amount):
            assert door.send(shown=shown, email=f"sam{n}@example.com").status_code == 200

        refused = door.send(shown=shown)

        assert refused.status_code == 429
        assert "try again in an hour" in text(refused)
        assert "sam@example.com" in text(refused)

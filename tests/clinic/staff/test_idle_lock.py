"""A screen that nobody uses shows nothing of a patient after a quarter of an hour, and what was typed is not lost."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from clinic.core import clock
from clinic.core.models import ClinicSettings
from tests.clinic.staff.conftest import SEED, enrolled, signed_in
from tests.factories.browsers import code_for
from tests.factories.clinic import UserFactory

pytestmark = pytest.mark.django_db
IDLE = 15 * 60  # unless the clinic says otherwise
ASKED = "/accounts/2fa/reauthenticate/"
POLL = ("/diary/version/?v=0", {})
SHEET = ("/diary/sheet/offline/", {})  # kept by the worker, as long as the diary is shown
REFRESH = ("/diary/", {"HX-Request": "true", "HX-Trigger": "region"})


@pytest.fixture
def later():
    """`later(minutes=15)`: a clock that only the test moves, from now on."""
    with time_machine.travel(clock.now(), tick=False) as moment:
        yield lambda **span: moment.shift(timedelta(**span))


@pytest.fixture
def desk(later):
    return enrolled(role="desk")


@pytest.fixture
def browser(desk):
    return signed_in(desk)


def is_open(browser, address="/diary/"):
    return browser.get(address).status_code == 200


def unlock(browser, to="/diary/"):
    return browser.post(f"{ASKED}?next={to}", {"code": code_for(SEED), "next": to})


def test_it_locks_after_a_quarter_of_an_hour(browser, later):
    assert is_open(browser)
    later(seconds=IDLE)
    assert is_open(browser)

    later(seconds=IDLE + 1)

    assert browser.get("/diary/")["Location"].startswith(ASKED)
    assert b"This screen was locked" in browser.get(ASKED).content


def test_the_clinic_says_after_how_long(browser, later):
    ClinicSettings.objects.update_or_create(pk=ClinicSettings.load().pk, defaults={"lock_after_minutes": 1})
    for _ in range(12):
        later(seconds=44)
        assert is_open(browser)

    later(seconds=61)

    assert not is_open(browser)


def test_who_works_is_not_locked_out(browser, later):
    for _ in range(8):
        later(minutes=14)
        assert is_open(browser, "/diary/lately/")


@pytest.mark.parametrize(("address", "headers"), [POLL, SHEET, REFRESH], ids=["poll", "sheet", "refresh"])
def test_a_page_that_looks_for_news_by_itself_keeps_nothing_open(address, headers, browser, later):
    assert is_open(browser)
    for _ in range(20):
        later(minutes=1)
        answer = browser.get(address, headers=headers)

    assert answer.status_code in {302, 401}
    assert b"patient" not in answer.content.lower()
    assert not is_open(browser)


def test_fragments_say_where_to_and_nothing_else(browser, later):
    is_open(browser)
    later(minutes=16)

    answer = browser.get(*REFRESH[:1], headers=REFRESH[1])

    assert (answer.status_code, answer.content) == (401, b"")
    assert answer["HX-Redirect"].startswith(ASKED)


def test_a_code_opens_it_again(browser, later):
    is_open(browser)
    later(minutes=16)
    assert not is_open(browser)
    later(seconds=5)

    assert unlock(browser)["Location"] == "/diary/"
    assert is_open(browser)
    assert b"This screen was locked" not in browser.get(ASKED).content


def test_a_wrong_code_opens_nothing(browser, later):
    is_open(browser)
    later(minutes=16)
    assert not is_open(browser)

    browser.post(ASKED, {"code": "000000"})

    assert not is_open(browser)


def test_what_a_form_sent_is_done_once_it_is_open_again(later):
    owner, other = enrolled(role="owner"), enrolled(role="desk")
    browser = signed_in(owner)
    is_open(browser)
    later(minutes=16)

    asked = browser.post(f"/staff/{other.pk}/", {"roles": ["desk", "editor"]})
    assert set(other.groups.values_list("name", flat=True)) == {"desk"}
    later(seconds=5)
    browser.post(asked["Location"], {"code": code_for(SEED), "next": f"/staff/{other.pk}/"})

    assert set(other.groups.values_list("name", flat=True)) == {"desk", "editor"}


def test_the_button_locks_at_once(browser):
    assert b"Lock</button>" in browser.get("/diary/").content

    assert browser.post("/accounts/lock/", {"next": "/diary/lately/"})["Location"] == "/diary/lately/"

    assert browser.get("/diary/lately/")["Location"].startswith(ASKED)


def test_locked_one_can_still_sign_out(browser, later):
    is_open(browser)
    later(minutes=16)

    browser.post("/accounts/logout/")

    assert "_auth_user_id" not in browser.session


def test_locked_is_locked_in_every_tab(browser, later):
    tab = Client()
    tab.cookies = browser.cookies
    browser.post("/accounts/lock/")

    assert not is_open(tab)


def test_patients_are_never_locked(later):
    client = Client()
    client.force_login(UserFactory())
    assert is_open(client, "/my/")
    later(hours=2)

    assert is_open(client, "/my/")


def test_another_site_cannot_be_the_page_to_go_on_with(browser):
    answer = browser.post("/accounts/lock/", {"next": "https://evil.example/"})

    assert answer["Location"].startswith("/accounts/")


def test_switched_off_nothing_locks(settings, browser, later):
    settings.STAFF_SECOND_FACTOR = False
    assert is_open(browser)
    later(hours=2)

    assert is_open(browser)


def test_a_password_is_not_offered_to_open_it(desk, browser):
    """It would not: a password alone is what the lock is against."""
    desk.set_password("clinic-test-words")
    desk.save()
    browser = signed_in(desk)
    browser.post("/accounts/lock/")

    page = browser.get("/diary/", follow=True).content.decode()

    assert "This screen was locked" in page
    assert "password" not in page

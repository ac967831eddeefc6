"""The owner's pages for places, in Wagtail's admin; hours and leave are the diary's."""

import pytest
from django.urls import NoReverseMatch, reverse

from tests.factories.clinic import StaffFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(client):
    client.force_login(StaffFactory(role="owner"))
    return client


@pytest.mark.parametrize("name", ["location", "room", "device"])
def test_every_page_of_places_opens(owner, name):
    for action in ("list", "add"):
        assert owner.get(reverse(f"wagtailsnippets_bookings_{name}:{action}")).status_code == 200


@pytest.mark.parametrize("name", ["workinghours", "extrahours", "timeoff", "regulartimeoff"])
def test_hours_and_leave_have_no_page_of_their_own(name):
    with pytest.raises(NoReverseMatch):
        reverse(f"wagtailsnippets_bookings_{name}:list")


def test_the_menu_leads_to_the_diary_and_repeats_nothing_of_it(owner):
    menu = owner.get("/cms/", follow=True).content.decode()

    assert "/diary/" in menu
    for path in ("/diary/time/", "/diary/holidays/"):
        assert path not in menu

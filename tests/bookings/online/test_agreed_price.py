"""F9: wherever a visit is shown, its price is the one agreed."""

from datetime import datetime

import pytest

from clinic.catalogue.models import Treatment
from tests.bookings.online.flow import MONDAY, confirm, give_details, hold, small_clinic, text
from tests.factories.bookings import AppointmentFactory
from tests.factories.clinic import StaffFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def on_monday(time_machine):
    time_machine.move_to(MONDAY, tick=False)


@pytest.fixture
def place():
    return small_clinic()


@pytest.fixture
def visit(place):
    visit = AppointmentFactory(
        starts_at=datetime.fromisoformat("2026-11-25T10:15:00+00:00"),
        practitioner=place.aisha,
        treatment=place.peel,
        location=place.location,
    )
    Treatment.objects.update(price=120)
    return visit


def test_the_visit_page_the_diary_and_the_interface_show_it(client, visit):
    """F9"""
    api = client.get(f"/api/v1/bookings/{visit.link_token}").json()
    client.get(f"/visit/{visit.link_token}/")
    shown = text(client.get(f"/visit/{visit.reference}/"))
    client.force_login(StaffFactory(role="desk"))
    diary = text(client.get(f"/diary/visits/{visit.reference}/"))

    assert (api["price"], api["price_is_from"]) == ("60.00", False)
    assert "£60" in shown
    assert "£120" not in shown
    assert "<dt>Agreed price</dt><dd>£60</dd>" in diary


def test_what_the_check_page_showed_is_what_the_visit_costs(client, place):
    """F9: the owner changes the price while someone reads the check page."""
    hold(client)
    give_details(client)
    checked = text(client.get("/book/check/"))
    Treatment.objects.update(price=120, is_price_from=True)

    assert "The whole price is <strong>£60</strong>" in checked
    assert "£60" in text(client.get("/book/check/"))
    confirm(client)
    done = text(client.get("/book/done/"))
    assert "£60" in done
    assert "£120" not in done


def test_what_is_free_is_said_to_be(client, place):
    Treatment.objects.filter(pk=place.peel.pk).update(price=0)
    hold(client)
    give_details(client)
    checked = text(client.get("/book/check/"))

    assert "It is free: there is nothing to pay." in checked
    assert "whole price" not in checked

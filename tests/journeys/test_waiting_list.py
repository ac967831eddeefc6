"""Nothing suits: a patient joins the waiting list on their phone, a time comes free, and they take it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from bookings.waiting_list import offers
from bookings.waiting_list.models import Offer, WaitingEntry
from clinic.core import clock
from tests.journeys.support.visitor import assert_sound, heading, next_page, sign_in

pytestmark = pytest.mark.journey


def press(page, name):
    with next_page(page):
        page.get_by_role("button", name=name).click()


def fill_in(page):
    page.get_by_label("Full name").fill("Demo Patient Hazel")
    page.get_by_label("Email address").fill("hazel@example.com")
    page.get_by_label("Mobile number").fill("07700 900123")
    for part, value in (("Day", "27"), ("Month", "3"), ("Year", "1988")):
        page.get_by_label(part, exact=True).fill(value)


def test_joins_is_offered_a_time_takes_it_and_staff_see_it(visit):
    page = visit()
    page.goto("/waiting/join/?treatment=skincare-consultation&with=any")
    assert_sound(page)
    page.get_by_label("Sunday").uncheck()
    press(page, "Join the list")
    expect(page.get_by_role("alert")).to_contain_text("Enter your full name")
    assert not page.get_by_label("Sunday").is_checked()
    assert_sound(page)
    fill_in(page)
    press(page, "Join the list")
    expect(page.get_by_role("heading", name="These times suit you and are free now")).to_be_visible()
    assert_sound(page)
    press(page, "Join the list all the same")
    heading(page, "You are on the waiting list")
    assert_sound(page)

    entry = WaitingEntry.objects.get(patient__email="hazel@example.com")
    offers.sweep(clock.now())
    assert not entry.offers.exists()
    offers.sweep(clock.now(), by_staff=True)
    offer = Offer.objects.get(entry=entry)
    assert clock.local(offer.starts_at).isoweekday() != 7
    phone = visit()
    phone.goto(f"/waiting/offers/{offer.link_token}/")
    heading(phone, "A time has come free for you")
    assert offer.link_token not in phone.url
    assert_sound(phone)

    staff = visit(width=1280)
    sign_in(staff, "desk@example.com")
    staff.goto("/diary/waiting/")
    expect(staff.get_by_role("row", name="Demo Patient Hazel")).to_contain_text("kept until")
    assert_sound(staff)
    staff.goto("/diary/holidays/")
    assert_sound(staff)

    press(phone, "Take this time")
    heading(phone, "Your visit")
    expect(phone.get_by_role("status").first).to_contain_text("Booked")
    entry.refresh_from_db()
    assert entry.state == WaitingEntry.State.BOOKED
    assert offer.starts_at - clock.now() > timedelta(hours=1)

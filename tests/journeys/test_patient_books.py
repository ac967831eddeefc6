"""A patient books on a phone, and later moves and cancels by the link in the e-mail: with and without JavaScript."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from bookings.visits.history import history
from bookings.visits.models import Appointment
from bookings.visits.models.statuses import Status
from clinic.core import clock
from tests.journeys.support.patient import BORN, GATED, PLAIN, Patient
from tests.journeys.support.visitor import heading

both_ways = pytest.mark.parametrize("has_script", [True, False], ids=["with script", "without script"])
with_script_first = pytest.mark.parametrize(
    "has_script", [True, pytest.param(False, marks=pytest.mark.proof)], ids=["with script", "without script"]
)


@both_ways
def test_books_then_moves_and_cancels_by_the_link_in_the_letter(visit, link_to, has_script):
    patient = Patient(page := visit(has_script=has_script))

    # When a booking from the first page to the last
    patient.when_they_ask_for(PLAIN)
    patient.when_they_choose_day(2)
    starts_at = patient.when_they_choose_time()
    patient.when_they_give_details()
    patient.then_the_page_says("Full name", patient.name)
    patient.when_they_confirm()
    booked = patient.then_it_is_booked()
    assert (booked.status, booked.starts_at) == (Status.BOOKED, starts_at)

    # When on another device, with nothing but the letter
    page = visit(has_script=has_script)
    later = Patient(page)
    page.goto(link_to(patient.email))
    heading(page, "Your visit")
    assert page.url.endswith(f"/visit/{booked.reference}/"), "the secret has left the address"

    # When moved
    page.get_by_role("link", name="Move this visit").click()
    later.when_they_choose_day(4)
    moved_to = later.when_they_choose_time()
    heading(page, "Move your visit?")
    page.get_by_role("button", name="Move my visit").click()
    expect(page.get_by_text("Your visit has moved")).to_be_visible()
    assert patient.visit().starts_at == moved_to != starts_at

    # When cancelled
    page.get_by_role("link", name="Cancel this visit").click()
    page.get_by_role("button", name="Cancel my visit").click()
    heading(page, "This visit is cancelled")
    assert patient.visit().status == Status.CANCELLED
    assert len(history(patient.visit())) >= 3


@with_script_first
def test_says_the_date_of_birth_before_a_time_is_kept_where_the_law_asks(visit, has_script):
    patient = Patient(page := visit(has_script=has_script))

    patient.when_they_ask_for(GATED)
    heading(page, "One more question")
    patient.when_they_continue()
    expect(page.get_by_role("link", name="Enter your date of birth")).to_be_visible()
    patient.when_they_say_their_birthday(*BORN)
    patient.when_they_continue()
    patient.when_they_choose_day(1)
    patient.when_they_choose_time()
    expect(page.get_by_text("27 March 1988")).to_be_visible()
    patient.when_they_give_details(is_birthday_known=True)
    patient.then_the_page_says("Date of birth", "27 March 1988")
    patient.when_they_confirm()

    assert patient.then_it_is_booked().patient.date_of_birth.isoformat() == "1988-03-27"
    expect(page.get_by_text("Bring photo ID")).to_be_visible()


def test_turns_away_whoever_is_too_young_and_keeps_nothing(visit):
    patient = Patient(page := visit())
    held = Appointment.objects.filter(status=Status.HELD).count()

    patient.when_they_ask_for(GATED)
    patient.when_they_say_their_birthday("1", "1", str(clock.today().year - 16))
    patient.when_they_continue()

    heading(page, "We cannot book this visit")
    assert Appointment.objects.filter(status=Status.HELD).count() == held


@with_script_first
def test_is_told_what_is_missing_and_keeps_what_was_typed(visit, has_script):
    patient = Patient(page := visit(has_script=has_script))
    patient.given_a_choice_made()
    patient.when_they_choose_time()

    # When nothing is filled in
    patient.when_they_continue()

    summary = page.get_by_role("alert")
    expect(page).to_have_title(re.compile("^Error: "))
    expect(summary.get_by_role("heading", name="There is a problem")).to_be_visible()
    links = summary.get_by_role("link")
    assert links.count() >= 4
    for link in links.all():
        assert page.locator(link.get_attribute("href")).count() == 1, link.inner_text()
    links.first.click()
    expect(page.get_by_label("Full name")).to_be_focused()

    # When some is right and some wrong
    page.get_by_label("Full name").fill(patient.name)
    page.get_by_label("Email address").fill("not an address")
    patient.when_they_say_their_birthday("27", "13", "1988")
    patient.when_they_continue()

    expect(page.get_by_label("Full name")).to_have_value(patient.name)
    expect(page.get_by_label("Email address")).to_have_value("not an address")
    expect(page.get_by_label("Month", exact=True)).to_have_value("13")
    expect(page.get_by_label("Email address")).to_have_attribute("aria-invalid", "true")

    # When all is right
    patient.when_they_give_details()
    heading(page, "Check your booking")
    page.get_by_role("button", name="Confirm booking").click()
    expect(page.get_by_role("link", name="Tick the box to say that you agree to the terms")).to_be_visible()
    patient.when_they_confirm()
    patient.then_it_is_booked()


@with_script_first
def test_changes_an_answer_on_the_last_page_and_loses_no_other(visit, has_script):
    patient = Patient(page := visit(has_script=has_script))
    patient.given_details_typed(day=2)

    patient.when_they_change("full name")
    expect(page.get_by_label("Email address")).to_have_value(patient.email)
    page.get_by_label("Full name").fill("Demo Patient Renamed")
    patient.when_they_continue()
    patient.then_the_page_says("Full name", "Demo Patient Renamed")

    patient.when_they_change("day and time")
    day = patient.when_they_choose_day(5)
    starts_at = patient.when_they_choose_time(1)
    patient.then_the_page_says("When", day)
    patient.then_the_page_says("Full name", "Demo Patient Renamed")

    patient.when_they_confirm()
    booked = patient.then_it_is_booked()
    assert (booked.patient.full_name, booked.starts_at) == ("Demo Patient Renamed", starts_at)


def test_asks_for_the_link_again(visit, link_to):
    patient = Patient(page := visit())
    patient.given_a_visit()

    page.goto("/visit/find/")
    page.get_by_label("Email address").fill(patient.email)
    page.get_by_role("button", name="Send my link").click()
    heading(page, "Check your email")

    page = visit()
    page.goto(link_to(patient.email))
    heading(page, "Your visit")

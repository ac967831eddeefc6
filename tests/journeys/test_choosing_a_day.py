"""Choosing a day: a whole page without JavaScript, a part of it with htmx. Both end in the same place."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.support.patient import Patient

WHEN = "/book/when/?treatment=first-consultation&with=any"


def test_htmx_swaps_the_times_only_and_tells_those_who_listen(visit):
    patient = Patient(page := visit())
    page.goto(WHEN)
    page.evaluate("window.sameDocument = true")

    day = patient.when_they_choose_day(3)

    assert page.evaluate("window.sameDocument"), "no new document was loaded"
    expect(page).to_have_url(re.compile("day="))
    expect(page.locator("a.day[aria-current=date]")).to_have_count(1)
    expect(page.locator("#times-status")).to_contain_text(f"on {day}")
    expect(page.get_by_role("heading", level=2, name=day)).to_be_focused()


@pytest.mark.proof
def test_back_returns_to_the_day_before(visit):
    patient = Patient(page := visit())
    page.goto(WHEN)
    first = patient.when_they_choose_day(1)
    patient.when_they_choose_day(4)

    page.go_back()

    expect(page.get_by_role("heading", level=2, name=first)).to_be_visible()
    patient.when_they_choose_time()
    expect(page.get_by_text(first)).to_be_visible()


def test_without_script_it_is_a_page_with_the_same_content(visit):
    scripted, plain = visit(), visit(has_script=False)
    for page in (scripted, plain):
        page.goto(WHEN)

    with plain.expect_navigation():
        Patient(plain).when_they_choose_day(3)
    Patient(scripted).when_they_choose_day(3)

    labels = "section button.slot"
    assert plain.locator(labels).all_inner_texts() == scripted.locator(labels).all_inner_texts() != []


@pytest.mark.proof
def test_later_dates_both_ways(visit):
    for has_script in (True, False):
        page = visit(has_script=has_script)
        page.goto(WHEN)
        first = page.locator("a.day").first.get_attribute("href")
        page.get_by_role("link", name="Later dates").click()
        expect(page.get_by_role("link", name="Earlier dates")).to_be_visible()
        assert page.locator("a.day").first.get_attribute("href") != first
        page.get_by_role("link", name="Earlier dates").click()
        expect(page.locator(".next-available")).to_be_visible()


def test_the_next_available_time_is_one_tap(visit):
    page = visit()
    page.goto(WHEN)

    page.locator(".next-available").get_by_role("button").click()

    expect(page.get_by_role("heading", level=1, name="Your details")).to_be_visible()

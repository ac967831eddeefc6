"""Someone else is quicker: the nearest times are offered, answers are kept, and it ends well."""

from __future__ import annotations

from datetime import datetime

import pytest

from tests.journeys.support.patient import Patient, let_the_hold_run_out, someone_else_books

both_ways = pytest.mark.parametrize("has_script", [True, False], ids=["with script", "without script"])


@pytest.mark.parametrize(
    "has_script", [True, pytest.param(False, marks=pytest.mark.proof)], ids=["with script", "without script"]
)
def test_taken_between_seeing_the_time_and_tapping_it(visit, has_script):
    patient = Patient(page := visit(has_script=has_script))
    patient.given_a_choice_made(day=6)

    wanted = _time_of(page, 1)
    someone_else_books(wanted)
    patient.when_they_choose_time(1)

    patient.then_times_near_it_are_offered()
    page.get_by_role("alert").locator("button.slot").first.click()
    patient.when_they_give_details()
    patient.when_they_confirm()
    assert patient.then_it_is_booked().starts_at != wanted


@both_ways
def test_taken_between_the_details_and_confirm(visit, has_script):
    patient = Patient(page := visit(has_script=has_script))
    patient.given_a_choice_made(day=7)
    wanted = patient.when_they_choose_time(2)
    patient.when_they_give_details()

    let_the_hold_run_out(wanted)
    someone_else_books(wanted)
    patient.when_they_confirm()

    patient.then_times_near_it_are_offered()
    page.get_by_role("alert").locator("button.slot").nth(1).click()
    patient.then_the_page_says("Full name", patient.name)
    patient.when_they_confirm()
    assert patient.then_it_is_booked().starts_at != wanted


def test_a_hold_that_ran_out_still_books_when_nobody_took_the_time(visit):
    patient = Patient(visit())
    patient.given_a_choice_made(day=8)
    wanted = patient.when_they_choose_time()
    patient.when_they_give_details()

    let_the_hold_run_out(wanted)
    patient.when_they_confirm()

    assert patient.then_it_is_booked().starts_at == wanted


def _time_of(page, number):
    button = page.locator("section button.slot").nth(number)
    return datetime.fromisoformat(button.get_attribute("value").partition("|")[0])

"""After a visit is booked: the rest of its course and its follow-up, on a phone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bookings.desk.times import times_on
from bookings.engine.availability.open_days import open_days
from bookings.engine.booking import book
from bookings.engine.eligibility import PatientDetails
from bookings.visits.models import Appointment
from clinic.catalogue.models import Treatment
from clinic.core import clock
from clinic.practitioners.models import Practitioner
from tests.journeys.support.visitor import assert_sound, heading, next_page

pytestmark = pytest.mark.journey


def given_a_visit(slug, name):
    treatment, now = Treatment.objects.get(slug=slug), clock.now()
    day = open_days(treatment=treatment, now=now, limit=8)[-1].day
    slot = times_on(treatment=treatment, day=day, now=now)[-1]
    details = PatientDetails(name, "demo.onward@example.com", "+447700900123", clock.today(now) - timedelta(days=9999))
    return book(
        treatment=treatment,
        practitioner=Practitioner.objects.get(slug=slot.practitioner_slug),
        starts_at=slot.starts_at,
        details=details,
        now=now,
        by_staff=True,
    )


def test_books_the_rest_of_a_course(visit):
    first, page = given_a_visit("microneedling", "Demo Patient Alder"), visit()
    page.goto(f"/visit/{first.link_token}/")
    assert_sound(page)
    with next_page(page):
        page.get_by_role("link", name="Book the rest of the course").click()
    assert_sound(page)
    with next_page(page):
        page.get_by_role("button", name="Book these visits").click()
    heading(page, "Your visit")
    assert_sound(page)
    assert Appointment.objects.filter(follows=first).count() == 2


def test_books_the_follow_up(visit):
    first, page = given_a_visit("lip-filler", "Demo Patient Birch"), visit()
    page.goto(f"/visit/{first.link_token}/")
    with next_page(page):
        page.get_by_role("link", name="Book your follow-up").click()
    assert_sound(page)
    with next_page(page):
        page.locator("section button.slot").first.click()
    heading(page, "Book this follow-up?")
    assert_sound(page)
    with next_page(page):
        page.get_by_role("button", name="Book this time").click()
    heading(page, "Your visit")
    assert Appointment.objects.get(follows=first).treatment.slug == "review"

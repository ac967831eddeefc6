"""Booking in a frame on another site, in a browser that lets no third party keep anything."""

from __future__ import annotations

import re
import shutil
from datetime import datetime

import pytest
from playwright.sync_api import expect

from bookings.visits.models import BookingSettings
from clinic.core import clock
from tests.journeys.conftest import CHROMIUM, FLAGS, PATIENCE
from tests.journeys.support.patient import BORN, GATED, Patient, someone_else_books
from tests.journeys.support.visitor import assert_sound, heading, next_page

OLD_SITE = "https://old-clinic.example"  # answered by the browser itself: another site, and a secure one
HOST_PAGE = """<!DOCTYPE html><html lang="en-GB"><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>The old site</title>
<style>body {{ margin: 0 }} iframe {{ display: block; inline-size: 100%; block-size: 600px; border: 0 }}</style>
<h1>Our clinic</h1>
<iframe name="booking" title="Book a visit" src="{url}/embed/?{query}"></iframe>{script}"""


@pytest.fixture
def allowed(db):
    settings = BookingSettings.load()
    BookingSettings.objects.filter(pk=settings.pk).update(embedding_sites=OLD_SITE)
    yield
    BookingSettings.objects.filter(pk=settings.pk).update(embedding_sites="")


@pytest.fixture(scope="module")
def strict_chromium(chromium):
    """A browser that blocks third parties' cookies and storage."""
    path = next(filter(None, map(shutil.which, CHROMIUM)))
    # A page of a public address may not reach one of this machine; that guard is not what is tried here.
    off = "--disable-features=LocalNetworkAccessChecks,BlockInsecurePrivateNetworkRequests"
    browser = chromium.browser_type.launch(
        executable_path=path, args=[*FLAGS, "--test-third-party-cookie-phaseout", off]
    )
    yield browser
    browser.close()


@pytest.fixture
def old_site(strict_chromium, clinic):
    """`old_site(query)`: the other site's page, and in it ours."""
    contexts = []

    def open_page(query="", *, has_script=True, width=390, script_comes_late=None):
        context = strict_chromium.new_context(
            base_url=clinic.url,
            viewport={"width": width, "height": 844},
            java_script_enabled=has_script,
            locale="en-GB",
            timezone_id="Europe/London",
            reduced_motion="reduce",
        )
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        script = f'<script src="{clinic.url}/embed/frame.js" async></script>' if has_script else ""
        body = HOST_PAGE.format(url=clinic.url, query=query, script=script)
        context.route(f"{OLD_SITE}/**", lambda route: route.fulfill(body=body, content_type="text/html"))
        if script_comes_late is not None:
            context.route("**/embed/frame.js", lambda route: script_comes_late.append(route))  # noqa: PLW0108 -- Playwright wants a Python function
        page = context.new_page()
        page.goto(f"{OLD_SITE}/", wait_until="load" if script_comes_late is None else "commit")
        return page

    yield open_page
    for context in contexts:
        context.close()


def cookies_of(answers):
    """Every cookie that was sent with these answers, or with what asked for them."""
    told = [
        (answer.url, name, value)
        for answer in answers
        for name, value in {**answer.request.all_headers(), **answer.all_headers()}.items()
    ]
    assert any(name == "content-security-policy" for _, name, _ in told)
    return [line for line in told if line[1] in {"cookie", "set-cookie"}]


@pytest.mark.parametrize("has_script", [True, False], ids=["with script", "without script"])
def test_books_a_visit_where_nothing_can_be_kept(old_site, allowed, has_script):
    page = old_site("treatment=chemical-peel&with=nurse-marina", has_script=has_script)
    answers = []
    page.on("response", lambda answer: answers.append(answer))  # noqa: PLW0108 -- Playwright wants a Python function
    patient = Patient(frame := page.frame("booking"))
    heading(frame, "When would you like to come in?")

    with next_page(frame):
        frame.locator("button.day").nth(3).click()
    wanted = patient.when_they_choose_time()
    patient.when_they_give_details()
    patient.when_they_confirm()

    visit = patient.then_it_is_booked()
    assert visit.starts_at == wanted
    patient.then_the_page_says("Reference", visit.reference)
    assert len(answers) >= 4
    assert cookies_of(answers) == []
    assert page.context.cookies() == []
    if has_script:
        assert frame.evaluate("[document.cookie, localStorage.length, sessionStorage.length]") == ["", 0, 0]


@pytest.mark.proof
def test_the_visit_opens_in_a_tab_of_its_own(old_site, allowed):
    page = old_site("treatment=chemical-peel&with=nurse-marina")
    patient = Patient(frame := page.frame("booking"))
    with next_page(frame):
        frame.locator("button.day").nth(4).click()
    patient.when_they_choose_time()
    patient.when_they_give_details()
    patient.when_they_confirm()
    patient.then_it_is_booked()

    with page.context.expect_page() as opened:
        frame.get_by_role("link", name="See or change this visit").click()

    expect(opened.value).to_have_url(re.compile(f"/visit/{patient.visit().reference}/"))
    expect(opened.value.get_by_role("link", name=re.compile("Move|Change")).first).to_be_visible()


def test_the_birthday_comes_first_and_answers_survive_another_time(old_site, allowed):
    page = old_site()
    patient = Patient(frame := page.frame("booking"))
    patient.choice(GATED).check()
    patient.choice("First available").check()
    patient.when_they_continue()
    heading(frame, "One more question")
    patient.when_they_say_their_birthday(*BORN)
    patient.when_they_continue()
    with next_page(frame):
        frame.locator("button.day").nth(5).click()
    patient.when_they_choose_time()
    patient.when_they_give_details(is_birthday_known=True)
    heading(frame, "Check your booking")
    with next_page(frame):
        frame.get_by_role("button", name="Change day and time").click()
    slot = frame.locator("section button.slot").last  # however few there are on that day
    with next_page(frame):
        slot.click()

    heading(frame, "Check your booking")
    patient.when_they_confirm()
    assert str(patient.then_it_is_booked().patient.date_of_birth) == "1988-03-27"


def test_the_frame_follows_its_content(old_site, allowed):
    page = old_site("treatment=chemical-peel&with=nurse-marina")
    frame = page.frame("booking")
    heading(frame, "When would you like to come in?")

    def gap():
        inner = frame.evaluate("Math.ceil(document.body.getBoundingClientRect().height)")
        return abs(page.locator("iframe").bounding_box()["height"] - inner)

    page.wait_for_function("document.querySelector('iframe').style.height !== ''")
    assert gap() <= 1
    with next_page(frame):
        frame.locator("section button.slot").first.click()
    heading(frame, "Your details")
    page.wait_for_timeout(500)
    assert gap() <= 1
    assert frame.evaluate("document.documentElement.scrollHeight - innerHeight") <= 1


def test_a_frame_that_was_there_before_the_script_is_as_tall_as_its_content(old_site, allowed):
    held = []
    page = old_site("treatment=chemical-peel&with=nurse-marina", script_comes_late=held)
    inside = page.frame_locator("iframe")
    expect(inside.get_by_role("heading", level=1, name="When would you like to come in?")).to_be_visible()
    page.frame("booking").wait_for_load_state("load")
    page.wait_for_timeout(300)
    assert page.evaluate("document.querySelector('iframe').style.height") == ""

    held[0].continue_()

    page.wait_for_function("document.querySelector('iframe').style.height !== ''")
    inner = page.frame("booking").evaluate("Math.ceil(document.body.getBoundingClientRect().height)")
    assert abs(page.locator("iframe").bounding_box()["height"] - inner) <= 1


def test_a_site_that_was_not_named_shows_nothing(old_site):
    page = old_site("treatment=chemical-peel&with=nurse-marina")

    page.wait_for_timeout(500)
    assert page.frame_locator("iframe").get_by_role("heading", level=1).count() == 0


@pytest.mark.proof
def test_pages_of_the_frame_are_sound(visit):
    visit.problems.expected = ("status of 400",)
    patient = Patient(page := visit())
    page.goto("/embed/")
    assert_sound(page)
    patient.when_they_continue()
    assert_sound(page)
    page.goto("/embed/?treatment=lip-filler")
    assert_sound(page)
    page.goto("/embed/?treatment=chemical-peel&with=nurse-marina")
    assert_sound(page)
    with next_page(page):
        page.locator("button.day").nth(6).click()
    wanted = page.locator("section button.slot").first.get_attribute("value").partition("|")[0]
    someone_else_books(datetime.fromisoformat(wanted))
    patient.when_they_choose_time()
    patient.then_times_near_it_are_offered()
    assert_sound(page)
    with next_page(page):
        page.get_by_role("alert").locator("button.slot").first.click()
    heading(page, "Your details")
    assert_sound(page)
    patient.when_they_give_details()
    heading(page, "Check your booking")
    assert_sound(page)
    patient.when_they_confirm()
    patient.then_it_is_booked()
    assert_sound(page)


@pytest.mark.proof
def test_refusals_in_the_frame_are_sound(visit):
    visit.problems.expected = ("status of 400",)
    patient = Patient(page := visit())
    page.goto("/embed/?treatment=lip-filler&with=any")
    patient.when_they_say_their_birthday("1", "1", str(clock.today().year - 14))
    patient.when_they_continue()
    heading(page, "We cannot book this visit")
    assert_sound(page)
    page.goto("/embed/?treatment=chemical-peel&with=nurse-marina")
    page.evaluate("document.querySelectorAll('[name=token]').forEach((one) => { one.value = 'old'; })")
    with next_page(page):
        page.locator("button.day").first.click()
    heading(page, "We have lost your place")
    assert_sound(page)

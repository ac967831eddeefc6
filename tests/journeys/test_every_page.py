"""Every page on a phone and at a desk: nothing for axe to find, nothing too wide, nothing that the console minds."""

from __future__ import annotations

import re
from datetime import datetime

import pytest
from playwright.sync_api import expect

from bookings.messages.models import Message
from bookings.visits.models import Appointment
from clinic.core import clock
from clinic.patients import models as patients
from clinic.patients.models import JoinNotice, PatientAccess
from tests.journeys.support.patient import BORN, GATED, PEEL, Patient, someone_else_books
from tests.journeys.support.visitor import WIDTHS, assert_sound, heading, next_page, sign_in, sign_in_by_form, weight

HTML, CSS, FIRST_VIEW = 15_000, 12_000, 150_000  # bytes on the wire
ARTICLE = "/blog/facial-yoga-the-secret-to-symmetry/"
PUBLIC = [
    "/",
    "/treatments/",
    "/treatments/lines-and-wrinkles-consultation/",
    "/treatments/lip-filler/",
    "/practitioners/",
    "/practitioners/nurse-marina/",
    "/practitioners/demo-nurse-aisha/",
    "/blog/",
    ARTICLE,
    "/search/",
    "/search/?q=filler",
    "/search/?q=zzzz",
    "/privacy/",
    "/complaints/",
    "/accessibility/",
    "/no-such-page/",
]
ACCOUNT = ["/accounts/login/", "/accounts/signup/", "/accounts/password/reset/", "/accounts/login/code/"]
SCRIPTS = "[...document.scripts].filter(one => one.type !== 'application/ld+json').map(one => one.outerHTML)"


@pytest.mark.parametrize("path", PUBLIC)
def test_public_page_is_sound_light_and_keeps_to_itself(visit, clinic, path):
    page = visit()
    visit.problems.expected = ("status of 404",) if path == "/no-such-page/" else ()
    answers = []
    page.on("response", lambda answer: answers.append(answer))  # noqa: PLW0108 -- Playwright wants a Python function

    page.goto(path)

    assert answers[0].status == (404 if path == "/no-such-page/" else 200)
    assert not [answer.url for answer in answers if not answer.url.startswith((clinic.url, "data:"))]
    assert not [answer.url for answer in answers[1:] if not answer.ok]
    assert page.context.cookies() == []
    assert page.evaluate(SCRIPTS) == []
    _assert_light([answer for answer in answers if answer.url.startswith(clinic.url)])
    assert_sound(page)


def _assert_light(answers):
    weights = {answer.url: weight(answer.body(), answer.headers.get("content-type", "")) for answer in answers}
    css = sum(size for url, size in weights.items() if url.partition("?")[0].endswith(".css"))
    assert weights[answers[0].url] <= HTML
    assert 0 < css <= CSS
    assert sum(weights.values()) <= FIRST_VIEW, weights


@pytest.mark.parametrize("path", ACCOUNT)
def test_account_page_is_sound_empty_and_with_errors(visit, path):
    page = visit()
    page.goto(path)
    assert_sound(page, WIDTHS)

    page.locator("main form").first.evaluate("form => { form.noValidate = true; }")
    with next_page(page):
        page.locator("main form button[type=submit]").first.click()

    expect(page.locator("[aria-invalid=true]").first).to_be_visible()
    assert_sound(page)


@pytest.mark.parametrize("path", ["/accounts/login/", "/accounts/login/code/", "/accounts/signup/"])
def test_account_page_is_sound_without_a_script(visit, path):
    page = visit(has_script=False)
    page.goto(path)

    expect(page.get_by_role("button", name="Email me a code")).to_be_visible()
    expect(page.get_by_role("button", name="Sign in with a passkey")).to_be_hidden()


def test_booking_pages_are_sound_at_every_step(visit):
    patient = Patient(page := visit())
    page.goto("/book/")
    assert_sound(page)
    patient.when_they_continue()
    assert_sound(page)
    patient.when_they_ask_for(GATED)
    assert_sound(page)
    patient.when_they_say_their_birthday("31", "2", "1990")
    patient.when_they_continue()
    assert_sound(page)
    patient.when_they_say_their_birthday(*BORN)
    patient.when_they_continue()
    heading(page, "When would you like to come in?")
    assert_sound(page)
    patient.when_they_choose_day(3)
    assert_sound(page)


def test_booking_details_check_and_done_are_sound(visit):
    patient = Patient(page := visit())
    patient.given_a_choice_made(day=4)
    patient.when_they_choose_time()
    heading(page, "Your details")
    assert_sound(page)
    patient.when_they_continue()
    assert_sound(page)
    patient.when_they_give_details()
    heading(page, "Check your booking")
    assert_sound(page)
    with next_page(page):
        page.get_by_role("button", name="Confirm booking").click()
    assert_sound(page)
    patient.when_they_confirm()
    patient.then_it_is_booked()
    assert_sound(page)


@pytest.mark.proof
def test_booking_refusals_are_sound(visit):
    patient = Patient(page := visit())
    page.goto("/book/done/")
    heading(page, "We can't show a booking here")
    assert_sound(page)
    page.goto("/book/cannot-book/?treatment=lip-filler")
    assert_sound(page)
    patient.given_a_choice_made(day=5)
    wanted = page.locator("section button.slot").first.get_attribute("value").partition("|")[0]
    someone_else_books(datetime.fromisoformat(wanted))
    patient.when_they_choose_time()
    patient.then_times_near_it_are_offered()
    assert_sound(page)
    page.goto(f"/book/when/?treatment={PEEL['treatment']}&with={PEEL['with']}&lost=yes&refused=yes")
    assert_sound(page)


def test_visit_pages_are_sound(visit):
    visit.problems.expected = ("status of 404",)
    patient = Patient(page := visit())
    patient.given_a_visit(day=6)
    address = f"/visit/{patient.visit().reference}/"
    page.goto(address)
    assert_sound(page)
    page.goto(f"{address}move/")
    assert_sound(page)
    patient.when_they_choose_day(2)
    patient.when_they_choose_time()
    heading(page, "Move your visit?")
    assert_sound(page)
    page.goto(f"{address}cancel/")
    assert_sound(page)
    with next_page(page):
        page.get_by_role("button", name="Cancel my visit").click()
    heading(page, "This visit is cancelled")
    assert_sound(page)
    page.goto("/visit/23456789/")
    heading(page, "This link doesn't work")
    assert_sound(page)


@pytest.mark.proof
def test_pages_that_send_a_link_are_sound(visit):
    page = visit()
    page.goto("/visit/find/")
    assert_sound(page)
    with next_page(page):
        page.get_by_role("button", name="Send my link").click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert_sound(page)
    page.get_by_label("Email address").fill("nobody@example.com")
    with next_page(page):
        page.get_by_role("button", name="Send my link").click()
    heading(page, "Check your email")
    assert_sound(page)


def test_diary_pages_are_sound(visit):
    page = visit(width=1280)
    sign_in_by_form(page, "nurse@example.com")
    expect(page).to_have_url(re.compile("/diary/"))
    assert_sound(page)
    own = Appointment.objects.filter(practitioner__user__email="nurse@example.com")
    coming = own.upcoming(clock.now()).order_by("during").first()
    for path in (
        "/diary/?view=grid",
        "/diary/?day=2030-01-01",
        f"/diary/visits/{coming.reference}/",
        f"/diary/visits/{coming.reference}/move/",
        f"/diary/visits/{coming.reference}/cancel/",
        "/diary/sheet/",
        "/diary/sheet/type/",
        "/diary/numbers/?period=week",
        "/diary/numbers/?period=month",
        "/diary/feeds/",
    ):
        page.goto(path)
        assert_sound(page)


@pytest.mark.proof
def test_the_pages_of_hours_are_sound_from_plan_to_undo(visit):
    visit.problems.expected = ("status of 422", "status of 409")
    page = visit(width=1280)
    sign_in(page, "desk@example.com")
    for who in ("everyone", "nurse-marina"):
        page.goto(f"/diary/time/?who={who}")
        assert_sound(page)
    for kind in ("different", "extra", "break"):
        page.goto(f"/diary/time/change/?kind={kind}&who=nurse-marina")
        assert_sound(page)
    page.get_by_text("See which visits are in the way").click()
    expect(page.get_by_text("There is a problem")).to_be_visible()
    assert_sound(page)
    page.goto("/diary/time/?who=nurse-marina")
    page.get_by_role("link", name="Change the usual week").click()
    page.get_by_label("Which weeks").select_option("1")
    page.get_by_label("Monday to", exact=True).fill("10:00")
    page.get_by_label("Tuesday to", exact=True).fill("10:00")
    assert_sound(page)
    page.get_by_role("button", name="See which visits are in the way").click()
    expect(page.get_by_role("heading", name=re.compile("in the way"))).to_be_visible()
    assert_sound(page)
    page.get_by_role("button", name=re.compile("^Change the hours")).click()
    heading(page, "Hours and leave")
    assert_sound(page)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Undone. Everything stands as it did.")).to_be_visible()


@pytest.mark.proof
def test_patients_pages_are_sound_and_the_list_follows_what_is_typed(visit):
    page = visit(width=1280)
    sign_in(page, "desk@example.com")
    page.goto("/diary/patients/")
    assert_sound(page)
    box = page.get_by_label("Find a patient")
    box.press_sequentially("patient ash")
    expect(page.get_by_role("row")).to_have_count(2)
    expect(box).to_be_focused()
    expect(box).to_have_value("patient ash")
    assert_sound(page)
    box.fill("zzzz")
    expect(page.get_by_role("button", name="Book a visit for “zzzz”")).to_be_visible()
    assert_sound(page)
    reference = patients.Patient.objects.current().filter(full_name="Demo Patient Ash").first().reference
    other = patients.Patient.objects.current().exclude(reference=reference).first().reference
    for path in ("", "correct/", "merge/", f"merge/?with={other}"):
        page.goto(f"/diary/patients/{reference}/{path}")
        assert_sound(page)


def test_the_comparison_of_wordings_is_sound(visit):
    page = visit(width=1280)
    sign_in(page, "owner@example.com")
    page.goto("/diary/messages/wordings/")
    expect(page.get_by_role("heading", name="Reminder by text message")).to_be_visible()
    assert_sound(page)


@pytest.mark.proof
def test_desk_booking_and_messages_are_sound(visit):
    visit.problems.expected = ("status of 422",)
    page = visit(width=1280)
    sign_in(page, "desk@example.com")
    for path in (
        "/diary/book/",
        "/diary/messages/",
        "/diary/messages/?tab=planned",
        f"/diary/messages/{Message.objects.filter(state=Message.State.SENT, kind=Message.Kind.CONFIRMATION).first().pk}/",
    ):
        page.goto(path)
        assert_sound(page)
    page.goto("/diary/book/")
    with next_page(page):
        page.get_by_role("button", name="Book the visit").click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert_sound(page)


def test_a_patients_own_page_is_sound(visit):
    page = visit()
    sign_in_by_form(page, "patient@example.com")

    heading(page, "Your visits")
    assert_sound(page)
    for path in ("/my/find/", "/my/security/", "/accounts/email/", "/accounts/2fa/webauthn/", "/accounts/sessions/"):
        page.goto(path)
        assert_sound(page, WIDTHS)


@pytest.mark.proof
def test_the_pages_that_join_a_record_are_sound(visit):
    """Empty, with slips, not found; the letter's page before and after; what the desk sees of it."""
    page = visit()
    sign_in(page, "editor@example.com")
    page.goto("/my/")
    assert_sound(page)
    page.get_by_role("link", name="Find your visits").click()
    heading(page, "Find your visits")
    assert_sound(page)
    for name, born in (("", ""), ("Nobody Here", "1980")):
        page.get_by_label("Full name").fill(name)
        for part, value in (("Day", "1"), ("Month", "2"), ("Year", born)):
            page.get_by_label(part, exact=True).fill(value)
        with next_page(page):
            page.get_by_role("button", name="Find my visits").click()
        expect(page.get_by_role("alert")).to_be_visible()
        assert_sound(page)
    notice = JoinNotice.objects.create(access=PatientAccess.objects.get(user__email="patient@example.com"))
    page.goto(f"/not-me/{notice.link_token}/")
    assert_sound(page)
    with next_page(page):
        page.get_by_role("button", name="This wasn’t me").click()
    heading(page, "Thank you for telling us")
    assert_sound(page)
    desk = visit(width=1280)
    sign_in(desk, "desk@example.com")
    desk.goto(f"/diary/patients/{notice.access.patient.reference}/")
    expect(desk.get_by_role("button", name="Dealt with")).to_be_visible()
    assert_sound(desk)
    desk.get_by_text("1 ended").click()
    with next_page(desk):
        desk.get_by_role("button", name="Let them sign in again").click()
    with next_page(desk):
        desk.get_by_role("link", name="End this access").click()
    heading(desk, "End this access?")
    assert_sound(desk)


@pytest.mark.proof
def test_the_menu_of_what_is_needed_less_often_opens_at_each_width(visit):
    page = visit(width=1280)
    sign_in(page, "owner@example.com")
    page.goto("/diary/numbers/")
    page.get_by_role("button", name="Clinic").click()
    expect(page.get_by_role("link", name="Calendar feeds")).to_be_visible()
    assert_sound(page)
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto("/diary/numbers/")
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("link", name="Calendar feeds").click()
    heading(page, "Calendar feeds")

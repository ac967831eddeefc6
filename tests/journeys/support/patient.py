"""A patient on the way to a visit, and after it: the steps that journeys are told in."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from uuid import uuid4

from playwright.sync_api import Frame, Page, expect

from bookings.engine import booking
from bookings.engine.eligibility import PatientDetails
from bookings.visits.models import Appointment
from bookings.visits.models.statuses import Status
from clinic.catalogue.models import Treatment
from clinic.core import clock
from clinic.practitioners.models import Practitioner
from tests.journeys.support.visitor import heading, next_page

BORN = ("27", "March", "1988")
TIMES_ENOUGH = 4
PLAIN, GATED = "Skincare consultation", "Lines and wrinkles consultation"
PEEL = {"treatment": "chemical-peel", "with": "nurse-marina"}


class Patient:
    def __init__(self, page: Page | Frame) -> None:
        self.page = page
        number = uuid4().hex[:10]
        self.name, self.email = "Demo Patient Journey", f"a.patient.with.a.rather.long.address.{number}@example.com"

    # --- given ---
    def given_a_choice_made(self, treatment: str = "chemical-peel", who: str = "nurse-marina", day: int = 3) -> None:
        """On the page of times, on the open day of that number."""
        self.page.goto(f"/book/?treatment={treatment}&with={who}")
        self.when_they_choose_day(day)

    def given_details_typed(self, **how) -> None:
        self.given_a_choice_made(**how)
        self.when_they_choose_time()
        self.when_they_give_details()
        heading(self.page, "Check your booking")

    def given_a_visit(self, **how) -> None:
        self.given_details_typed(**how)
        self.when_they_confirm()
        self.then_it_is_booked()

    # --- when ---
    def when_they_ask_for(self, treatment: str, who: str = "First available") -> None:
        self.page.goto("/book/")
        self.choice(treatment).check()
        self.choice(who).check()
        self.when_they_continue()

    def when_they_say_their_birthday(self, day: str, month: str, year: str) -> None:
        for label, value in (("Day", day), ("Month", month), ("Year", year)):
            self.page.get_by_label(label, exact=True).fill(value)

    def when_they_choose_day(self, number: int) -> str:
        """The day of that number among those with times enough; gives its heading. Other journeys book here too."""
        counts = [int(text.split()[0]) for text in self.page.locator("a.day .day__count").all_inner_texts()]
        roomy = [place for place, count in enumerate(counts) if count >= TIMES_ENOUGH]
        roomiest = max(range(len(counts)), key=counts.__getitem__)
        link = self.page.locator("a.day").nth(roomy[number] if number < len(roomy) else roomiest)
        href = link.get_attribute("href")
        link.click()
        day = re.search(r"day=([\d-]+)", href).group(1)
        wanted = date.fromisoformat(day)
        heading_text = f"{wanted:%A} {wanted.day} {wanted:%B}"
        expect(self.page.get_by_role("heading", level=2, name=heading_text)).to_be_visible()
        return heading_text

    def when_they_choose_time(self, number: int = 0) -> datetime:
        button = self.page.locator("section button.slot").nth(number)
        starts_at = datetime.fromisoformat(button.get_attribute("value").partition("|")[0])
        with next_page(self.page):
            button.click()
        return starts_at

    def when_they_give_details(self, *, is_birthday_known: bool = False) -> None:
        heading(self.page, "Your details")
        self.page.get_by_label("Full name").fill(self.name)
        self.page.get_by_label("Email address").fill(self.email)
        self.page.get_by_label("Mobile number").fill("07700 900123")
        if not is_birthday_known:
            self.when_they_say_their_birthday(*BORN)
        self.when_they_continue()

    def when_they_continue(self) -> None:
        with next_page(self.page):
            self.page.get_by_role("button", name="Continue").click()

    def when_they_change(self, what: str) -> None:
        with next_page(self.page):
            self.page.get_by_role("link", name=f"Change {what}", exact=True).click()

    def when_they_confirm(self) -> None:
        self.page.get_by_label("I agree to these terms").check()
        with next_page(self.page):
            self.page.get_by_role("button", name="Confirm booking").click()

    # --- then ---
    def then_it_is_booked(self) -> Appointment:
        heading(self.page, "Your visit is booked")
        return self.visit()

    def then_the_page_says(self, label: str, value: str) -> None:
        row = self.page.locator(".summary > div", has=self.page.locator("dt", has_text=re.compile(f"^{label}$")))
        expect(row.locator("dd").first).to_contain_text(value)

    def then_times_near_it_are_offered(self) -> None:
        alert = self.page.get_by_role("alert")
        expect(alert.get_by_role("heading", name="That time is no longer free")).to_be_visible()
        expect(alert.locator("button.slot")).to_have_count(3)

    # --- what they see, and what the clinic knows ---
    def choice(self, text: str):
        return self.page.locator("label.choice", has_text=text).first.locator("input")

    def visit(self) -> Appointment:
        return Appointment.objects.visits().with_details().get(patient__email=self.email)


def someone_else_books(starts_at: datetime, *, treatment: str = "chemical-peel", who: str = "nurse-marina") -> None:
    booking.book(
        treatment=Treatment.objects.get(slug=treatment),
        practitioner=Practitioner.objects.get(slug=who),
        starts_at=starts_at,
        details=PatientDetails(
            full_name="Demo Patient Quicker",
            email=f"quicker-{uuid4().hex[:10]}@example.com",
            phone="+447700900124",
            date_of_birth=date(1979, 5, 4),
        ),
        now=clock.now(),
    )


def let_the_hold_run_out(starts_at: datetime, who: str = "nurse-marina") -> None:
    held = Appointment.objects.filter(practitioner__slug=who, status=Status.HELD, during__startswith=starts_at)
    assert held.update(hold_expires_at=clock.now() - timedelta(minutes=1)) == 1

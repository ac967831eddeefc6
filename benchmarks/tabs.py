"""Visitors in many tabs and frames at once: nothing is ever booked that the page whose button was pressed did not show.

A walk takes random steps by random tabs: open, choose, type, go back to any page seen before and press its button,
look at the same booking in two tabs, press twice. Meanwhile prices change, minutes run out and others take times.
"""

from __future__ import annotations

import html
import random
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

from django.core.management import call_command
from django.http import HttpResponse
from django.test import Client

from benchmarks import records
from benchmarks.row import Goal, Row
from benchmarks.scale import Scale
from benchmarks.stage import HOST
from bookings.engine import booking
from bookings.engine.eligibility import PatientDetails
from bookings.visits.models import Appointment
from bookings.visits.models.statuses import Status
from clinic.catalogue.models import Treatment
from clinic.core import clock
from clinic.core.errors import DomainError
from clinic.core.formats import full_time

TABS, FRAMES, MEMORY, STEPS = 3, 2, 6, 60
TITLES = {
    "Check your booking": "check",
    "Your details": "details",
    "When would you like to come in?": "when",
    "Your visit is booked": "done",
}
FORM = re.compile(r'<form class="[^"]*" method="post" action="([^"]+)"(.*?)</form>', re.DOTALL)
HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')
ROW = re.compile(r"<dt>([^<]+)</dt>\s*<dd>(.*?)</dd>", re.DOTALL)
SLOT = re.compile(r'name="slot" value="([^"]+)"')
CHANGE = re.compile(r'(?:href|formaction)="([^"]+)"[^>]*>Change<span class="vh"> (day and time|full name)')
OTHER = "The page you came from showed something else"


@dataclass(frozen=True, slots=True)
class Page:
    """What stands on a page: which step, what it shows, and what its form sends where."""

    step: str
    shows: dict[str, str]
    action: str
    hidden: dict[str, str]
    slots: tuple[str, ...]
    changes: dict[str, str]
    is_other: bool
    url: str


@dataclass(slots=True)
class Tab:
    client: Client
    is_framed: bool
    seen: list[Page] = field(default_factory=list)


class Walk:
    """`asked`: what may be booked and with whom, as the address says it."""

    def __init__(self, seed: int, asked: Sequence[tuple[str, str]], host: str = "testserver") -> None:
        self.random, self.asked = random.Random(seed), asked
        browser = Client(SERVER_NAME=host)
        self.tabs = [Tab(browser, is_framed=False) for _ in range(TABS)]
        self.tabs += [Tab(Client(SERVER_NAME=host), is_framed=True) for _ in range(FRAMES)]
        self.seed, self.people, self.outcomes = seed, 0, Counter[str]()
        self.wrong: list[str] = []

    def run(self, presses: int) -> None:
        """Until Confirm has been pressed so many times, or did harm; every now and then the diary is emptied."""
        steps: list[tuple[Callable[[Tab], None], int]] = [
            (self.go_on, 8), (self.press_old, 5), (self.press_twice, 4), (self.change, 2), (self.open, 1),
            (self.copy, 2), (self.reload, 1), (self.price_changes, 1), (self.minutes_run_out, 1), (self.taken, 1),
        ]  # fmt: skip
        acts, weights = zip(*steps, strict=True)
        while self.outcomes.total() < presses and not self.wrong:
            for act in self.random.choices(acts, weights, k=STEPS):
                if self.outcomes.total() < presses and not self.wrong:
                    act(self.random.choice(self.tabs))
            self._visits().exclude(status=Status.CANCELLED).update(status=Status.CANCELLED, cancelled_at=clock.now())

    # --- what a visitor does ---
    def open(self, tab: Tab) -> None:
        treatment, who = self.random.choice(self.asked)
        start = "embed/" if tab.is_framed else "book/when/"
        self._get(tab, f"/{start}?treatment={treatment}&with={who}")

    def go_on(self, tab: Tab) -> None:
        if not tab.seen or tab.seen[-1].step in {"", "done"}:
            self.open(tab)
        self._press(tab, tab.seen[-1])

    def press_old(self, tab: Tab) -> None:
        """Go back to any page before, and press its button."""
        if tab.seen:
            self._press(tab, self.random.choice(tab.seen))

    def press_twice(self, tab: Tab) -> None:
        if tab.seen and tab.seen[-1].step == "check":
            page = tab.seen[-1]
            self._press(tab, page)
            self._press(tab, page)

    def copy(self, tab: Tab) -> None:
        """Look at the booking of this tab in another as well."""
        others = [one for one in self.tabs if one.client is tab.client and one is not tab]
        if tab.seen and others:
            other = self.random.choice(others)
            other.seen.append(tab.seen[-1])
            self.reload(other)

    def reload(self, tab: Tab) -> None:
        if tab.seen and not tab.is_framed:
            self._get(tab, tab.seen[-1].url)

    def change(self, tab: Tab) -> None:
        if tab.seen and tab.seen[-1].changes:
            page = tab.seen[-1]
            url = self.random.choice(list(page.changes.values()))
            if tab.is_framed:
                self._post(tab, url, page.hidden | {"show": "yes"})
            else:
                self._get(tab, url)

    # --- what happens meanwhile ---
    def price_changes(self, _: Tab) -> None:
        price = self.random.randint(40, 90)
        Treatment.objects.filter(slug__in=[slug for slug, _ in self.asked]).update(price=price)
        if held := self._a_hold():
            Appointment.objects.filter(pk=held.pk).update(price=price)

    def minutes_run_out(self, _: Tab) -> None:
        if held := self._a_hold():
            Appointment.objects.filter(pk=held.pk).update(hold_expires_at=clock.now())

    def taken(self, tab: Tab) -> None:
        """Somebody else has the time as soon as its minutes are over."""
        if held := self._a_hold():
            Appointment.objects.filter(pk=held.pk).update(status=Status.EXPIRED)
            person = self._person()
            details = PatientDetails(person["full_name"], person["email"], "+447700900123", clock.today().replace(1979))
            try:
                booking.book(
                    treatment=held.treatment,
                    practitioner=held.practitioner,
                    starts_at=held.starts_at,
                    details=details,
                    now=clock.now(),
                )
            except DomainError:
                return

    # --- pressing a button, and judging what it did ---
    def _press(self, tab: Tab, page: Page) -> None:
        if page.step == "when" and page.slots:
            self._post(tab, page.action, page.hidden | {"slot": self.random.choice(page.slots[:12])})
        elif page.step == "details":
            self._post(tab, page.action, page.hidden | self._person())
        elif page.step == "check":
            self._confirm(tab, page)

    def _confirm(self, tab: Tab, page: Page) -> None:
        before = set(self._visits().values_list("pk", flat=True))
        answer = self._post(tab, page.action, page.hidden | {"accept_terms": "on"})
        new = list(self._visits().exclude(pk__in=before))
        self.outcomes[_outcome(answer, new)] += 1
        self.wrong += [f"seed {self.seed}: {fault}" for fault in self._faults(page, answer, new)]

    def _faults(self, page: Page, answer: Page, new: list[Appointment]) -> list[str]:
        faults = [f"{visit} was booked, the page showed {page.shows}" for visit in new if not _is_shown(page, visit)]
        if len(new) > 1:
            faults.append(f"{len(new)} visits by one press")
        if new and (answer.step != "done" or answer.is_other):
            faults.append(f"booked, but the answer is {answer.step}")
        if answer.step == "done" and not answer.is_other and answer.shows["When"] != page.shows["When"]:
            faults.append(f"the answer says {answer.shows}, the page showed {page.shows}")
        if answer.step == "done" and not new and not answer.is_other and not self._stands(page):
            faults.append(f"the answer says booked, but nothing as shown is: {page.shows}")
        return faults

    def _stands(self, page: Page) -> bool:
        return any(
            _is_shown(page, visit) for visit in self._visits().filter(patient__email=page.shows["Email address"])
        )

    def _person(self) -> dict[str, str]:
        self.people += 1
        return {
            "full_name": f"Sam {_letters(self.people)}",
            "email": f"sam-{self.seed}-{self.people}@example.com",
            "phone": "07700 900123",
            "date_of_birth_day": "27",
            "date_of_birth_month": "3",
            "date_of_birth_year": "1988",
            "contact_by": "email",
            "note": "",
        }

    def _visits(self) -> Any:
        return Appointment.objects.with_details().filter(
            patient__isnull=False, patient__email__startswith=f"sam-{self.seed}-"
        )

    def _a_hold(self) -> Appointment | None:
        held = list(Appointment.objects.with_details().filter(status=Status.HELD, patient=None))
        return self.random.choice(held) if held else None

    def _get(self, tab: Tab, url: str) -> None:
        self._show(tab, tab.client.get(url, follow=True, secure=True), url)

    def _post(self, tab: Tab, url: str, data: dict[str, str]) -> Page:
        return self._show(tab, tab.client.post(url, data, follow=True, secure=True), url)

    def _show(self, tab: Tab, response: Any, url: str) -> Page:
        page = read(response, response.redirect_chain[-1][0] if response.redirect_chain else url)
        tab.seen = [*tab.seen[-MEMORY:], page]
        return page


def read(response: HttpResponse, url: str) -> Page:
    text = response.content.decode()
    title = re.search(r"<h1[^>]*>\s*([^<]*[^<\s])\s*</h1>", text)
    forms = FORM.findall(text)
    action, body = forms[-1] if forms else (url, "")
    rows = {
        label: html.unescape(" ".join(re.sub(r"<[^>]+>", " ", value).split())) for label, value in ROW.findall(text)
    }
    return Page(
        step=TITLES.get(html.unescape(title[1]), "") if title else "",
        shows=rows,
        action=html.unescape(action),
        hidden={name: html.unescape(value) for name, value in HIDDEN.findall(body)},
        slots=tuple(SLOT.findall(text)),
        changes={what: html.unescape(to) for to, what in CHANGE.findall(text)},
        is_other=OTHER in text,
        url=url,
    )


def _is_shown(page: Page, visit: Appointment) -> bool:
    patient = visit.patient
    return patient is not None and {
        "Visit": f"{visit.treatment.name}, {visit.minutes} minutes",
        "When": f"{full_time(visit.starts_at)} (UK time)",
        "With": visit.practitioner.name,
        "Price": visit.agreed_price.capitalize(),
        "Full name": patient.full_name,
        "Email address": patient.email,
    } == {name: page.shows.get(name) for name in ("Visit", "When", "With", "Price", "Full name", "Email address")}


def _outcome(answer: Page, new: list[Appointment]) -> str:
    if new:
        return "booked"
    return "booked before" if answer.step == "done" else f"asked again ({answer.step or 'another page'})"


def _letters(number: int) -> str:
    """A surname of its own for each number."""
    return "".join(chr(ord("a") + int(digit)) for digit in f"{number:04}").capitalize()


def walks(scale: Scale) -> Row:
    """Press Confirm often, in tabs and frames, on pages new and old; count what was booked that its page did not show."""
    records.fill(scale.little_history)
    call_command("collectstatic", verbosity=0, interactive=False, ignore_patterns=["wagtail*", "admin", "ninja"])
    began, outcomes, wrong = perf_counter(), Counter[str](), list[str]()
    asked = [(records.TREATMENT, "any"), (records.TREATMENT, "bench-1"), (records.TREATMENT, "bench-2")]
    for seed in range(10):
        walk = Walk(seed, asked, HOST)
        walk.run(scale.attempts // 20)
        outcomes += walk.outcomes
        wrong += walk.wrong
    told = ", ".join(f"{count} {outcome}" for outcome, count in outcomes.most_common())
    return Row(
        name="tabs",
        figure=len(wrong),
        unit="not shown",
        floor=0,
        goal=Goal(of="figure", sign="=", limit=0),
        also={"most of it happens": {"booked", "booked before"} <= set(outcomes)},
        note=f"{outcomes.total():,} presses of Confirm in {TABS} tabs and {FRAMES} frames, {perf_counter() - began:.0f} s: "
        f"{told}{'; ' + wrong[0] if wrong else ''}",
    )

"""Kind 1: what a page of a visit shows is what its button does, in any order of tabs, taps and changes by the desk."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import time_machine
from django.test import Client, override_settings
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from bookings.engine import changes
from bookings.visits.models import Appointment
from bookings.visits.models.statuses import Status
from clinic.core import clock
from clinic.core.errors import DomainError
from clinic.core.formats import full_time
from tests.bookings.online.flow import hidden, small_clinic, text
from tests.factories.bookings import AppointmentFactory
from tests.factories.clinic import PatientFactory
from tests.factories.content import UNINDEXED

NOW = datetime(2026, 11, 23, 7, 30, tzinfo=UTC)
VISIT = datetime(2026, 11, 25, 10, 15, tzinfo=UTC)
TIMES = [VISIT + timedelta(hours=hours) for hours in (0, 1, 3, 24)]
A_TIME = re.compile(r"(\w+day \d+ \w+, [\w:]+)")
TABS, FORMS = st.integers(0, 1), ("cancel", "move", "coming")
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("open"), TABS, st.sampled_from(FORMS), st.sampled_from(TIMES)),
        st.tuples(st.just("tap"), TABS),
        st.tuples(st.just("tap twice"), TABS),
        st.tuples(st.just("desk moves"), st.sampled_from(TIMES)),
        st.tuples(st.just("desk cancels")),
        st.tuples(st.just("desk puts back")),
    ),
    min_size=2,
    max_size=14,
)


@dataclass
class Tab:
    """A page that stays open: where its form goes, what it hands on, and which time of the visit it shows."""

    form: str
    address: str
    fields: dict[str, str]
    shows: str
    to: datetime


@override_settings(TASKS=UNINDEXED)
@time_machine.travel(NOW, tick=False)
class TestOldPages(TestCase):
    @classmethod
    def setUpTestData(cls):
        """What each walk begins with; its end undoes what it did."""
        place = small_clinic()
        cls.visit = AppointmentFactory(
            starts_at=VISIT, practitioner=place.aisha, treatment=place.peel, location=place.location,
            patient=PatientFactory(),
        )  # fmt: skip

    @settings(max_examples=40)
    @given(steps=STEPS)
    def test_no_button_does_what_its_page_did_not_show(self, steps):
        """Kind 1: 100 walks of up to 14 steps."""
        self.client, self.tabs = Client(), {}
        self.client.get(f"/visit/{self.visit.link_token}/")
        for what, *choice in steps:
            getattr(self, f"step_{what.replace(' ', '_')}")(*choice)

    def step_open(self, number, form, to):
        rest = f"move/confirm/?slot={to.isoformat().replace('+', '%2B')}%7Caisha" if form == "move" else f"{form}/"
        address = f"/visit/{self.visit.reference}/{rest}"
        self._keep(number, form, address, to, self.client.get(address))

    def _keep(self, number, form, address, to, response):
        fields = hidden(response)
        if "version" not in fields:
            self.tabs.pop(number, None)
            return
        page = text(response)
        shown = A_TIME.search(page.partition("<dt>From</dt>" if form == "move" else "<dt>When</dt>")[2])
        self.tabs[number] = Tab(form, address, fields, shown[1], to)

    def step_tap(self, number):
        if tab := self.tabs.get(number):
            before = self._now()
            response = self.client.post(tab.address, tab.fields)
            after = self._now()
            if response.status_code == 409:
                assert (before.status, before.starts_at) == (after.status, after.starts_at)
                self._keep(number, tab.form, tab.address, tab.to, response)
            elif (before.status, before.starts_at, before.version) != (after.status, after.starts_at, after.version):
                assert tab.shows == full_time(before.starts_at), "another time than the page showed"
                assert self._is_what_was_asked(tab, after)

    def step_tap_twice(self, number):
        """The second tap gives what the first gave, and changes nothing more."""
        if tab := self.tabs.get(number):
            first = self.client.post(tab.address, tab.fields)
            once = self._now()
            second = self.client.post(tab.address, tab.fields)
            assert second.status_code == first.status_code
            assert self._now().version == once.version
            self.tabs.pop(number)

    def step_desk_moves(self, to):
        self._desk(changes.move, starts_at=to, by_staff=True)

    def step_desk_cancels(self):
        self._desk(changes.cancel, by_staff=True)

    def step_desk_puts_back(self):
        self._desk(changes.restore)

    def _desk(self, act, **how):
        try:
            act(appointment=self._now(), now=clock.now(), **how)
        except DomainError:
            return

    def _now(self):
        return Appointment.objects.with_details().get(pk=self.visit.pk)

    def _is_what_was_asked(self, tab, after):
        return {
            "cancel": after.status == Status.CANCELLED,
            "move": after.starts_at == tab.to,
            "coming": after.status == Status.CONFIRMED,
        }[tab.form]

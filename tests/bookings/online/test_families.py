"""P-11.3: families that share an address, a name or a birthday, whatever they do: nobody ever sees a second person.

Each person says of themselves what is so; they book for others too, and claim records whose mail they do not read. Two
people of one name and one birthday never share a mailbox: no clinic that asks for nothing else could tell them apart.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import count

import pytest
from allauth.account.models import EmailAddress
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from bookings.desk.patients import merging
from bookings.desk.patients.merging import MergeRefused
from bookings.engine.eligibility import PatientDetails, find_or_add_patient
from bookings.online import joining
from bookings.online.views.account import visits_of_account, whose_record
from clinic.accounts.models import User
from clinic.patients.claims import Claim
from clinic.patients.models import Patient, PatientAccess
from tests.factories.bookings import AppointmentFactory
from tests.factories.clinic import PractitionerFactory, StaffFactory, TreatmentFactory, UserFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 24, 9, 10, tzinfo=UTC)
FAMILY, WORK = ("family@example.com", "work@example.com")
SPRING, WINTER = date(1988, 3, 27), date(1990, 1, 2)
PEOPLE = [
    ("Sam Lee", SPRING, FAMILY),
    ("Sam Lee", WINTER, FAMILY),
    ("Robin Lee", SPRING, FAMILY),
    ("Sam Lee", SPRING, WORK),
    ("Robin Lee", SPRING, WORK),
    ("Robin Lee", WINTER, WORK),
]


@dataclass(slots=True)
class Person:
    name: str
    born: date
    mailbox: str
    user: User | None = None
    visits: set[int] = field(default_factory=set)

    def typed(self, address: str, user: User | None, *, is_mine: bool) -> PatientDetails:
        whose = whose_record(user, self.name, address, self.born, NOW) if user else None
        return PatientDetails(
            full_name=self.name,
            email=address,
            phone="+447700900123",
            date_of_birth=self.born,
            record=whose.record if whose else None,
            joins=whose.joins if whose and is_mine else None,
        )


WHAT = (
    "books", "books signed in", "books for", "claims", "claims what others read mail of", "claims from the visit of",
    "says it was not them", "has a new address at the desk", "is merged",
)  # fmt: skip
people = st.integers(0, len(PEOPLE) - 1)
steps = st.lists(st.tuples(st.sampled_from(WHAT), people, people), min_size=3, max_size=14)


class Clinic:
    def __init__(self):
        self.people = [Person(*one) for one in PEOPLE]
        self.owners: dict[int, Person] = {}
        self.times = count(1)
        self.desk = StaffFactory(role="desk")
        self.kept = {"treatment": TreatmentFactory(), "practitioner": PractitionerFactory()}

    def account_of(self, person: Person) -> User:
        """Each proves the mailbox that they read, also where others read it."""
        if person.user is None:
            person.user = UserFactory()
            at = self.people.index(person) % 3
            spelling = (
                person.mailbox[:at] + person.mailbox[at:].capitalize()
            )  # one account alone may prove one spelling
            EmailAddress.objects.create(user=person.user, email=spelling, verified=True)
        return person.user

    def book(self, person: Person, user: User | None, *, address: str, is_mine: bool) -> None:
        patient, _ = find_or_add_patient(person.typed(address, user, is_mine=is_mine))
        visit = AppointmentFactory(patient=patient, starts_at=NOW + timedelta(hours=next(self.times)), **self.kept)
        person.visits.add(visit.pk)
        self.owners.setdefault(patient.pk, person)
        assert self.owners[patient.pk] is person, "one record holds the visits of two people"

    def claim(self, user: User, of: Person, record: int | None = None) -> None:
        said = Claim(of.name, of.born, record)
        address = f"192.0.2.{next(self.times)}"
        joining.claim(said, user=user, address=address, now=NOW + timedelta(days=2 * next(self.times)))

    def take(self, what: str, who: int, other: int) -> None:
        getattr(self, what.replace(" ", "_"))(self.people[who], self.people[other])

    def are_namesakes(self, one: Person, other: Person) -> bool:
        return (one.name, one.born) == (other.name, other.born)

    def books(self, person: Person, _: Person) -> None:
        self.book(person, None, address=person.mailbox, is_mine=True)

    def books_signed_in(self, person: Person, _: Person) -> None:
        self.book(person, self.account_of(person), address=person.mailbox, is_mine=True)

    def books_for(self, person: Person, other: Person) -> None:
        if not self.are_namesakes(person, other):
            self.book(other, self.account_of(person), address=other.mailbox, is_mine=False)

    def claims(self, person: Person, _: Person) -> None:
        self.claim(self.account_of(person), person)

    def claims_what_others_read_mail_of(self, person: Person, other: Person) -> None:
        if not any(one.mailbox == person.mailbox and self.are_namesakes(one, other) for one in self.people):
            self.claim(self.account_of(person), other)

    def claims_from_the_visit_of(self, person: Person, other: Person) -> None:
        record = next((pk for pk, owner in self.owners.items() if owner is other), None)
        self.claim(self.account_of(person), person, record)

    def says_it_was_not_them(self, person: Person, _: Person) -> None:
        for access in PatientAccess.objects.filter(user=person.user, revoked_at=None, notice__isnull=False):
            joining.dispute(access.notice, NOW)

    def has_a_new_address_at_the_desk(self, person: Person, _: Person) -> None:
        own = [pk for pk, owner in self.owners.items() if owner is person]
        Patient.objects.filter(pk__in=own[:1]).update(email=f"new{next(self.times)}@example.com")

    def is_merged(self, person: Person, _: Person) -> None:
        """Two records that the desk knows to be of one person."""
        own = [pk for pk, owner in self.owners.items() if owner is person]
        rows = list(Patient.objects.current().filter(pk__in=own)[:2])
        if len(rows) == 2:
            with suppress(MergeRefused), transaction.atomic():
                merging.merge(kept=rows[0], gone=rows[1], by=self.desk, now=NOW)

    def check(self) -> None:
        later = NOW + timedelta(days=1000)
        for person in self.people:
            if person.user:
                seen = set(visits_of_account(person.user, later).values_list("pk", flat=True))
                assert seen <= person.visits, f"{person.name} of {person.mailbox} sees a second person's visits"


@settings(
    max_examples=60,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=steps)
def test_nobody_ever_sees_a_second_person(db, steps):
    with transaction.atomic():
        clinic = Clinic()
        for step in steps:
            clinic.take(*step)
            clinic.check()
        transaction.set_rollback(True)


def test_the_walk_reaches_what_it_is_about(db):
    """Somebody sees their own visits by each road, so that the property above is not kept by showing nothing."""
    clinic = Clinic()
    booked, claimed = clinic.people[0], clinic.people[5]
    clinic.books_signed_in(booked, booked)
    clinic.books(claimed, claimed)
    clinic.claims(claimed, claimed)
    clinic.check()

    later = NOW + timedelta(days=1000)
    sources = PatientAccess.objects.live(later).values_list("source", flat=True)
    assert sorted(sources) == ["booking", "claim"]
    assert all(
        set(visits_of_account(one.user, later).values_list("pk", flat=True)) == one.visits for one in (booked, claimed)
    )

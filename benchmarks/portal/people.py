"""Patients with an account, and what the clinic holds of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import count

from allauth.account.internal.flows.login import record_authentication
from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.models import Group
from django.http import HttpRequest
from django.test import Client

from benchmarks import records
from benchmarks.stage import HOST
from bookings.messages.models import Message
from bookings.timetable.models import Location
from bookings.timetable.ranges import span
from bookings.visits.models import Appointment, PatientNote
from clinic.accounts.models import User
from clinic.catalogue.models import Treatment
from clinic.core import clock
from clinic.patients.models import Patient, PatientAccess
from clinic.practitioners.models import Practitioner
from clinic.staff.middleware import ENROLLED

BORN = date(1980, 5, 1)
_numbers = count()


def account(*, address: str = "") -> User:
    user = User.objects.create(email=address or f"account{next(_numbers)}@example.com")
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def patient(*, of: User | None = None, email: str = "") -> Patient:
    """A record; with `of`, the one that this account opens."""
    n = next(_numbers)
    row = Patient.objects.create(full_name=f"Own Page {n}", email=email or f"own{n}@example.com", date_of_birth=BORN)
    if of:
        PatientAccess.objects.create(patient=row, user=of, source=PatientAccess.Source.STAFF, starts_at=clock.now())
    return row


def visits(whose: Patient, number: int) -> list[Appointment]:
    """Half an hour each, one a week into the past, and one in 400 days, when nobody else is booked."""
    records.open_clinic()
    person = Practitioner.objects.create(name=f"Nurse {whose.pk}", slug=f"own-{whose.pk}", job_title="Nurse")
    first = clock.now().replace(minute=0, second=0, microsecond=0)
    starts = [first + timedelta(days=400), *(first - timedelta(weeks=n + 1) for n in range(number))]
    return [_visit(whose, person, at) for at in starts]


def _visit(whose: Patient, person: Practitioner, at: datetime) -> Appointment:
    during = span(at, at + timedelta(minutes=30))
    return Appointment.objects.create(
        patient=whose,
        practitioner=person,
        treatment=Treatment.objects.get(slug=records.TREATMENT),
        location=Location.objects.all()[0],
        status="completed" if at < clock.now() else "booked",
        during=during,
        occupied=during,
        note="Prefers the left chair.",
    )


def notes_and_messages(whose: Patient, of: list[Appointment]) -> None:
    """A note and four messages of each visit."""
    author = account()
    for visit in of:
        PatientNote.objects.create(
            patient=whose, visit=visit, author=author, text="Went well. " * 40, written_at=visit.starts_at
        )
    Message.objects.bulk_create(_messages(whose, of))


def _messages(whose: Patient, of: list[Appointment]) -> Iterator[Message]:
    for visit in of:
        for n in range(4):
            yield Message(
                key=f"own:{visit.pk}:{n}",
                kind="reminder",
                channel="email",
                appointment=visit,
                patient=whose,
                recipient=whose.email,
                subject="Your visit",
                body="We look forward to seeing you. " * 40,
                due_at=visit.starts_at,
                expires_at=visit.ends_at,
                state=Message.State.SENT,
                sent_at=visit.starts_at,
            )


def browser(user: User | None = None, *, address: str = "192.0.2.1") -> Client:
    """Signed in as `user`, from this address on the network."""
    client = Client(HTTP_HOST=HOST, HTTP_X_FORWARDED_PROTO="https", REMOTE_ADDR=address)
    if user:
        client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
    return client


def at_work(role: str) -> tuple[User, Client]:
    """Staff whose second factor was used in this session: production lets in nobody else."""
    user = User.objects.create(email=f"{role}{next(_numbers)}@example.com", is_staff=True)
    user.groups.add(Group.objects.get_or_create(name=role)[0])
    client = browser(user)
    session = client.session
    request = HttpRequest()
    request.session = session
    record_authentication(request, user, method="mfa", type="totp")
    session[ENROLLED] = user.pk
    session.save()
    return user, client

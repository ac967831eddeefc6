"""A person with a canary in every field that can hold one."""

from __future__ import annotations

from datetime import date, timedelta

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.sessions.backends.db import SessionStore

from bookings.messages.models import Message
from bookings.waiting_list.models import WaitingEntry
from clinic.patients.models import ClaimAttempt, Patient
from clinic.privacy import requests
from tests.bookings.moments import NOW
from tests.factories.bookings import AppointmentFactory, PatientNoteFactory
from tests.factories.clinic import AccessFactory, PatientFactory, TreatmentFactory, UserFactory


def someone(word: str, *, is_seen: bool, number: str = "+447700900321"):
    """A patient with an account, messages, wishes and requests; seen by the clinic a year ago, or never."""
    account = UserFactory(email=f"{word}-account@example.com", name=f"{word} Account")
    patient = PatientFactory(
        full_name=f"{word} Quill",
        email=f"{word}-before@example.com",
        phone=number,
        date_of_birth=date(1980, 2, 29),
        access_needs=f"{word} needs",
        contact_note=f"{word} contact",
    )
    Patient.objects.filter(pk=patient.pk).update(email=f"{word}-mail@example.com")  # the trail has the former one
    patient.refresh_from_db()
    AccessFactory(patient=patient, user=account, evidence=f"{word} evidence", starts_at=NOW - timedelta(days=400))
    EmailAddress.objects.create(user=account, email=account.email, verified=True, primary=True)
    Authenticator.objects.create(user=account, type="webauthn", data={"name": f"{word} phone"})
    ClaimAttempt.objects.create(user=account, address_digest=b"x", tried_at=NOW, outcome="none")
    session = SessionStore()
    session["booking"] = {"full_name": word}
    session.create()
    UserSession.objects.create(
        user=account, ip="192.0.2.1", session_key=session.session_key, user_agent=f"{word} agent"
    )
    visit = AppointmentFactory(
        patient=patient,
        status="completed" if is_seen else "cancelled",
        cancelled_at=None if is_seen else NOW - timedelta(days=360),
        starts_at=NOW - timedelta(days=365),
        note=f"{word} visit",
        typed_phone=number,
    )
    if is_seen:
        PatientNoteFactory(patient=patient, visit=visit, text=f"{word} noted", written_at=NOW - timedelta(days=365))
    for state, due in (("sent", NOW - timedelta(days=366)), ("planned", NOW + timedelta(days=9))):
        Message.objects.create(
            key=f"{word}-{state}" if state == "planned" else f"visit:{visit.pk}:{state}",
            kind="follow_up",
            channel="email",
            appointment=visit,
            patient=patient,
            recipient=patient.email,
            subject=f"{word} subject",
            body=f"{word} body",
            state=state,
            sent_at=due if state == "sent" else None,
            due_at=due,
            expires_at=due + timedelta(days=1),
        )
    Message.objects.filter(key=f"{word}-planned").update(key=f"visit:{visit.pk}:planned")
    WaitingEntry.objects.create(
        patient=patient,
        treatment=TreatmentFactory(),
        first_day=date(2027, 3, 1),
        last_day=date(2027, 3, 9),
        note=f"{word} wish",
        created_at=NOW,
    )
    requests.ask("object", account=account, patient=patient, words=f"{word} objects", now=NOW)
    return patient, account

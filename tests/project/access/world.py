"""Two of everything that an address can name: one of Ann, whom one nurse treats, one of Bob, whom another does.

Everything that says something about one of them holds a word that stands nowhere else, so that it is found wherever it
turns up.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from allauth.mfa.models import Authenticator

from bookings.desk.feeds import feed_links
from bookings.integrations import webhooks
from bookings.integrations.api_keys import make_key
from bookings.integrations.models import WebhookDelivery, WebhookEndpoint
from bookings.messages.models import Message
from bookings.messages.planning.invitations import token_of
from bookings.waiting_list.models import Offer, WaitingEntry
from clinic.accounts.models import AccountNotice
from clinic.core import clock
from clinic.patients.models import AccessInvitation, JoinNotice, PatientMerge
from clinic.privacy import copies, requests
from clinic.records.answering.requesting import link_of
from clinic.records.consent_texts import drafting
from clinic.records.links import destinations
from clinic.records.links.giving import link_to
from clinic.records.links.models import Purpose
from clinic.staff.leaving import leave
from clinic.staff.models import Invitation, Recovery, Tablet
from tests.clinic.staff.conftest import enrolled
from tests.factories.bookings import AppointmentFactory, HoldFactory, LocationFactory, PatientNoteFactory
from tests.factories.clinic import (
    AccessFactory,
    CarerAccessFactory,
    PatientFactory,
    PractitionerFactory,
    TreatmentFactory,
    UserFactory,
)
from tests.factories.questions import asked_before
from tests.factories.records import make_entry

destinations.register(Purpose.CONSENT, "records:birthday")  # until its own page is there
EVERY_SCOPE = ["diary:read", "bookings:write", "webhooks:replay"]


class Side:
    """One patient, the nurse who treats them, and what belongs to both. Words of the patient's own end with `mark`."""

    def __init__(self, mark: str, n: int) -> None:
        now = clock.now()
        self.mark = mark
        self.owner = enrolled("owner", email=f"owner-{mark}@example.com")
        self.nurse = enrolled("practitioner", email=f"nurse-{mark}@example.com")
        self.practitioner = PractitionerFactory(user=self.nurse)
        self.account = UserFactory(email=f"account-{mark}@example.com", name=f"Account{mark}")
        self.account.emailaddress_set.create(email=self.account.email, verified=True, primary=True)
        self.patient = PatientFactory(
            full_name=f"Name{mark} Lee",
            email=f"mailbox-{mark}@example.com",
            phone=f"+44770090010{n}",
            access_needs=f"Need{mark}",
        )
        self.access = AccessFactory(patient=self.patient, user=self.account)
        self.notice = JoinNotice.objects.create(access=self.access)
        self.treatment = TreatmentFactory()
        self.location = LocationFactory()
        self.visit = self._visit(hours=30, note=f"Visitnote{mark}")
        self.past = self._visit(hours=-50, status="completed", arrived_at=now - timedelta(hours=50))
        self.staff_note = PatientNoteFactory(patient=self.patient, author=self.nurse, text=f"Staffnote{mark}")
        self.waiting = WaitingEntry.objects.create(
            patient=self.patient,
            treatment=self.treatment,
            first_day=clock.today(),
            last_day=clock.today() + timedelta(days=20),
            note=f"Wish{mark}",
            created_at=now,
        )
        self.waiting.practitioners.add(self.practitioner)
        self.offer = self._offer()
        self.message = self._message()
        self.merge = PatientMerge.objects.create(
            kept=self.patient,
            gone=PatientFactory(full_name=f"Gone{mark} Lee"),
            merged_at=now,
            merged_by=self.owner,
        )
        self.record_link = link_to(
            n, purpose=Purpose.CONSENT, patient=self.patient, expires_at=now + timedelta(days=3), now=now
        )
        self.entry = make_entry(self.past, body={"text": f"Signed{mark}"})
        self.form = asked_before(self.visit)[0]
        self.questions_link = link_of(self.visit, now)
        self.consent_text = drafting.begin(f"Text{mark}", writer=self.nurse, now=now)
        self.feed = feed_links.make(
            practitioner=self.practitioner, name=f"Feed{mark}", detail="times", by=self.nurse, now=now
        )
        self.invitation = Invitation.objects.create(
            email=f"invited-{mark}@example.com",
            roles=["desk"],
            invited_by=self.owner,
            invited_at=now,
            expires_at=now + timedelta(days=3),
        )
        self.gone = enrolled("desk", email=f"gone-{mark}@example.com")
        leave(self.gone.pk, by=self.owner, now=now)
        self.recovery = self._recovery()
        self.tablet = Tablet.objects.create(
            name=f"Tablet{mark}", enrolled_by=self.owner, enrolled_at=now, ends_at=now + timedelta(days=90)
        )
        self.key, self.key_secret = make_key(name=f"Key{mark}", scopes=EVERY_SCOPE, by=self.owner, now=now)
        self.endpoint = WebhookEndpoint.objects.create(
            name=f"Hook{mark}", url=f"https://{mark}.example/hook", events=["booking.booked"], created_at=now
        )
        webhooks.plan(self.visit, "booking.booked", now)
        self.delivery = WebhookDelivery.objects.filter(endpoint=self.endpoint).latest("pk")
        self.helper = CarerAccessFactory(patient=self.patient)
        self.asked = AccessInvitation.objects.create(
            patient=self.patient,
            email=f"helper-{mark}@example.com",
            may=["visits"],
            ends_at=now + timedelta(days=20),
            invited_by=self.account,
            invited_at=now,
            expires_at=now + timedelta(days=7),
        )
        self.told = AccountNotice.objects.create(
            user=self.account, email=self.account.email, what=f"Told{mark}", sent_at=now, disputed_at=now
        )
        self.copy = copies.ask(account=self.account, patient=self.patient, now=clock.now())
        copies.look(clock.now())
        words = {"account": self.account, "patient": self.patient, "words": f"Asked{mark}", "now": now}
        self.request = requests.ask("rectify", **words)
        self.erasing = requests.ask("erase", **words)
        self.passkey = Authenticator.objects.create(
            user=self.account, type=Authenticator.Type.WEBAUTHN, data={"name": f"Passkey{mark}", "credential": {}}
        )

    def _visit(self, *, hours: int, **values: Any):
        values = {"status": "booked", **values}
        starts_at = clock.now().replace(minute=0, second=0, microsecond=0) + timedelta(hours=hours)
        return AppointmentFactory(
            starts_at=starts_at,
            patient=self.patient,
            practitioner=self.practitioner,
            treatment=self.treatment,
            location=self.location,
            **values,
        )

    def _offer(self) -> Offer:
        hold = HoldFactory(
            starts_at=self.visit.starts_at + timedelta(days=1),
            practitioner=self.practitioner,
            treatment=self.treatment,
            location=self.location,
            hold_expires_at=clock.now() + timedelta(hours=2),
        )
        return Offer.objects.create(
            entry=self.waiting,
            appointment=hold,
            practitioner=self.practitioner,
            starts_at=hold.starts_at,
            created_at=clock.now(),
            expires_at=hold.hold_expires_at,
        )

    def _message(self) -> Message:
        now = clock.now()
        return Message.objects.create(
            key=f"test:{self.mark}",
            kind="confirmation",
            channel="email",
            appointment=self.visit,
            patient=self.patient,
            recipient=self.patient.email,
            subject=f"Subject{self.mark}",
            body=f"Body{self.mark}",
            due_at=now,
            expires_at=now + timedelta(days=1),
            state=Message.State.SENT,
            sent_at=now,
        )

    @property
    def preferences(self) -> str:
        return token_of(self.patient)

    def _recovery(self) -> Recovery:
        now = clock.now()
        reset = enrolled("desk", email=f"reset-{self.mark}@example.com")
        return Recovery.objects.create(
            user=reset, allowed_by=self.owner, allowed_at=now, expires_at=now + timedelta(minutes=50)
        )

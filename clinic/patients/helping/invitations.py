"""Invite somebody to open a record: by its patient, to have help; by the desk, with what it has seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction

from clinic.accounts.models import User
from clinic.accounts.proved_addresses import proved_addresses
from clinic.accounts.signing_in import letters
from clinic.core import clock
from clinic.core.errors import DomainError
from clinic.core.formats import written_date
from clinic.patients.joining import join, part
from clinic.patients.models import AccessInvitation, Patient, PatientAccess
from clinic.patients.models.access_invitation import INVITATION_LASTS

Kind, May, Source = PatientAccess.Kind, PatientAccess.May, PatientAccess.Source
A_YEAR = timedelta(days=365)
MOST_HELPERS = 5  # and invitations
ADULT = 18


class NotInvited(DomainError):
    code = "not_invited"


class NotAccepted(DomainError):
    code = "not_accepted"


@dataclass(frozen=True, slots=True)
class Asked:
    """What an invitation offers. `until` is the last day; `evidence` is what staff saw, and empty from a patient."""

    email: str
    kind: str = Kind.CARER
    may: Sequence[str] = (May.VISITS,)
    until: date | None = None
    evidence: str = ""


def invite(patient: Patient, asked: Asked, *, by: User, is_staff: bool, now: datetime) -> AccessInvitation:
    """Send a link to the address; an earlier one to it stops working.

    Raises:
        NotInvited: it is the patient's own account, too long, too many already, the patient is under 18, or the record
            has an account of its own.
    """
    with transaction.atomic():
        kept = Patient.objects.select_for_update(no_key=True).get(pk=patient.pk)
        _check(kept, asked, now, is_staff=is_staff)
        pending = AccessInvitation.objects.pending().filter(patient=kept)
        pending.filter(email__iexact=asked.email).update(revoked_at=now)
        live = PatientAccess.objects.filter(patient=kept, kind=Kind.CARER).live(now).count()
        if asked.kind == Kind.CARER and live + pending.filter(expires_at__gt=now).count() >= MOST_HELPERS:
            raise NotInvited(f"{MOST_HELPERS} people are the most. End somebody’s access first.")
        invitation = AccessInvitation.objects.create(
            patient=kept,
            email=asked.email,
            kind=asked.kind,
            may=list(asked.may) if asked.kind == Kind.CARER else [may.value for may in May],
            by_staff=is_staff,
            evidence=asked.evidence if is_staff else "",
            ends_at=clock.day_bounds(asked.until)[1] if asked.until else None,
            invited_by=by,
            invited_at=now,
            expires_at=now + INVITATION_LASTS,
        )
        words = {"invitation": invitation, "link": link_of(invitation)}
        letters.send("patients/email/invited", asked.email, words, lasts=INVITATION_LASTS)
    return invitation


def _check(patient: Patient, asked: Asked, now: datetime, *, is_staff: bool) -> None:
    own = PatientAccess.objects.filter(patient=patient).live(now).own().select_related("user").first()
    if own and asked.email.lower() in {*proved_addresses(own.user), own.user.email.lower()}:
        raise NotInvited(
            "This is the address of the patient’s own account."
            if is_staff
            else "This is your own address. Enter the address of the person who is to help you."
        )
    if patient.merged_into_id:
        raise NotInvited("This record was merged into another meanwhile.")
    if asked.kind == Kind.SELF:
        if own:
            raise NotInvited("This record has an account already. End that access first.")
        return
    today = clock.today(now)
    if patient.date_of_birth and clock.age_on(patient.date_of_birth, today) < ADULT:
        raise NotInvited("This is for adults only. Please ask the desk.")
    if asked.until is None or not today < asked.until <= (today + A_YEAR - timedelta(days=1)):
        raise NotInvited("Choose a day within a year.")


def withdraw(invitation: AccessInvitation, now: datetime) -> bool:
    """Let the link open nothing any more. False where it was accepted or withdrawn before."""
    return AccessInvitation.objects.pending().filter(pk=invitation.pk).update(revoked_at=now) == 1


def accept(pk: int, *, user: User, now: datetime) -> PatientAccess:
    """Open the record to this account, which has proved the address that was invited. Twice gives the same access.

    Raises:
        NotAccepted: it is for another address, withdrawn, too old, accepted by somebody else, or the account opens
            that record already.
    """
    with transaction.atomic():
        whose = AccessInvitation.objects.filter(pk=pk).values("patient")
        Patient.objects.select_for_update(no_key=True).get(pk__in=whose)  # before its invitations, as `invite` does
        row = AccessInvitation.objects.select_for_update().get(pk=pk)  # alone: what is joined to it is read afterwards
        if row.access and row.access.user_id == user.pk and row.access.is_live(now):
            return row.access
        if not row.is_open(now) or row.patient.merged_into_id or not _still_stands(row, now):
            raise NotAccepted("This invitation is no longer open. Ask for a new one.")
        if row.email.lower() not in proved_addresses(user):
            raise NotAccepted("This invitation was sent to another address. Sign in with an account of that address.")
        access = _give(row, user, now)
        row.access, row.accepted_at = access, now
        row.save(update_fields=["access", "accepted_at"])
    return access


def _still_stands(row: AccessInvitation, now: datetime) -> bool:
    """Whether who invited is the record's patient still, unless the desk gives it."""
    given_by = PatientAccess.objects.filter(patient=row.patient, user=row.invited_by_id).live(now).own()
    return row.by_staff or given_by.exists()


def _give(row: AccessInvitation, user: User, now: datetime) -> PatientAccess:
    known = PatientAccess.objects.select_for_update(of=("self",)).filter(
        patient=row.patient, user=user, revoked_at=None
    )
    for former in known:
        if former.is_live(now):
            raise NotAccepted("Your account opens this record already.")
        part(former, by=None, now=now)  # its days were over
    source = Source.STAFF if row.by_staff else Source.PATIENT
    if row.kind == Kind.SELF:
        access = join(row.patient, user.pk, source=source, evidence=row.evidence, now=now)
        if access is None:
            raise NotAccepted("This record has another account by now, or your account another record. Ask the desk.")
        return access
    return PatientAccess.objects.create(
        patient=row.patient,
        user=user,
        kind=Kind.CARER,
        may=row.may,
        source=source,
        evidence=row.evidence or f"Invited by the patient on {written_date(clock.today(row.invited_at))}",
        starts_at=now,
        ends_at=row.ends_at,
    )


def end_given_by(own: PatientAccess, now: datetime) -> None:
    """End what an account gave to others as the patient of a record that was never theirs."""
    asked = AccessInvitation.objects.filter(patient=own.patient_id, invited_by=own.user_id, by_staff=False)
    asked.pending().update(revoked_at=now)  # first: it waits for whoever accepts just now
    for access in PatientAccess.objects.filter(invitation__in=asked, starts_at__gte=own.starts_at, revoked_at=None):
        part(access, by=None, now=now)


def end(access: PatientAccess, *, by: User, now: datetime) -> bool:
    """End the access of someone who helps, at once, and tell both. False if it had been ended before."""
    with transaction.atomic():
        if not part(access, by=by, now=now):
            return False
        patient = access.patient
        for address in dict.fromkeys(filter(None, (access.user.email, patient.email))):
            letters.send("patients/email/help_ended", address, {"patient": patient, "helper": access.user})
    return True


def link_of(invitation: AccessInvitation) -> str:
    """The address in the letter, with its secret. By path, as this layer knows no bookings."""
    return f"{settings.SITE_URL}/helping/{invitation.link_token}/"

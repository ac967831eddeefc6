"""Rows of clinical records: who may read them, what is signed, what is being written."""

from __future__ import annotations

import uuid
from datetime import timedelta

from django.db import connection

from clinic.core import clock
from clinic.records.assessing.models import Assessment, AssessmentOutcome
from clinic.records.entries.keys import key_of, sealer_of
from clinic.records.entries.models import AuthorIs, Draft, DraftPast, Entry, Kind, RecordKey
from clinic.records.entries.saving import Place, save_section
from clinic.records.entries.signing import Author, add_entry
from clinic.records.reading.models import AccessLog, BreakGlass, BreakGlassReview, Purpose
from tests.factories.bookings import AppointmentFactory
from tests.factories.clinic import PatientFactory, PractitionerFactory, StaffFactory

NOTE = {"text": "Skin calm, no redness."}


def clinician(role="practitioner", **values):
    """A practitioner with an account; gives the practitioner."""
    return PractitionerFactory(user=StaffFactory(role=role), **values)


def visit_of(practitioner, **values):
    """A visit of a new patient that takes place now."""
    return AppointmentFactory(practitioner=practitioner, starts_at=clock.now() - timedelta(minutes=5), **values)


def make_entry(
    visit=None, *, author=None, kind=Kind.NOTE, body=None, patient=None, typed=(), corrects=None, occurred_at=None
):
    """A signed entry; of a visit's patient, by its practitioner, unless said otherwise."""
    whose = patient or (visit.patient if visit else PatientFactory())
    by = author or (Author.staff(visit.practitioner.user) if visit else Author.staff(StaffFactory(role="practitioner")))
    return add_entry(
        patient=whose,
        kind=kind,
        body=NOTE if body is None else body,
        author=by,
        occurred_at=occurred_at or clock.now(),
        visit=visit,
        typed=typed,
        corrects=corrects,
    )


def make_draft(visit, *, values=None, kind=Kind.NOTE, section="text", writer=None):
    place = Place(visit.patient, kind, section, visit)
    return save_section(
        place=place,
        values=NOTE if values is None else values,
        version=0,
        sealer=sealer_of(visit.patient),
        writer=writer or visit.practitioner.user,
        now=clock.now(),
    )


def make_access(user=None, patient=None, **values):
    whose = patient or PatientFactory()
    return AccessLog.objects.create(
        **{"user": user, "role": "practitioner", "patient": whose, "purpose": Purpose.CARE, "page": "record", **values}
    )


def make_glass(user=None, patient=None, **values):
    now = clock.now()
    return BreakGlass.objects.create(
        **{
            "user": user or StaffFactory(role="practitioner"),
            "patient": patient or PatientFactory(),
            "reason": "She rang with swelling and her nurse is away.",
            "at": now,
            "until": now + timedelta(minutes=30),
            **values,
        }
    )


def make_review(grant=None, **values):
    return BreakGlassReview.objects.create(
        **{
            "grant": grant or make_glass(),
            "token": uuid.uuid4(),
            "by": StaffFactory(role="owner"),
            "at": clock.now(),
            "was_right": True,
            **values,
        }
    )


def raw_entry(patient=None, **values):
    """An entry as a program with faults would write it: past `add_entry`, but numbered, chained and dated as it should."""
    whose = patient or PatientFactory()
    key_of(whose)
    key = RecordKey.objects.get(patient=whose)
    entry = Entry(
        patient=whose,
        number=key.head_number + 1,
        kind=Kind.NOTE,
        author_is=AuthorIs.STAFF,
        author=StaffFactory(),
        occurred_at=clock.now(),
        recorded_at=database_clock(),
        prev_digest=bytes(key.head_digest),
        digest=bytes(range(32)),
    )
    for name, value in values.items():
        setattr(entry, name, value)
    sealer_of(whose).put(entry, "body", "{}")
    entry.save(force_insert=True)
    return entry


def raw_draft(patient=None, visit=None, **values):
    draft = Draft(
        patient=patient or (visit.patient if visit else PatientFactory()),
        visit=visit,
        **{"kind": Kind.NOTE, "section": "text", "updated_at": clock.now(), **values},
    )
    draft.save(force_insert=True)
    return draft


def raw_past(draft=None, **values):
    return DraftPast.objects.create(
        **{"draft": draft or raw_draft(), "version": 1, "updated_at": clock.now(), **values}
    )


def database_clock():
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cursor.fetchone()[0]


def assess(visit, *outcomes, mode="in_person", given=None, body=None):
    """A signed consultation of a visit: `assess(visit, (treatment, "suitable"), (other, "defer"))`."""
    now = clock.now()
    author = Author.staff(visit.practitioner.user)
    assessment = Assessment(
        patient=visit.patient,
        assessor=visit.practitioner,
        mode=mode,
        assessed_at=now,
        location=visit.location,
        information_given_at=given,
    )
    rows = [
        AssessmentOutcome(
            patient=visit.patient,
            treatment=treatment,
            outcome=outcome,
            valid_until=clock.today(now) + timedelta(days=180) if outcome == "suitable" else None,
            defer_until=clock.today(now) + timedelta(days=14) if outcome == "defer" else None,
        )
        for treatment, outcome in outcomes
    ]
    return add_entry(
        patient=visit.patient,
        kind=Kind.ASSESSMENT,
        body=body or {"sections": [], "outcomes": []},
        author=author,
        occurred_at=now,
        visit=visit,
        typed=[assessment, *rows],
    )


def strike(entry, *, by=None):
    """Strike an entry as entered in error: whoever signed it, unless said otherwise."""
    return make_entry(
        patient=entry.patient,
        author=Author.staff(by or entry.author),
        kind=Kind.STRIKE,
        corrects=entry,
        body={"reason": "Entered in error."},
    )

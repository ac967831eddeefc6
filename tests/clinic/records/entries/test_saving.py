"""What is typed is kept, valid or not, and never over somebody else's newer text."""

from __future__ import annotations

from datetime import timedelta

import pytest

from clinic.core import clock
from clinic.records.entries.keys import Opener, sealer_of
from clinic.records.entries.models import Draft, DraftPast, Kind, RecordKey
from clinic.records.entries.saving import Place, Stale, drop_old_drafts, save_section
from tests.factories.bookings import AppointmentFactory
from tests.factories.records import clinician, make_draft, raw_draft, visit_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def visit():
    return visit_of(clinician())


@pytest.fixture
def save(visit):
    def save_(text, version, *, at=None):
        return save_section(
            place=Place(visit.patient, Kind.NOTE, "text", visit),
            values={"text": text},
            version=version,
            sealer=sealer_of(visit.patient),
            writer=visit.practitioner.user,
            now=at or clock.now(),
        )

    return save_


def text_of(row, patient):
    return Opener(RecordKey.objects.get(patient=patient)).text(row, "body")


def test_a_section_is_kept_whatever_it_says(save, visit):
    odd = "\u202e [[x]] #include {{ 7*7 }} 🙂 " + "x" * 100_000

    draft = save(odd, 0)

    assert (draft.version, draft.updated_by) == (1, visit.practitioner.user)
    assert odd in text_of(Draft.objects.get(), visit.patient)


@pytest.mark.parametrize("version", [0, 1, 7])
def test_a_version_that_is_not_the_newest_overwrites_nothing(save, visit, version):
    save("First", 0)
    save("Theirs", 1)

    with pytest.raises(Stale) as stale:
        save("Mine", version)

    assert stale.value.theirs.version == 2
    assert "Theirs" in text_of(Draft.objects.get(), visit.patient)


def test_what_stood_for_a_minute_is_kept_when_another_text_takes_its_place(save, visit):
    now = clock.now()
    save("Long thought", 0, at=now)
    save("A mistaken paste", 1, at=now + timedelta(seconds=61))
    save("and another", 2, at=now + timedelta(seconds=62))

    past = DraftPast.objects.get()
    assert past.version == 1
    assert "Long thought" in text_of(past, visit.patient)


def test_drafts_that_nobody_signed_go_a_week_after_their_visit():
    now = clock.now()
    old = AppointmentFactory(starts_at=now - timedelta(days=9))
    newer = AppointmentFactory(starts_at=now - timedelta(days=3))
    coming = AppointmentFactory(starts_at=now + timedelta(days=9))
    long_ago = now - timedelta(days=8)
    kept = {raw_draft(visit=visit, updated_at=long_ago).pk for visit in (newer, coming)} | {raw_draft().pk}
    for patient in (None, raw_draft().patient):
        raw_draft(patient=patient, section="gone", updated_at=long_ago)
    make_draft(old)
    Draft.objects.filter(visit=old).update(updated_at=long_ago)

    drop_old_drafts(now)

    assert kept <= set(Draft.objects.values_list("pk", flat=True))
    assert not Draft.objects.filter(visit=old).exists()
    assert not Draft.objects.filter(section="gone").exists()

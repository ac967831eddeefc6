"""D6: two records of one person become one, and apart again."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest

from bookings.desk.patients import merging
from bookings.desk.patients.notes import add_note
from bookings.engine.eligibility import PatientDetails, find_or_add_patient, records_of
from bookings.messages.models import Message
from bookings.visits.models import Appointment, PatientNote
from bookings.visits.models.statuses import Status
from bookings.waiting_list.models import WaitingEntry
from clinic.patients.models import Patient, PatientAccess, PatientMerge
from clinic.privacy.models import LimitedRecord
from tests.factories.bookings import AppointmentFactory, PatientNoteFactory
from tests.factories.clinic import AccessFactory, CarerAccessFactory, PatientFactory, StaffFactory, TreatmentFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 24, 9, 10, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
# Rows that belong to a patient and stay with the record they were written for, each for its reason.
STAYS = {
    "access_invitations": "the link of one to a merged record is refused",
    "accesses": "handled by itself",
    "data_copies": "of the account that asked",
    "data_requests": "found of both records: clinic.privacy.people",
    "limited": "a record of limited use is not merged",
    "notes": "append-only: read of both records",
    "assessments": "as their entries",
    "assessment_outcomes": "as their entries",
    **dict.fromkeys(
        ("consent_offers", "consents", "consent_confirmations", "consent_withdrawals", "consent_copies"),
        "signed of the record that it was: read of both",
    ),
    **dict.fromkeys(("responses", "response_reviews"), "as their entries"),
    "form_requests": "as the answers to them",
    "record_links": "a link of one that was merged asks for the birthday of the one that remained",
    "broken_glass": "added to only: what was done of either record",
    "entries": "signed of the record that it was: read of both",
    "record_accesses": "added to only: who read which record",
    "record_drafts": "of their visit, which says whose they are",
    "record_key": "seals what was written of this very record",
    "events": "the trail of this very record",
    "merged_records": "handled by itself",
    "merges": "handled by itself",
    "was_merged": "handled by itself",
}


@pytest.fixture
def kept():
    return PatientFactory(full_name="Ann Jones", email="ann@example.com", phone="", access_needs="")


@pytest.fixture
def gone():
    return PatientFactory(
        full_name="Ann Smith", email="old@example.com", phone="+447700900111", access_needs="Step-free"
    )


@pytest.fixture
def by():
    return StaffFactory()


@pytest.mark.parametrize("which", ["kept", "gone"])
def test_a_record_of_limited_use_is_merged_with_none(which, kept, gone, by):
    LimitedRecord.objects.create(patient={"kept": kept, "gone": gone}[which], since=NOW)

    with pytest.raises(merging.MergeRefused, match="limited use"):
        merging.merge(kept=kept, gone=gone, by=by, now=NOW)

    assert not PatientMerge.objects.exists()


def wait(patient, treatment=None):
    days = {"first_day": date(2026, 12, 1), "last_day": date(2026, 12, 9), "created_at": NOW}
    return WaitingEntry.objects.create(patient=patient, treatment=treatment or TreatmentFactory(), **days)


def message(patient, key, visit=None):
    times = {"due_at": NOW, "expires_at": NOW + DAY}
    kind = {"kind": Message.Kind.REMINDER, "channel": Message.Channel.EMAIL, "recipient": patient.email}
    return Message.objects.create(key=key, patient=patient, appointment=visit, **kind, **times)


def owners(*rows):
    return [type(row).objects.get(pk=row.pk).patient for row in rows]


def test_every_row_of_a_patient_moves_or_stays_for_a_reason():
    """A new model with a patient fails here until it is decided."""
    relations = {relation.get_accessor_name() for relation in Patient._meta.related_objects}

    assert relations == {*merging.MOVES, *STAYS}


def test_everything_moves_and_what_the_record_lacks_is_filled_in(kept, gone, by):
    visit = AppointmentFactory(patient=gone, starts_at=NOW + DAY)
    follow_up = AppointmentFactory(patient=gone, starts_at=NOW + 2 * DAY, follows=visit)
    rows = (visit, follow_up, wait(gone), message(gone, "one", visit))
    note = PatientNoteFactory(patient=gone)

    merge = merging.merge(kept=kept, gone=gone, by=by, now=NOW)

    assert owners(*rows) == [kept] * 4
    assert list(PatientNote.objects.of(kept)) == [note]
    kept.refresh_from_db()
    gone.refresh_from_db()
    assert (kept.email, str(kept.phone), kept.access_needs) == ("ann@example.com", "+447700900111", "Step-free")
    assert gone.merged_into == kept
    assert (merge.merged_by, merge.filled) == (by, {"phone": "+447700900111", "access_needs": ""})


def test_undo_gives_back_every_row_and_what_followed_since(kept, gone, by):
    access = AccessFactory(patient=gone)
    own = AppointmentFactory(patient=kept, starts_at=NOW + 5 * DAY)
    visit = AppointmentFactory(patient=gone, starts_at=NOW + DAY)
    moved = (visit, wait(gone), message(gone, "one", visit), message(gone, "two"))
    merge = merging.merge(kept=kept, gone=Patient.objects.get(pk=gone.pk), by=by, now=NOW)
    assert owners(access) == [kept]
    follow_up = AppointmentFactory(patient=kept, starts_at=NOW + 2 * DAY, follows_id=visit.pk)
    since = (follow_up, message(kept, "three", follow_up))

    merging.undo(merge=merge, by=by, now=NOW + 29 * DAY)

    assert owners(*moved, *since) == [gone] * 6
    assert owners(own) == [kept]
    kept.refresh_from_db()
    gone.refresh_from_db()
    assert (kept.phone, kept.access_needs, gone.merged_into) == ("", "", None)
    assert owners(access) == [gone]


def test_undo_opens_nothing_that_ended_since(kept, gone, by):
    access = AccessFactory(patient=gone)
    merge = merging.merge(kept=kept, gone=gone, by=by, now=NOW)
    PatientAccess.objects.update(revoked_at=NOW, revoked_by=by)

    merging.undo(merge=merge, by=by, now=NOW)

    assert owners(access) == [gone]
    assert not PatientAccess.objects.live(NOW).exists()


def test_what_was_ended_goes_along_so_that_it_is_not_claimed_anew(kept, gone, by):
    access = AccessFactory(patient=gone, revoked_at=NOW)
    AccessFactory(patient=kept, user=access.user, revoked_at=NOW)

    merging.merge(kept=kept, gone=gone, by=by, now=NOW)

    assert owners(access) == [kept]


def test_who_helps_both_helps_the_one_that_remains(kept, gone, by):
    """And helps both again once the merge is undone."""
    here = CarerAccessFactory(patient=kept)
    there = CarerAccessFactory(patient=gone, user=here.user)
    another = CarerAccessFactory(patient=gone)

    merge = merging.merge(kept=kept, gone=gone, by=by, now=NOW)
    assert owners(here, there, another) == [kept, gone, kept]

    merging.undo(merge=merge, by=by, now=NOW)
    assert owners(here, there, another) == [kept, gone, gone]


def test_the_patient_of_one_who_helps_the_other_refuses_it(kept, gone):
    user = AccessFactory(patient=gone).user
    CarerAccessFactory(patient=kept, user=user)

    refused("two accounts", kept=kept, gone=gone)


def test_undo_leaves_what_was_corrected_since(kept, gone, by):
    merge = merging.merge(kept=kept, gone=gone, by=by, now=NOW)
    corrected = Patient.objects.get(pk=kept.pk)
    corrected.access_needs = "Hearing loop"
    corrected.save()

    merging.undo(merge=merge, by=by, now=NOW)

    assert Patient.objects.get(pk=kept.pk).access_needs == "Hearing loop"


def refused(why, **pair):
    rows = Appointment.objects.order_by("pk").values_list("pk", "patient")
    before = list(rows)
    with pytest.raises(merging.MergeRefused, match=why):
        merging.merge(by=StaffFactory(), now=NOW, **pair)
    assert list(rows) == before
    assert not PatientMerge.objects.exists()


def test_visits_that_overlap_refuse_it(kept, gone):
    AppointmentFactory(patient=kept, starts_at=NOW + DAY)
    AppointmentFactory(patient=gone, starts_at=NOW + DAY + HOUR / 4)

    refused("visit at the same time", kept=kept, gone=gone)


def test_a_cancelled_visit_overlaps_nothing(kept, gone, by):
    AppointmentFactory(patient=kept, starts_at=NOW + DAY)
    AppointmentFactory(patient=gone, starts_at=NOW + DAY, status=Status.CANCELLED, cancelled_at=NOW)

    assert merging.merge(kept=kept, gone=gone, by=by, now=NOW)


def test_two_wishes_for_one_treatment_refuse_it(kept, gone):
    treatment = TreatmentFactory()
    wait(kept, treatment), wait(gone, treatment)

    refused("wait for the same treatment", kept=kept, gone=gone)


def test_two_accounts_refuse_it(kept, gone):
    for patient in (kept, gone):
        AccessFactory(patient=patient)

    refused("two accounts", kept=kept, gone=gone)


def test_a_third_record_that_would_be_the_same_refuses_it(gone):
    kept = PatientFactory(full_name="Ann Jones", email="", phone="")
    PatientFactory(full_name="Ann Jones", email="old@example.com")

    refused("a third record", kept=kept, gone=gone)


def test_a_record_is_not_merged_into_itself_or_twice(kept, gone, by):
    with pytest.raises(merging.MergeRefused, match="itself"):
        merging.merge(kept=kept, gone=kept, by=by, now=NOW)
    merging.merge(kept=kept, gone=gone, by=by, now=NOW)

    for pair in ({"kept": kept, "gone": gone}, {"kept": gone, "gone": kept}):
        with pytest.raises(merging.MergeRefused, match="merged meanwhile"):
            merging.merge(**pair, by=by, now=NOW)


def test_undo_ends_after_thirty_days_and_is_once(kept, gone, by):
    merge = merging.merge(kept=kept, gone=gone, by=by, now=NOW)

    with pytest.raises(merging.MergeRefused, match="30 days"):
        merging.undo(merge=merge, by=by, now=NOW + 30 * DAY)
    merging.undo(merge=merge, by=by, now=NOW + 30 * DAY - HOUR)
    with pytest.raises(merging.MergeRefused, match="undone already"):
        merging.undo(merge=merge, by=by, now=NOW + HOUR)


def test_a_chain_of_merges_is_undone_from_its_end(kept, gone, by):
    last = PatientFactory()
    first = merging.merge(kept=kept, gone=gone, by=by, now=NOW)
    second = merging.merge(kept=last, gone=kept, by=by, now=NOW)
    gone.refresh_from_db()
    assert gone.merged_into == last

    with pytest.raises(merging.MergeRefused, match="merged further"):
        merging.undo(merge=first, by=by, now=NOW)
    merging.undo(merge=second, by=by, now=NOW)
    merging.undo(merge=first, by=by, now=NOW)

    assert not Patient.objects.exclude(merged_into=None).exists()


def test_the_old_details_lead_to_the_record_that_remained(kept, gone, by):
    merging.merge(kept=kept, gone=gone, by=by, now=NOW)
    said = {"full_name": gone.full_name, "date_of_birth": gone.date_of_birth, "phone": ""}
    details = PatientDetails(email="OLD@example.com", **said)

    assert list(records_of(details)) == [kept]
    assert find_or_add_patient(details) == (kept, True)
    assert list(records_of(PatientDetails(email="", record=gone.pk, **said))) == [kept]


@pytest.mark.parametrize("is_correction", [False, True])
def test_what_was_noted_meanwhile_of_a_visit_that_goes_back_goes_with_it(kept, gone, by, is_correction):
    """Else the record of somebody else would tell of it, for nothing moves a note."""
    visit = AppointmentFactory(patient=gone)
    former = PatientNoteFactory(patient=gone, visit=visit)
    done = merging.merge(kept=kept, gone=gone, by=by, now=NOW)

    note = add_note(
        patient=kept, author=by, text="Allergic to lidocaine", now=NOW, token=uuid4(),
        visit=Appointment.objects.get(pk=visit.pk), corrects=former.pk if is_correction else None,
    )  # fmt: skip
    assert note in PatientNote.objects.of(kept)
    merging.undo(merge=done, by=by, now=NOW)

    assert note in PatientNote.objects.of(gone)
    assert note not in PatientNote.objects.of(kept)


def test_also_of_a_record_that_was_merged_twice(kept, gone, by):
    visit, between = AppointmentFactory(patient=gone), PatientFactory()
    first = merging.merge(kept=between, gone=gone, by=by, now=NOW)
    second = merging.merge(kept=kept, gone=between, by=by, now=NOW + HOUR)

    note = add_note(patient=kept, author=by, text="Late", now=NOW, token=uuid4(), visit=visit)
    assert note in PatientNote.objects.of(kept)
    merging.undo(merge=second, by=by, now=NOW + HOUR)
    merging.undo(merge=first, by=by, now=NOW + HOUR)

    assert note in PatientNote.objects.of(gone)
    assert note not in PatientNote.objects.of(between)


class TestWithoutABirthday:
    """A record made at the desk by name and number only."""

    def walk_in(self, days=1, **values):
        said = {"age_said": 18, "age_said_at": NOW, "age_said_to": StaffFactory()}
        patient = PatientFactory(date_of_birth=None)
        return AppointmentFactory(starts_at=NOW + days * DAY, source="desk", patient=patient, **said, **values)

    def test_the_record_with_the_birthday_is_kept(self):
        walk_in, known = self.walk_in().patient, PatientFactory()

        with pytest.raises(merging.MergeRefused, match="Keep the record that has the date of birth"):
            merging.merge(kept=walk_in, gone=known, by=StaffFactory(), now=NOW)

        merging.merge(kept=known, gone=walk_in, by=StaffFactory(), now=NOW)
        assert Appointment.objects.get().patient == known

    def test_two_without_become_one_and_apart_again(self):
        one, other = self.walk_in(), self.walk_in(days=2)

        done = merging.merge(kept=one.patient, gone=other.patient, by=StaffFactory(), now=NOW)
        assert Appointment.objects.filter(patient=one.patient).count() == 2

        merging.undo(merge=done, by=StaffFactory(), now=NOW)
        assert Appointment.objects.get(pk=other.pk).patient == other.patient

    def test_what_has_started_cannot_go_back(self):
        walk_in, known = self.walk_in(), PatientFactory()
        done = merging.merge(kept=known, gone=walk_in.patient, by=StaffFactory(), now=NOW)
        Appointment.objects.filter(pk=walk_in.pk).update(status="in_progress")

        with pytest.raises(merging.MergeRefused, match="has started"):
            merging.undo(merge=done, by=StaffFactory(), now=NOW)
        assert Appointment.objects.get().patient == known

    def test_what_rests_on_the_birthday_cannot_go_back(self):
        """A follow-up that was booked since goes back with its visit: to a record without birthday and word."""
        walk_in, known = self.walk_in(), PatientFactory()
        done = merging.merge(kept=known, gone=walk_in.patient, by=StaffFactory(), now=NOW)
        walk_in.refresh_from_db()
        AppointmentFactory(starts_at=NOW + 9 * DAY, patient=known, follows=walk_in)

        with pytest.raises(merging.MergeRefused, match="needs the date of birth"):
            merging.undo(merge=done, by=StaffFactory(), now=NOW)

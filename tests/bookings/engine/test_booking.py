from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from bookings.engine.booking import book, confirm, hold, release_dead_holds, renew
from bookings.engine.changes import cancel, move
from bookings.engine.idempotency import Idempotency, forget_old_idempotency_keys
from bookings.engine.status_changes import change_status
from bookings.visits.models import AgeRefusal, Appointment, BookingSettings, IdempotencyKey
from bookings.visits.models.statuses import Status
from bookings.visits.refusals import (
    IllegalMove,
    KeyReused,
    NeedsConsultation,
    NotBookable,
    PatientBusy,
    SlotTaken,
    Stale,
    TooLate,
    TooManyVisits,
    TooYoung,
)
from clinic.catalogue.models import RoomKind, Treatment
from clinic.patients.models import Patient
from tests.bookings.moments import NOW, at, details
from tests.factories.bookings import AppointmentFactory, RoomFactory, working_week
from tests.factories.clinic import OfferedTreatmentFactory, PractitionerFactory, TreatmentFactory

pytestmark = pytest.mark.django_db


def booked(treatment, nurse, starts_at=None, n=1, **options):
    return book(
        treatment=treatment,
        practitioner=nurse,
        starts_at=starts_at or at(10),
        details=details(n),
        now=options.pop("now", NOW),
        **options,
    )


def test_book_takes_a_free_time(treatment, nurse):
    visit = booked(treatment, nurse)

    assert (visit.status, visit.starts_at, visit.ends_at) == (Status.BOOKED, at(10), at(10, 30))
    assert visit.patient.full_name == "Sam Lee 1"


def test_book_refuses_a_taken_time_and_offers_the_nearest_three(treatment, nurse):
    booked(treatment, nurse)

    with pytest.raises(SlotTaken) as refusal:
        booked(treatment, nurse, n=2)

    assert [slot.starts_at for slot in refusal.value.alternatives] == [at(9, 30), at(10, 30), at(9, 15)]


@pytest.mark.parametrize("starts_at", [at(8, 45), at(16, 45), at(10, 7), at(12, day=6)])
def test_book_refuses_a_time_outside_the_hours_or_off_the_step(treatment, nurse, starts_at):
    with pytest.raises(SlotTaken):
        booked(treatment, nurse, starts_at)


def test_book_refuses_the_past_too_short_notice_and_beyond_the_horizon(treatment, nurse):
    for starts_at in (NOW - timedelta(days=3), NOW + timedelta(hours=2), NOW + timedelta(days=365)):
        with pytest.raises(NotBookable):
            booked(treatment, nurse, starts_at)


def test_book_refuses_what_is_not_offered_online(nurse):
    toxin = TreatmentFactory(is_prescription_only=True, price=None)
    OfferedTreatmentFactory(practitioner=nurse, treatment=toxin)

    with pytest.raises(NotBookable):
        booked(toxin, nurse)


def test_staff_book_at_any_hour_but_never_twice(treatment, nurse):
    visit = booked(treatment, nurse, at(18, 20), by_staff=True)
    assert visit.starts_at == at(18, 20)

    with pytest.raises(SlotTaken):
        booked(treatment, nurse, at(18, 40), n=2, by_staff=True)


def test_buffers_keep_visits_apart(nurse):
    treatment = TreatmentFactory(buffer_before_minutes=5, buffer_after_minutes=10)
    OfferedTreatmentFactory(practitioner=nurse, treatment=treatment)
    booked(treatment, nurse, at(10))

    for starts_at in (at(9, 30), at(10, 30)):
        with pytest.raises(SlotTaken):
            booked(treatment, nurse, starts_at, n=2)
    assert booked(treatment, nurse, at(10, 45), n=2).occupied.lower == at(10, 40)


def test_a_practitioner_may_take_longer(treatment, nurse):
    nurse.offered.filter(treatment=treatment).update(duration_minutes=50)

    assert booked(treatment, nurse).minutes == 50


def test_any_practitioner_is_the_one_with_the_least_booked_that_day(treatment, nurse, location):
    other = PractitionerFactory(offers=[treatment])
    working_week(other, location)
    booked(treatment, nurse, at(9))

    assert booked(treatment, None, at(11), n=2).practitioner == other
    assert booked(treatment, None, at(12), n=3).practitioner == min((nurse, other), key=lambda person: person.name)


def test_a_room_is_picked_and_no_room_is_no_time(nurse, location):
    treatment = TreatmentFactory(room_kind=RoomKind.TREATMENT_ROOM)
    other = PractitionerFactory(offers=[treatment])
    OfferedTreatmentFactory(practitioner=nurse, treatment=treatment)
    working_week(other, location)
    room = RoomFactory(location=location)

    assert booked(treatment, nurse).room == room
    with pytest.raises(SlotTaken):
        booked(treatment, other, n=2)

    second = RoomFactory(location=location)
    assert booked(treatment, other, n=2).room == second


def test_patient_cannot_be_in_two_places(treatment, nurse, location):
    other = PractitionerFactory(offers=[treatment])
    working_week(other, location)
    booked(treatment, nurse)

    with pytest.raises(PatientBusy):
        booked(treatment, other)


def test_same_person_is_one_record_and_the_number_of_the_record_counts(treatment, nurse):
    booked(treatment, nurse)
    book(
        treatment=treatment,
        practitioner=nurse,
        starts_at=at(12),
        now=NOW,
        details=details(1, full_name="SAM LEE 1", email="Sam1@Example.com", phone="+447700900999"),
    )

    assert [str(patient.phone) for patient in Patient.objects.all()] == ["+447700900123"]
    assert [str(visit.typed_phone) for visit in Appointment.objects.order_by("during")] == ["", "+447700900999"]


@pytest.mark.parametrize(
    ("born", "is_refused"), [(date(2009, 3, 2), True), (date(2009, 3, 1), False), (date(2008, 2, 29), False)]
)
def test_age_counts_on_the_day_of_booking(treatment, nurse, born, is_refused):
    def attempt():
        return book(
            treatment=treatment,
            practitioner=nurse,
            starts_at=at(10, day=30),
            now=NOW,
            details=details(date_of_birth=born),
        )

    if is_refused:
        with pytest.raises(TooYoung):
            attempt()
        assert list(AgeRefusal.objects.values_list("treatment", "age")) == [(treatment.pk, 17)]
    else:
        assert attempt().status == Status.BOOKED


def test_too_many_visits_are_refused(treatment, nurse):
    BookingSettings.objects.update_or_create(defaults={"max_future_visits": 1})
    booked(treatment, nurse)

    with pytest.raises(TooManyVisits):
        booked(treatment, nurse, at(14))


def test_first_treatment_waits_for_a_consultation_and_time_to_reflect(nurse):
    filler = TreatmentFactory(requires_consultation=True, reflection_hours=24)
    OfferedTreatmentFactory(practitioner=nurse, treatment=filler)
    with pytest.raises(NeedsConsultation):
        booked(filler, nurse)

    patient = Patient.objects.create(
        full_name="Sam Lee 1", email="sam1@example.com", phone="+447700900123", date_of_birth=date(1990, 2, 28)
    )
    AppointmentFactory(
        patient=patient,
        practitioner=nurse,
        status=Status.COMPLETED,
        starts_at=NOW - timedelta(hours=1),
        treatment=TreatmentFactory(kind=Treatment.Kind.CONSULTATION),
    )
    with pytest.raises(NeedsConsultation):
        booked(filler, nurse, at(14, day=1), now=NOW)
    assert booked(filler, nurse, at(14)).status == Status.BOOKED


def test_hold_keeps_a_time_for_ten_minutes_only(treatment, nurse):
    hold(treatment=treatment, practitioner=nurse, starts_at=at(10), now=NOW)
    with pytest.raises(SlotTaken):
        booked(treatment, nurse)

    assert booked(treatment, nurse, now=NOW + timedelta(minutes=10)).status == Status.BOOKED


def test_hold_of_another_time_gives_up_the_former(treatment, nurse):
    former = hold(treatment=treatment, practitioner=nurse, starts_at=at(10), now=NOW)
    hold(treatment=treatment, practitioner=nurse, starts_at=at(10, 15), now=NOW, instead_of=former)

    assert list(Appointment.objects.values_list("status", flat=True).order_by("pk")) == [Status.EXPIRED, Status.HELD]


def test_confirm_makes_one_visit_however_often(treatment, nurse):
    held = hold(treatment=treatment, practitioner=None, starts_at=at(10), now=NOW)

    first = confirm(hold=held, details=details(), now=NOW)
    second = confirm(hold=held, details=details(), now=NOW)

    assert first.pk == second.pk == held.pk
    assert Appointment.objects.get().status == Status.BOOKED


def test_confirm_of_a_dead_hold_books_if_nobody_else_did(treatment, nurse):
    held = hold(treatment=treatment, practitioner=nurse, starts_at=at(10), now=NOW)
    later = NOW + timedelta(hours=1)
    release_dead_holds(later)

    assert confirm(hold=held, details=details(), now=later).status == Status.BOOKED


def test_confirm_of_a_dead_hold_is_refused_if_someone_else_did(treatment, nurse):
    held = hold(treatment=treatment, practitioner=nurse, starts_at=at(10), now=NOW)
    later = NOW + timedelta(hours=1)
    booked(treatment, nurse, now=later, n=2)

    with pytest.raises(SlotTaken) as refusal:
        confirm(hold=held, details=details(), now=later)
    assert len(refusal.value.alternatives) == 3


def test_renewed_hold_lives_on(treatment, nurse):
    held = hold(treatment=treatment, practitioner=nurse, starts_at=at(10), now=NOW)
    renew(hold=held, now=NOW + timedelta(minutes=9))

    with pytest.raises(SlotTaken):
        booked(treatment, nurse, now=NOW + timedelta(minutes=15))


def test_same_key_same_body_is_the_same_booking(treatment, nurse):
    key = Idempotency("abc", b"1" * 32)
    first = booked(treatment, nurse, idempotency=key)
    again = booked(treatment, nurse, idempotency=key)

    assert first.pk == again.pk
    with pytest.raises(KeyReused):
        booked(treatment, nurse, at(12), idempotency=Idempotency("abc", b"2" * 32))

    forget_old_idempotency_keys(NOW + timedelta(days=8))
    assert not IdempotencyKey.objects.exists()


def test_move_frees_the_old_time_and_may_overlap_it(treatment, nurse):
    visit = booked(treatment, nurse)

    moved = move(appointment=visit, starts_at=at(10, 15), now=NOW)
    assert (moved.pk, moved.starts_at, moved.version) == (visit.pk, at(10, 15), 2)
    assert booked(treatment, nurse, at(9, 45), n=2).starts_at == at(9, 45)


def test_move_to_a_taken_time_changes_nothing(treatment, nurse):
    visit = booked(treatment, nurse)
    booked(treatment, nurse, at(12), n=2)

    with pytest.raises(SlotTaken):
        move(appointment=visit, starts_at=at(12), now=NOW)
    visit.refresh_from_db()
    assert (visit.starts_at, visit.version) == (at(10), 1)


def test_move_with_an_old_version_is_refused(treatment, nurse):
    visit = booked(treatment, nurse)
    move(appointment=visit, starts_at=at(12), now=NOW)

    with pytest.raises(Stale):
        move(appointment=visit, starts_at=at(14), now=NOW, version=1)


def test_cancel_frees_the_time_and_twice_is_once(treatment, nurse):
    visit = booked(treatment, nurse)
    cancel(appointment=visit, now=NOW)
    again = cancel(appointment=visit, now=NOW)

    assert (again.status, again.was_cancelled_late, again.version) == (Status.CANCELLED, False, 2)
    assert booked(treatment, nurse, n=2).status == Status.BOOKED


def test_patients_telephone_to_move_in_the_last_day_and_staff_cancel_late(treatment, nurse):
    visit = booked(treatment, nurse)
    late = at(10) - timedelta(hours=3)
    with pytest.raises(TooLate, match="too late to move"):
        move(appointment=visit, starts_at=at(12, day=3), now=late)

    assert cancel(appointment=visit, now=late, by_staff=True).was_cancelled_late


def test_patients_say_that_they_cannot_come_until_the_visit_begins(treatment, nurse):
    """P1: inside the window it is late, and frees the time; once it has begun only staff cancel it."""
    for n, (before, is_late) in enumerate([(25 * 60, False), (24 * 60, False), (24 * 60 - 1, True), (1, True)]):
        visit = booked(treatment, nurse, n=n)
        assert cancel(appointment=visit, now=at(10) - timedelta(minutes=before)).was_cancelled_late is is_late
    visit = booked(treatment, nurse)

    with pytest.raises(TooLate, match="has begun"):
        cancel(appointment=visit, now=at(10))
    assert cancel(appointment=visit, now=at(10), by_staff=True).was_cancelled_late


def test_a_repeated_move_or_cancellation_is_the_same_one_and_an_old_page_is_refused(treatment, nurse):
    """Kind 1"""
    visit = booked(treatment, nurse)
    for _ in range(2):
        assert move(appointment=visit, starts_at=at(12), now=NOW, version=1).version == 2
    for change in (lambda: move(appointment=visit, starts_at=at(14), now=NOW, version=1),
                   lambda: cancel(appointment=visit, now=NOW, version=1)):  # fmt: skip
        with pytest.raises(Stale):
            change()
    for _ in range(2):
        assert cancel(appointment=visit, now=NOW, version=2).version == 3


def test_status_walks_the_allowed_way(treatment, nurse):
    visit = booked(treatment, nurse)
    for status in (Status.ARRIVED, Status.IN_PROGRESS, Status.COMPLETED):
        with pytest.raises(IllegalMove):  # the day before
            change_status(appointment=visit, status=status, now=NOW)
        visit = change_status(appointment=visit, status=status, now=visit.starts_at)
    assert visit.arrived_at == visit.starts_at

    with pytest.raises(IllegalMove):
        change_status(appointment=visit, status=Status.NO_SHOW, now=NOW)


def test_who_did_not_attend_can_be_put_back_unless_the_time_is_used(treatment, nurse):
    visit = booked(treatment, nurse)
    with pytest.raises(IllegalMove):
        change_status(appointment=visit, status=Status.NO_SHOW, now=visit.starts_at - timedelta(minutes=1))
    change_status(appointment=visit, status=Status.NO_SHOW, now=visit.starts_at)
    booked(treatment, nurse, n=2)

    with pytest.raises(SlotTaken):
        change_status(appointment=visit, status=Status.BOOKED, now=NOW)


@pytest.mark.parametrize(
    "changes",
    [
        {"starts_at": at(10), "minutes": 4},
        {"starts_at": at(10), "minutes": 9 * 60},
        {"patient": None},
        {"status": Status.HELD},
        {"status": Status.CANCELLED},
    ],
)
def test_database_refuses_impossible_visits(changes):
    with pytest.raises(IntegrityError), transaction.atomic():
        AppointmentFactory(**changes)


def test_constraints_speak_to_people():
    for model in (Appointment,):
        for constraint in model._meta.constraints:
            assert constraint.violation_error_message.endswith("."), constraint.name


def test_link_opens_its_visit_and_is_not_stored(treatment, nurse):
    visit = booked(treatment, nurse)
    token = visit.link_token

    assert Appointment.objects.for_link(token).get() == visit
    assert token.encode() not in bytes(visit.link_digest) + bytes(visit.link_salt)

    visit.revoke_link()
    visit.save()
    assert not Appointment.objects.for_link(token).exists()

"""The waiting list: who gets which freed time, for how long, and what becomes of it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, time, timedelta
from threading import Barrier

import pytest
from django.db import IntegrityError, connection, connections, transaction
from django.test.utils import CaptureQueriesContext

from bookings.engine.booking import book, hold
from bookings.engine.changes import cancel
from bookings.engine.eligibility import find_or_add_patient
from bookings.messages.delivery.loop import run_once
from bookings.messages.models import Message
from bookings.timetable.models import ExtraHours, TimeOff
from bookings.timetable.ranges import span
from bookings.visits.models import AgeRefusal, Appointment, BookingSettings
from bookings.visits.models.statuses import Status
from bookings.visits.refusals import IllegalMove, NeedsConsultation, NotBookable, SlotTaken, TooYoung
from bookings.waiting_list import answers, lapsing, offers
from bookings.waiting_list import entries as waiting
from bookings.waiting_list.models import Offer, WaitingEntry
from clinic.core import clock
from clinic.core.errors import DomainError
from clinic.patients.models import Patient
from clinic.sending.outcomes import Sent
from tests.bookings.moments import NOW, at, details
from tests.factories.bookings import AppointmentFactory, LocationFactory, WorkingHoursFactory, working_week
from tests.factories.clinic import OfferedTreatmentFactory, PatientFactory, PractitionerFactory, TreatmentFactory

pytestmark = pytest.mark.django_db
MORNING, EVENING = NOW, at(22, day=1)
FIRST, LAST = date(2027, 3, 1), date(2027, 3, 31)


def join(treatment, n=1, now=NOW, **wishes):
    known = {
        "practitioners": [],
        "first_day": FIRST,
        "last_day": LAST,
        "weekdays": [1, 2, 3, 4, 5, 6, 7],
        "parts": ["morning", "afternoon", "evening"],
    }
    return waiting.join(treatment=treatment, details=details(n), now=now, **known | wishes)


@pytest.fixture
def full(nurse):
    """The nurse has no free time in March until some is freed."""
    return TimeOff.objects.create(practitioner=nurse, during=span(at(0, day=1), at(0, day=1, month=4)))


@pytest.fixture
def free(nurse, location):
    def add(starts_at, minutes=30):
        """Extra hours beat nothing but the rota: the time off is cut open."""
        off = TimeOff.objects.filter(practitioner=nurse, during__contains=starts_at).get()
        ends_at = starts_at + timedelta(minutes=minutes)
        TimeOff.objects.create(practitioner=nurse, during=span(ends_at, off.during.upper))
        off.during = span(off.during.lower, starts_at)
        off.save()

    return add


class TestFits:
    def test_a_cancelled_time_is_offered_held_and_told(self, treatment, nurse, full, free):
        free(at(10))
        visit = book(treatment=treatment, practitioner=nurse, starts_at=at(10), details=details(9), now=NOW)
        entry = join(treatment)
        assert offers.sweep(NOW) == []

        cancel(appointment=visit, now=NOW)
        (offer,) = offers.sweep(NOW)

        assert (offer.entry, offer.starts_at, offer.expires_at) == (entry, at(10), NOW + timedelta(hours=2))
        assert (offer.appointment.status, offer.appointment.hold_expires_at) == (Status.HELD, offer.expires_at)
        told = Message.objects.filter(offer=offer)
        assert {(m.channel, m.due_at, m.expires_at) for m in told} == {
            (channel, NOW, offer.expires_at) for channel in ("email", "sms")
        }

    def test_who_waits_unproven_is_offered_what_they_could_book_so(self, treatment, nurse, full, free):
        """C1: as many visits alike as anyone may book in a patient's name stand already."""
        known = find_or_add_patient(details())[0]
        assert join(treatment).is_unproven
        for day in (6, 7):
            AppointmentFactory(
                patient=known,
                treatment=treatment,
                practitioner=nurse,
                starts_at=at(10, day=day, month=4),
                is_unproven=True,
            )
        free(at(10))

        assert offers.sweep(NOW) == []

    def test_added_hours_are_offered_too(self, treatment, nurse, full, free):
        join(treatment)
        assert offers.sweep(NOW) == []
        free(at(14))
        assert [offer.starts_at for offer in offers.sweep(NOW)] == [at(14)]

    def test_the_longest_waiting_first_each_the_soonest_that_suits(self, treatment, nurse, full, free):
        late = join(treatment, 2, now=NOW + timedelta(minutes=1))
        early = join(treatment, 1, parts=["afternoon"], now=NOW)
        third = join(treatment, 3, now=NOW + timedelta(minutes=2))
        free(at(10))
        free(at(13))
        free(at(15))
        made = {offer.entry: offer.starts_at for offer in offers.sweep(NOW + timedelta(minutes=3))}
        assert made == {early: at(13), late: at(10), third: at(15)}

    def test_the_longest_waiting_first_whatever_they_wait_for(self, nurse, full, free):
        peel = TreatmentFactory(name="A peel")
        mask = TreatmentFactory(name="B mask", category=peel.category)
        for treatment in (peel, mask):
            OfferedTreatmentFactory(practitioner=nurse, treatment=treatment)
        join(peel, 1, now=NOW + timedelta(minutes=1))
        longest = join(mask, 2)
        free(at(10))
        assert [offer.entry for offer in offers.sweep(NOW + timedelta(minutes=2))] == [longest]

    @pytest.mark.parametrize(
        ("wishes", "offered"),
        [
            ({"weekdays": [2]}, at(10, day=2)),
            ({"weekdays": [4, 5]}, at(15, day=4)),
            ({"parts": ["afternoon"]}, at(15, day=4)),
            ({"first_day": date(2027, 3, 3)}, at(15, day=4)),
            ({"last_day": date(2027, 3, 1)}, None),
            ({"parts": ["evening"]}, None),
        ],
    )
    @pytest.mark.usefixtures("full")
    def test_only_what_suits(self, treatment, free, wishes, offered):
        join(treatment, **wishes)
        free(at(10, day=2))
        free(at(15, day=4))
        assert [offer.starts_at for offer in offers.sweep(NOW)] == ([offered] if offered else [])

    def test_only_with_whom_she_named(self, treatment, nurse, location, full):
        other = PractitionerFactory(offers=[treatment])
        assert join(treatment, practitioners=[nurse])
        join(treatment, 2, practitioners=[nurse, other])
        working_week(other, location)
        (offer,) = offers.sweep(NOW)
        assert offer.practitioner == other

    @pytest.mark.parametrize(("change", "summer"), [(date(2027, 3, 28), True), (date(2027, 10, 31), False)])
    def test_parts_of_the_day_are_those_of_the_wall_clock_when_it_changes(self, treatment, change, summer):
        now = datetime.combine(change - timedelta(days=2), time(8), tzinfo=clock.LONDON)
        nurse = PractitionerFactory(offers=[treatment])
        join(treatment, now=now, first_day=change, last_day=change, parts=["afternoon"])
        WorkingHoursFactory(
            practitioner=nurse, location=LocationFactory(), weekday=7, starts_at=time(11, 30), ends_at=time(12, 30)
        )
        (offer,) = offers.sweep(now)
        assert clock.local(offer.starts_at) == datetime.combine(change, time(12), tzinfo=clock.LONDON)
        assert bool(clock.local(offer.starts_at).utcoffset()) == summer

    def test_nobody_gets_a_time_at_which_she_has_a_visit(self, treatment, nurse, full, free):
        entry = join(treatment)
        free(at(10))
        AppointmentFactory(patient=entry.patient, starts_at=at(10))
        assert offers.sweep(NOW) == []

    def test_but_whoever_waits_next_gets_it(self, treatment, nurse, full, free):
        busy, second = join(treatment, 1), join(treatment, 2, now=NOW + timedelta(seconds=1))
        free(at(10))
        AppointmentFactory(patient=busy.patient, starts_at=at(10))
        assert [offer.entry for offer in offers.sweep(NOW + timedelta(seconds=2))] == [second]

    def test_nor_more_visits_than_the_clinic_allows(self, treatment, nurse, full, free):
        entry = join(treatment)
        BookingSettings.objects.update_or_create(defaults={"max_future_visits": 1})
        AppointmentFactory(patient=entry.patient, starts_at=at(10, day=20))
        free(at(10))
        assert offers.sweep(NOW) == []

    def test_a_time_within_the_time_to_reflect_is_passed_over_for_a_later_one(self, nurse, full, free):
        peel = TreatmentFactory(requires_consultation=True, reflection_hours=48)
        OfferedTreatmentFactory(practitioner=nurse, treatment=peel)
        patient = PatientFactory(
            full_name="Sam Lee 1", email="sam1@example.com", date_of_birth=details(1).date_of_birth
        )
        consulted = TreatmentFactory(kind="consultation")
        AppointmentFactory(patient=patient, treatment=consulted, status="completed", starts_at=NOW - timedelta(hours=9))
        join(peel)
        free(at(10, day=2))
        free(at(10, day=4))
        assert [offer.starts_at for offer in offers.sweep(NOW)] == [at(10, day=4)]


class TestNeverTwice:
    def test_a_time_she_let_go_is_not_offered_again_but_to_the_next(self, treatment, nurse, full, free):
        first, second = join(treatment, 1), join(treatment, 2, now=NOW + timedelta(seconds=1))
        free(at(10))
        (offer,) = offers.sweep(NOW)
        assert offer.entry == first
        assert offers.sweep(NOW) == []

        answers.decline(offer, NOW)
        (next_offer,) = offers.sweep(NOW)
        assert (next_offer.entry, next_offer.starts_at) == (second, at(10))
        answers.decline(next_offer, NOW)
        assert offers.sweep(NOW) == []
        assert set(WaitingEntry.objects.waiting()) == {first, second}

    def test_an_unanswered_time_goes_to_the_next(self, treatment, nurse, full, free):
        join(treatment, 1)
        second = join(treatment, 2, now=NOW + timedelta(seconds=1))
        free(at(15))
        (offer,) = offers.sweep(NOW)
        later = NOW + timedelta(hours=2)
        (next_offer,) = offers.sweep(later)

        offer.refresh_from_db()
        assert (offer.state, offer.appointment.status) == (Offer.State.LAPSED, Status.EXPIRED)
        assert next_offer.entry == second
        assert not Message.objects.filter(offer=offer, state="planned").exists()

    def test_one_time_is_never_offered_to_two_and_nobody_can_take_it_meanwhile(self, treatment, nurse, full, free):
        join(treatment, 1)
        join(treatment, 2)
        free(at(10))
        assert len(offers.sweep(NOW)) == 1
        with pytest.raises(SlotTaken):
            book(treatment=treatment, practitioner=nurse, starts_at=at(10), details=details(5), now=NOW)

    def test_the_database_refuses_a_second_offer_of_it(self, treatment, nurse, full, free):
        join(treatment)
        free(at(10))
        (offer,) = offers.sweep(NOW)
        answers.decline(offer, NOW)
        again = hold(treatment=treatment, practitioner=nurse, starts_at=at(10), now=NOW)
        known = {"entry": offer.entry, "practitioner": nurse, "starts_at": at(10), "appointment": again}
        with pytest.raises(IntegrityError, match="nobody_is_offered_a_time_twice"), transaction.atomic():
            Offer.objects.create(created_at=NOW, expires_at=NOW + timedelta(hours=1), **known)


class TestTake:
    @pytest.fixture
    def offer(self, treatment, nurse, full, free):
        join(treatment)
        free(at(10))
        return offers.sweep(NOW)[0]

    def test_books_the_held_time_once(self, offer):
        visit = answers.take(offer, NOW)
        assert answers.take(offer, NOW) == visit
        assert (visit.pk, visit.status, visit.patient) == (offer.appointment_id, Status.BOOKED, offer.entry.patient)
        offer.refresh_from_db()
        assert (offer.state, offer.entry.state) == (Offer.State.TAKEN, WaitingEntry.State.BOOKED)
        assert Message.objects.filter(appointment=visit, kind="confirmation").exists()
        assert not Message.objects.filter(offer=offer, state="planned").exists()

    def test_too_late_but_still_free_is_booked(self, offer):
        later = offer.expires_at + timedelta(minutes=1)
        lapsing.lapse(later)
        assert answers.take(offer, later).is_upcoming

    def test_too_late_and_taken_is_refused_with_other_times(self, offer, treatment, nurse, full):
        later = offer.expires_at
        lapsing.lapse(later)
        book(treatment=treatment, practitioner=nurse, starts_at=at(10), details=details(7), now=later)
        with pytest.raises(SlotTaken):
            answers.take(offer, later)
        assert WaitingEntry.objects.waiting().exists()

    def test_declined_stays_declined(self, offer):
        answers.decline(offer, NOW)
        with pytest.raises(IllegalMove):
            answers.take(offer, NOW)

    def test_taking_a_former_offer_gives_the_newer_one_up(self, offer, free):
        free(at(15, day=4))
        later = offer.expires_at
        newer = offers.sweep(later)[0]
        assert newer.starts_at == at(15, day=4)

        assert answers.take(offer, later).starts_at == at(10)
        newer.refresh_from_db()
        assert (newer.state, newer.appointment.status) == (Offer.State.DECLINED, Status.EXPIRED)

    def test_leaving_frees_the_time(self, offer, treatment, nurse):
        waiting.leave(offer.entry, NOW)
        assert book(treatment=treatment, practitioner=nurse, starts_at=at(10), details=details(7), now=NOW)
        assert not WaitingEntry.objects.waiting().exists()

    def test_its_message_is_not_sent_once_it_is_answered(self, offer):
        answers.take(offer, NOW)
        sent = []
        run_once(now=NOW, send=lambda message, now: sent.append(message.kind) or Sent(subject="", text=""))
        assert "offer" not in sent


class TestHowItIsTold:
    """What the patient changes after the offer was made in the evening, before it is told in the morning."""

    @pytest.fixture
    def offer(self, treatment, nurse, full, free):
        join(treatment)
        free(at(15, day=3))
        (offer,) = offers.sweep(EVENING)
        Message.objects.filter(kind="waiting").delete()
        return offer

    def sent(self, now):
        told = []
        run_once(now=now, send=lambda message, _now: told.append(message) or Sent(subject="", text=""))
        return {(message.channel, message.recipient) for message in told}

    def test_by_email_alone_if_she_wants_no_texts_any_more(self, offer):
        Patient.objects.update(contact_by=Patient.Channel.EMAIL)

        assert self.sent(at(8, day=2)) == {("email", offer.entry.patient.email)}
        assert Message.objects.get(channel="sms").state == "withdrawn"

    def test_where_she_is_reached_today(self, offer):
        Patient.objects.update(email="new@example.com", phone="+447700900999")

        assert self.sent(at(8, day=2)) == {("email", "new@example.com"), ("sms", "+447700900999")}

    def test_never_in_the_night_though_the_loop_stood_still(self, offer):
        Message.objects.filter(offer=offer).update(due_at=at(20, 30, day=1))

        assert self.sent(EVENING) == set()
        assert len(self.sent(at(8, day=2))) == 2


class TestTimeToAnswer:
    def test_in_the_evening_the_time_runs_from_the_morning_on(self, treatment, nurse, full, free):
        join(treatment)
        free(at(15, day=3))
        (offer,) = offers.sweep(EVENING)
        assert offer.expires_at == at(10, day=2)
        assert {message.due_at for message in Message.objects.filter(offer=offer)} == {at(8, day=2)}

    def test_ends_before_the_visit_by_its_notice(self, treatment, nurse, full, free):
        join(treatment)
        free(at(13, day=1))
        (offer,) = offers.sweep(NOW)  # at eight, with four hours of notice
        assert offer.expires_at == at(9, day=1)

    def test_no_offer_where_no_time_is_left_to_answer(self, treatment, nurse, full, free):
        join(treatment)
        free(at(12, day=1))
        assert offers.sweep(NOW) == []


class TestJoin:
    def test_nobody_too_young(self, treatment):
        with pytest.raises(TooYoung):
            waiting.join(
                treatment=treatment,
                details=details(date_of_birth=date(2009, 3, 2)),
                practitioners=[],
                first_day=FIRST,
                last_day=LAST,
                weekdays=[1],
                parts=["morning"],
                now=NOW,
            )
        assert (WaitingEntry.objects.count(), AgeRefusal.objects.count()) == (0, 1)

    def test_again_changes_the_wishes_and_keeps_the_place(self, treatment):
        first = join(treatment, parts=["morning"])
        again = join(treatment, parts=["evening"], now=NOW + timedelta(days=1), opened=[first.reference])
        assert (again.pk, again.parts, again.created_at) == (first.pk, ["evening"], NOW)

    def test_days_are_cut_to_those_that_can_be_booked(self, treatment):
        entry = join(treatment, first_day=date(2026, 1, 1), last_day=date(2030, 1, 1))
        assert (entry.first_day, entry.last_day) == (date(2027, 3, 1), date(2027, 5, 30))

    def test_days_that_have_passed_are_refused(self, treatment):
        with pytest.raises(NotBookable):
            join(treatment, first_day=date(2026, 1, 1), last_day=date(2026, 2, 1))

    def test_who_needs_a_consultation_first_is_told(self):
        with pytest.raises(NeedsConsultation):
            join(TreatmentFactory(requires_consultation=True))

    def test_ends_when_she_books_or_the_days_have_passed(self, treatment, nurse):
        met, over = join(treatment, 1, weekdays=[7]), join(treatment, 2, last_day=date(2027, 3, 7), weekdays=[7])
        AppointmentFactory(patient=met.patient, treatment=treatment, starts_at=at(10), created_at=NOW)
        Appointment.objects.update(created_at=NOW + timedelta(minutes=1))
        offers.sweep(at(12, day=8))
        states = dict(WaitingEntry.objects.values_list("pk", "state"))
        assert states == {met.pk: "booked", over.pk: "ended"}


def test_times_are_asked_for_once_a_treatment_whoever_waits(treatment, nurse, full):
    def statements():
        with CaptureQueriesContext(connection) as captured:
            assert offers.sweep(NOW) == []
        return len(captured)

    join(treatment, 0)
    with_one = statements()
    for n in range(1, 6):
        join(treatment, n)
    assert statements() == with_one


def test_it_costs_one_statement_while_nobody_waits(treatment, nurse, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert offers.sweep(NOW) == []


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_two_sweeps_at_once_offer_each_time_once():
    treatment = TreatmentFactory()
    nurse, place = PractitionerFactory(offers=[treatment]), LocationFactory()
    for n in range(8):
        join(treatment, n)
    ExtraHours.objects.create(practitioner=nurse, location=place, during=span(at(9), at(12)))
    barrier = Barrier(4)

    def sweep(_):
        barrier.wait()
        try:
            return offers.sweep(NOW)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        made = [offer for found in pool.map(sweep, range(4)) for offer in found]

    assert len(made) == Offer.objects.count() == 6
    assert len({offer.starts_at for offer in made}) == 6
    assert len({offer.entry_id for offer in made}) == 6


def at_once(*works):
    """Run these together, each in a thread of its own; gives what each gave, or the rule that said no."""
    barrier = Barrier(len(works))

    def one(work):
        barrier.wait()
        try:
            return work()
        except DomainError as refusal:
            return refusal
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(one, works))


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_the_form_sent_twice_at_once_makes_one_entry():
    treatment = TreatmentFactory()
    PractitionerFactory(offers=[treatment])
    entries = at_once(*[lambda: join(treatment)] * 4)
    assert entries == [WaitingEntry.objects.get()] * 4


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_taking_declining_leaving_joining_and_sweeping_at_once_leave_no_time_with_two():
    treatment = TreatmentFactory()
    nurse, place = PractitionerFactory(offers=[treatment]), LocationFactory()
    for n in range(6):
        join(treatment, n)
    ExtraHours.objects.create(practitioner=nurse, location=place, during=span(at(9), at(12)))
    for _ in range(4):
        works = [lambda: offers.sweep(NOW), lambda: offers.sweep(NOW + timedelta(hours=2))]
        for offer in offers.sweep(NOW):
            works += [lambda offer=offer: answers.take(offer, NOW), lambda offer=offer: answers.decline(offer, NOW)]
        works += [lambda n=n: join(treatment, n) for n in range(3)]
        works += [lambda entry=entry: waiting.leave(entry, NOW) for entry in WaitingEntry.objects.waiting()[:1]]
        at_once(*works)

    taken = Offer.objects.filter(state=Offer.State.TAKEN).select_related("appointment__patient", "entry")
    assert taken
    assert all(offer.appointment.patient_id == offer.entry.patient_id for offer in taken)
    closed = Offer.objects.filter(state__in=(Offer.State.DECLINED, Offer.State.LAPSED))
    assert not closed.filter(appointment__status=Status.HELD).exists()
    assert not Offer.objects.filter(state=Offer.State.OPEN).exclude(entry__state="waiting").exists()

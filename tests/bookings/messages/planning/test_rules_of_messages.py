"""What the owner's rules, a visit that is over, and a patient's doings online put into the queue; and what goes out."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.core import mail
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.template.loader import get_template

from bookings import tasks
from bookings.engine import booking, changes, status_changes
from bookings.engine.eligibility import PatientDetails
from bookings.messages.channels.sms import sms_text
from bookings.messages.delivery.loop import run_once
from bookings.messages.delivery.outcomes import Outcome
from bookings.messages.kinds import all_kinds
from bookings.messages.models import Message, MessageRule
from bookings.messages.planning import invitations, staff_notices, visit_messages
from bookings.messages.sender import Sender
from bookings.visits.models import Appointment
from bookings.visits.models.statuses import Status
from clinic.core.models import ClinicSettings
from clinic.patients.models import Patient
from clinic.privacy.models import LimitedRecord
from clinic.sending.outcomes import Sent
from tests.factories.bookings import AppointmentFactory, LocationFactory, working_week
from tests.factories.clinic import PatientFactory, PractitionerFactory, StaffFactory, TreatmentFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 17, 12, tzinfo=UTC)
VISIT = datetime(2026, 11, 24, 10, 15, tzinfo=UTC)  # a Tuesday
ENDS = VISIT + timedelta(minutes=30)
DAY, WEEK = timedelta(days=1), timedelta(weeks=1)


@pytest.fixture(autouse=True)
def clinic():
    clinic = ClinicSettings.load()
    clinic.email = "desk@example.com"
    clinic.save()
    return clinic


def rule(kind, **values):
    return MessageRule.objects.update_or_create(kind=kind, **values)[0]


def planned(visit):
    rows = visit.messages.filter(state="planned")
    return {(row.kind, row.channel): (row.due_at, row.expires_at) for row in rows}


def completed(*, starts_at=VISIT, now=ENDS, **values):
    visit = AppointmentFactory(starts_at=starts_at, status=Status.IN_PROGRESS, **values)
    return status_changes.change_status(appointment=visit, status=Status.COMPLETED, now=now)


def opted_in(**values):
    return PatientFactory(marketing_opted_in_at=NOW, **values)


class TestRules:
    def test_a_new_clinic_has_five(self):
        rows = MessageRule.objects.values_list("kind", "channel", "hours", "asks_to_confirm")

        assert set(rows.filter(is_active=True)) == {
            ("reminder", "email", 48, True),
            ("reminder", "sms", 24, False),
            ("follow_up", "email", 24, False),
        }
        assert set(rows.filter(is_active=False)) == {
            ("review", "email", 14 * 24, False),
            ("recall", "email", 24 * 7 * 24, False),
        }

    def test_are_read_in_one_statement(self, django_assert_num_queries):
        peel, facial = TreatmentFactory(), TreatmentFactory()
        rule("reminder", channel="email", hours=72).treatments.set([peel, facial])

        with django_assert_num_queries(1):
            found = visit_messages.active_rules()

        assert [(one.label, one.channel) for one in found] == [
            ("reminder-72h", "email"), ("reminder-48h", "email"), ("follow-up-24h", "email"), ("reminder-24h", "sms"),
        ]  # fmt: skip
        assert found[0].only_for == {peel.pk, facial.pk}
        assert not found[1].only_for

    def test_one_that_is_kept_to_a_treatment_leaves_other_visits_alone(self):
        peel = TreatmentFactory()
        rule("reminder", channel="sms", hours=2).treatments.add(peel)
        visits = [AppointmentFactory(starts_at=VISIT, treatment=treatment) for treatment in (peel, TreatmentFactory())]

        labels = [{row.key.split(":")[3] for row in visit_messages.plan_booked(visit, NOW)} for visit in visits]

        assert labels[0] - labels[1] == {"reminder-2h"}

    def test_a_change_holds_for_visits_booked_or_moved_afterwards(self):
        visit = AppointmentFactory(starts_at=VISIT)
        visit_messages.plan_booked(visit, NOW)
        MessageRule.objects.filter(kind="reminder", hours=48).update(hours=72)

        assert visit.messages.filter(key__contains="reminder-48h").exists()
        visit.version += 1
        visit_messages.plan_moved(visit, NOW)
        assert {key.split(":")[3] for key in visit.messages.filter(state="planned").values_list("key", flat=True)} >= {
            "reminder-72h", "reminder-24h",
        }  # fmt: skip

    def test_without_any_nobody_is_reminded(self):
        MessageRule.objects.update(is_active=False)
        visit = AppointmentFactory(starts_at=VISIT)

        assert [row.kind for row in visit_messages.plan_booked(visit, NOW)] == ["confirmation"]

    @pytest.mark.parametrize(
        "values",
        [
            {"kind": "reminder", "channel": "email", "hours": 0},
            {"kind": "reminder", "channel": "email", "hours": 365 * 24 + 1},
            {"kind": "reminder", "channel": "email", "hours": 48},
            {"kind": "recall", "channel": "sms", "hours": 48},
            {"kind": "review", "channel": "email", "hours": 48, "asks_to_confirm": True},
        ],
    )
    def test_nonsense_is_refused_by_the_database(self, values):
        with pytest.raises(IntegrityError), transaction.atomic():
            MessageRule.objects.create(**values)

    def test_say_in_words_when_they_are(self):
        words = [MessageRule(kind=kind, hours=hours).lead for kind, hours in (
            ("reminder", 1), ("reminder", 48), ("reminder", 72), ("review", 336), ("recall", 4032), ("follow_up", 24),
        )]  # fmt: skip

        assert words == [
            "1 hour before", "48 hours before", "3 days before", "2 weeks after", "24 weeks after", "24 hours after",
        ]  # fmt: skip

    def test_only_the_reminder_that_asks_is_marked_so(self):
        visit = AppointmentFactory(starts_at=VISIT)
        visit_messages.plan_booked(visit, NOW)

        assert list(visit.messages.filter(asks_to_confirm=True).values_list("channel", flat=True)) == ["email"]


class TestAReminderThatAsks:
    def letter(self, now=VISIT - 2 * DAY, **values):
        visit = AppointmentFactory(starts_at=VISIT, **values)
        visit_messages.plan_booked(visit, NOW)
        visit.messages.exclude(kind="reminder").delete()
        with Sender() as send:
            run_once(now=now, send=send)
        return visit, mail.outbox[-1]

    def test_has_a_link_to_the_question(self):
        visit, letter = self.letter()

        link = f"/visit/{visit.link_token}/coming/"
        assert link in letter.body
        assert link in letter.alternatives[0].content
        assert visit.link_token not in visit.messages.get(state="sent").body

    def test_asks_by_text_message_too(self, settings):
        settings.SITE_URL = "https://clinic.example"
        MessageRule.objects.filter(channel="sms").update(asks_to_confirm=True)
        visit = AppointmentFactory(starts_at=VISIT)
        [row] = [row for row in visit_messages.plan_booked(visit, NOW) if row.channel == "sms"]

        text = sms_text(row, ClinicSettings.load())
        assert text.endswith(f"onfirm: https://clinic.example/visit/{visit.link_token}/coming/")
        assert len(text) <= 160
        visit.status = Status.CONFIRMED
        assert "/coming/" not in sms_text(row, ClinicSettings.load())

    def test_does_not_ask_who_has_answered(self):
        _, letter = self.letter(status=Status.CONFIRMED)

        assert "/coming/" not in letter.body + letter.alternatives[0].content


class TestAfterTheVisit:
    def test_a_follow_up_is_planned_when_it_is_completed(self):
        visit = completed()

        assert planned(visit) == {("follow_up", "email"): (ENDS + DAY, ENDS + 4 * DAY)}
        assert visit.messages.get().key == f"visit:{visit.pk}:v2:follow-up-24h:email"

    def test_nothing_follows_who_wants_no_email(self):
        assert planned(completed(patient__contact_by=Patient.Channel.SMS)) == {}

    def test_a_change_of_preference_stops_it(self):
        visit = completed()
        Patient.objects.update(contact_by=Patient.Channel.SMS)

        assert run_once(now=ENDS + DAY, send=lambda *_: Sent("", "")) == Counter({Outcome.WITHDRAWN: 1})
        assert visit.messages.count() == 1

    def test_a_record_of_limited_use_stops_it(self):
        visit = completed()
        LimitedRecord.objects.create(patient=visit.patient, since=ENDS)

        assert run_once(now=ENDS + DAY, send=lambda *_: Sent("", "")) == Counter({Outcome.WITHDRAWN: 1})

    def test_a_visit_completed_in_the_evening_is_followed_up_in_the_morning(self):
        starts_at = datetime(2026, 11, 24, 21, tzinfo=UTC)
        visit = completed(starts_at=starts_at, now=starts_at)

        assert planned(visit)["follow_up", "email"][0] == datetime(2026, 11, 26, 8, tzinfo=UTC)

    def test_a_visit_noted_as_completed_long_afterwards_is_not(self):
        assert planned(completed(now=ENDS + 5 * DAY)) == {}

    def test_putting_it_back_takes_it_back(self):
        visit = completed()
        status_changes.change_status(appointment=visit, status=Status.IN_PROGRESS, now=ENDS)

        assert planned(visit) == {}

    def test_completing_it_again_plans_it_once(self):
        visit = completed()
        run_once(now=ENDS + DAY, send=lambda *_: Sent("", ""))
        status_changes.change_status(appointment=visit, status=Status.IN_PROGRESS, now=ENDS + DAY)
        status_changes.change_status(appointment=visit, status=Status.COMPLETED, now=ENDS + DAY)

        assert visit.messages.filter(kind="follow_up").count() == 1

    def test_completing_it_again_does_not_repeat_what_was_sent_again_by_hand(self):
        visit = completed()
        visit.messages.update(state="failed")
        row = visit.messages.get()
        row.pk, row.key, row.state, row.sent_at = uuid4(), f"{row.key}:again-1", "sent", ENDS + DAY
        row.save(force_insert=True)
        status_changes.change_status(appointment=visit, status=Status.IN_PROGRESS, now=ENDS + DAY)
        status_changes.change_status(appointment=visit, status=Status.COMPLETED, now=ENDS + DAY)

        assert planned(visit) == {}

    def test_completing_it_again_before_it_went_out_plans_it_anew(self):
        visit = completed()
        status_changes.change_status(appointment=visit, status=Status.IN_PROGRESS, now=ENDS)
        status_changes.change_status(appointment=visit, status=Status.COMPLETED, now=ENDS)

        assert set(planned(visit)) == {("follow_up", "email")}

    @pytest.mark.parametrize("status", [Status.NO_SHOW, Status.IN_PROGRESS])
    def test_it_is_not_sent_about_a_visit_that_was_not_completed(self, status):
        visit = completed()
        Appointment.objects.filter(pk=visit.pk).update(status=status)

        assert run_once(now=ENDS + DAY, send=lambda *_: Sent("", "")) == Counter({Outcome.WITHDRAWN: 1})

    def test_late_in_the_evening_it_waits_for_the_morning(self):
        visit = completed()
        now = datetime(2026, 11, 25, 22, tzinfo=UTC)

        assert run_once(now=now, send=lambda *_: Sent("", "")) == Counter({Outcome.POSTPONED: 1})
        assert planned(visit)["follow_up", "email"][0] == datetime(2026, 11, 26, 8, tzinfo=UTC)

    def test_two_weeks_on_the_clinic_asks_how_it_was(self):
        MessageRule.objects.filter(kind="review").update(is_active=True)
        visit = completed()

        assert planned(visit)["review", "email"] == (ENDS + 2 * WEEK, ENDS + 3 * WEEK)
        with Sender() as send:
            run_once(now=ENDS + 2 * WEEK, send=send)
        [letter] = [one for one in mail.outbox if one.subject.startswith("How was")]
        assert "/complaints/" in letter.body
        assert visit.treatment.name not in letter.body + letter.subject
        assert "List-Unsubscribe" not in letter.extra_headers


class TestComeAgain:
    DUE = ENDS + 24 * WEEK

    @pytest.fixture(autouse=True)
    def in_use(self):
        MessageRule.objects.exclude(kind="recall").delete()
        MessageRule.objects.update(is_active=True)

    def send(self):
        with Sender() as send:
            return run_once(now=self.DUE, send=send)

    def test_goes_to_who_asked_for_it_with_a_way_out(self):
        visit = completed(patient=opted_in(contact_by=Patient.Channel.SMS))

        assert planned(visit) == {("recall", "email"): (self.DUE, self.DUE + 2 * WEEK)}
        assert self.send() == Counter({Outcome.SENT: 1})
        [letter] = mail.outbox
        token = invitations.token_of(visit.patient)
        assert letter.extra_headers["List-Unsubscribe"].endswith(f"/unsubscribe/{token}/>")
        assert letter.extra_headers["List-Unsubscribe"].startswith("<http")
        assert letter.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert f"/unsubscribe/{token}/" in letter.body
        assert f"/unsubscribe/{token}/" in letter.alternatives[0].content
        assert visit.treatment.name not in letter.body + letter.subject
        assert token not in visit.messages.get().body

    def test_is_not_even_planned_for_who_did_not(self):
        assert planned(completed()) == {}

    def test_is_not_sent_to_who_has_changed_her_mind(self):
        visit = completed(patient=opted_in())
        Patient.objects.update(marketing_opted_in_at=None)

        assert self.send() == Counter({Outcome.WITHDRAWN: 1})
        assert visit.messages.get().state == "withdrawn"

    @pytest.mark.parametrize(
        ("status", "outcome"), [("booked", "withdrawn"), ("completed", "withdrawn"), ("cancelled", "sent")]
    )
    def test_is_not_sent_to_who_has_come_again_or_will(self, status, outcome):
        visit = completed(patient=opted_in())
        AppointmentFactory(
            starts_at=VISIT + 30 * WEEK, patient=visit.patient, status=status,
            cancelled_at=ENDS if status == "cancelled" else None,
        )  # fmt: skip

        self.send()

        assert visit.messages.get().state == outcome

    def test_opting_out_takes_back_what_is_planned_for_everyone_at_the_address(self):
        visits = [
            completed(patient=opted_in(full_name=name, email="family@example.com"), starts_at=VISIT - number * DAY)
            for number, name in enumerate(["Ann Lee", "Bo Lee"])
        ]
        other = completed(patient=opted_in())

        invitations.opt_out(visits[0].patient)
        invitations.opt_out(visits[0].patient)

        assert [planned(visit) for visit in visits] == [{}, {}]
        assert planned(other)
        assert Patient.objects.exclude(marketing_opted_in_at=None).get() == other.patient

    def test_opting_in_twice_keeps_the_first_time(self):
        patient = PatientFactory()
        invitations.opt_in(patient, NOW)
        invitations.opt_in(patient, NOW + DAY)

        assert Patient.objects.get().marketing_opted_in_at == NOW
        assert list(patient.events.order_by("pgh_id").values_list("marketing_opted_in_at", flat=True)) == [None, NOW]

    @pytest.mark.parametrize("token", ["", "1", "1.", "1.abc", "x.y.z", "a" * 400])
    def test_a_token_that_we_did_not_sign_is_nobodys(self, token):
        PatientFactory(pk=1)

        assert invitations.patient_of(token) is None


class TestStaffNotices:
    @pytest.fixture
    def place(self):
        treatment = TreatmentFactory(name="Secret peel")
        nurse = PractitionerFactory(name="Nurse", offers=[treatment], user=StaffFactory(email="nurse@example.com"))
        working_week(nurse, LocationFactory())
        return treatment, nurse

    def book(self, place, **values):
        treatment, nurse = place
        details = PatientDetails("Sam Lee", "sam@example.com", "+447700900123", NOW.date().replace(year=1990))
        values = {"starts_at": VISIT, "now": NOW} | values
        return booking.book(treatment=treatment, practitioner=nurse, details=details, **values)

    def notices(self, state="planned"):
        rows = Message.objects.filter(kind="staff_notice", state=state).order_by("created_at")
        return [(row.key.split(":")[3], row.recipient) for row in rows]

    def test_a_booking_a_move_and_a_cancellation_online_are_told_to_the_practitioner(self, place):
        visit = self.book(place)
        assert self.notices() == [("staff-booked", "nurse@example.com")]

        visit = changes.move(appointment=visit, starts_at=VISIT + timedelta(hours=2), now=NOW)
        assert self.notices() == [("staff-moved", "nurse@example.com")]

        changes.cancel(appointment=visit, now=NOW)
        assert self.notices() == [("staff-cancelled", "nurse@example.com")]
        assert visit.messages.filter(key=f"visit:{visit.pk}:v3:staff-cancelled:email").exists()

    def test_what_staff_do_themselves_is_not(self, place):
        visit = self.book(place, by_staff=True)
        visit = changes.move(appointment=visit, starts_at=VISIT + timedelta(hours=2), now=NOW, by_staff=True)
        changes.cancel(appointment=visit, now=NOW, by_staff=True)

        assert not Message.objects.filter(kind="staff_notice").exists()

    @pytest.mark.parametrize(("address", "expected"), [("desk@example.com", ["desk@example.com"]), ("", [])])
    def test_without_a_login_the_clinic_is_told_if_it_has_an_address(self, place, clinic, address, expected):
        place[1].user.is_active = False
        place[1].user.save()
        clinic.email = address
        clinic.save()
        self.book(place)

        assert [recipient for _, recipient in self.notices()] == expected

    def test_they_name_nobody_and_nothing(self, place):
        visit = self.book(place)
        with Sender() as send:
            run_once(now=NOW, send=send)

        [letter] = [one for one in mail.outbox if one.to == ["nurse@example.com"]]
        everything = letter.subject + letter.body + letter.alternatives[0].content
        assert letter.subject == "Booked online: Tuesday 24 November, 10:15am"
        assert f"/diary/visits/{visit.reference}/" in everything
        assert visit.reference in letter.body
        assert not any(secret in everything for secret in ("Sam", "Lee", "sam@", "peel", "07700", "£"))
        assert visit.link_token not in everything

    @pytest.mark.parametrize(("before", "subject"), [(25, "Cancelled online: Tue"), (2, "Cancelled online, late: Tue")])
    def test_a_late_cancellation_is_told_as_one(self, place, before, subject):
        """P1"""
        visit = self.book(place)
        changes.cancel(appointment=visit, now=visit.starts_at - timedelta(hours=before))
        with Sender() as send:
            run_once(now=visit.starts_at - timedelta(hours=before), send=send)

        assert any(one.subject.startswith(subject) for one in mail.outbox if one.to == ["nurse@example.com"])

    def test_one_that_is_no_longer_so_is_not_sent(self, place):
        visit = self.book(place)
        Appointment.objects.filter(pk=visit.pk).update(status=Status.CANCELLED, cancelled_at=NOW)
        run_once(now=NOW, send=lambda *_: Sent("", ""))

        assert self.notices("withdrawn") == [("staff-booked", "nurse@example.com")]


class TestUnconfirmedTomorrow:
    FIVE = datetime(2026, 11, 23, 17, tzinfo=UTC)

    @pytest.fixture(autouse=True)
    def long_before(self, time_machine):
        time_machine.move_to(NOW, tick=False)

    def visit(self, *, asked=timedelta(hours=30), **values):
        """A visit whose reminder asked so long before it starts."""
        visit = AppointmentFactory(**{"starts_at": VISIT} | values)
        if asked:
            self.ask(visit, visit.starts_at - asked)
        return visit

    def ask(self, visit, sent_at, **values):
        return Message.objects.create(
            **{
                "key": f"asked:{visit.pk}:{sent_at}",
                "kind": "reminder",
                "channel": "email",
                "asks_to_confirm": True,
                "appointment": visit,
                "patient": visit.patient,
                "recipient": "sam@example.com",
                "due_at": sent_at,
                "expires_at": visit.starts_at,
                "state": "sent",
                "sent_at": sent_at,
            }
            | values
        )

    def test_who_was_not_asked_or_has_not_had_an_hour_is_not_chased(self):
        """P4: booked for tomorrow at 16:48, no reminder is due; asked at half past four; asked of a former time."""
        self.visit(asked=None)
        self.visit(asked=VISIT - self.FIVE + timedelta(minutes=30))
        moved = self.visit(asked=None)
        self.ask(moved, VISIT - timedelta(hours=30), expires_at=VISIT - timedelta(hours=1))
        not_asking = self.visit(asked=None)
        self.ask(not_asking, VISIT - timedelta(hours=30), asks_to_confirm=False)
        failed = self.visit(asked=None)
        self.ask(failed, None, state="failed", due_at=NOW)

        assert staff_notices.plan_unconfirmed(self.FIVE) == []
        asked = self.visit(asked=VISIT - self.FIVE + timedelta(hours=1))
        (notice,) = staff_notices.plan_unconfirmed(self.FIVE)
        assert list(staff_notices.unconfirmed_for(notice)) == [asked]

    def test_is_told_once_at_five_to_each_address(self):
        nurse = PractitionerFactory(user=StaffFactory(email="nurse@example.com"))
        mine = [self.visit(practitioner=nurse, starts_at=VISIT + timedelta(hours=n)) for n in range(2)]
        self.visit(starts_at=VISIT)
        self.visit(status=Status.CONFIRMED)
        self.visit(starts_at=VISIT + DAY)

        assert staff_notices.plan_unconfirmed(self.FIVE - timedelta(minutes=1)) == []
        assert len(staff_notices.plan_unconfirmed(self.FIVE)) == 2
        assert staff_notices.plan_unconfirmed(self.FIVE + timedelta(minutes=1)) == []

        rows = Message.objects.order_by("key")
        assert [row.key for row in rows if row.kind == "staff_notice"] == [
            "staff:2026-11-24:unconfirmed:desk@example.com", "staff:2026-11-24:unconfirmed:nurse@example.com",
        ]  # fmt: skip
        with Sender() as send:
            assert run_once(now=self.FIVE, send=send) == Counter({Outcome.SENT: 2})
        [letter] = [one for one in mail.outbox if one.to == ["nurse@example.com"]]
        assert letter.subject == "Not confirmed for Tuesday 24 November: 2"
        assert "10:15am, reference " + mine[0].reference in letter.body
        assert "11:15am, reference " + mine[1].reference in letter.body
        assert "/diary/?day=2026-11-24" in letter.body
        assert mine[0].patient.full_name not in letter.body
        assert mine[0].treatment.name not in letter.body

    def test_is_not_told_when_everyone_has_confirmed_by_then(self):
        visit = self.visit()
        staff_notices.plan_unconfirmed(self.FIVE)
        Appointment.objects.filter(pk=visit.pk).update(status=Status.CONFIRMED)

        assert run_once(now=self.FIVE, send=lambda *_: Sent("", "")) == Counter({Outcome.WITHDRAWN: 1})

    def test_who_books_after_five_for_tomorrow_is_not_chased(self, time_machine):
        time_machine.move_to(self.FIVE + timedelta(minutes=30), tick=False)
        self.visit()

        assert staff_notices.plan_unconfirmed(self.FIVE + timedelta(hours=1)) == []

    def test_after_nine_in_the_evening_it_is_too_late(self):
        self.visit()

        assert staff_notices.plan_unconfirmed(self.FIVE + timedelta(hours=4)) == []

    def test_five_is_by_the_clock_on_the_wall(self):
        self.visit(starts_at=datetime(2027, 6, 2, 9, tzinfo=UTC))

        assert staff_notices.plan_unconfirmed(datetime(2027, 6, 1, 15, 59, tzinfo=UTC)) == []
        assert len(staff_notices.plan_unconfirmed(datetime(2027, 6, 1, 16, tzinfo=UTC))) == 1

    def test_nobody_is_told_where_nobody_has_an_address(self, clinic):
        clinic.email = ""
        clinic.save()
        self.visit()

        assert staff_notices.plan_unconfirmed(self.FIVE) == []

    @pytest.mark.parametrize("run", [tasks.tell_staff, lambda: call_command("send_messages")])
    def test_the_clock_runs_it_with_the_broker_and_without(self, run, time_machine):
        self.visit()
        time_machine.move_to(self.FIVE, tick=False)
        run()

        assert Message.objects.filter(kind="staff_notice").count() == 1


def test_the_loop_keeps_every_kind_out_of_the_night_that_is_for_patients():
    assert {kind.name for kind in all_kinds() if kind.waits_for_day} == {
        "reminder",
        "offer",
        "follow_up",
        "review",
        "recall",
        "forms",
        "forms_chase",
    }


def test_each_kind_of_message_is_registered_with_its_templates():
    assert {kind.name for kind in all_kinds()} == set(Message.Kind.values)
    for kind in all_kinds():
        for part in ("subject.txt", "body.txt", "body.html"):
            get_template(f"emails/{kind.templates or kind.name}-{part}")

"""The demo clinic that `manage.py seed` loads: repeatable, lawful, and at work."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import StringIO
from itertools import combinations
from unittest import mock

import pytest
import time_machine
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.test import TestCase
from django.urls import reverse
from wagtail.models import Page

from bookings.engine.availability.open_days import open_days
from bookings.messages.comparison import trials
from bookings.messages.models import Message, Wording
from bookings.messages.wording.placeholders import names_of_treatments, problems
from bookings.timetable.models import Room, TimeOff, WorkingHours
from bookings.visits.models import Appointment
from bookings.visits.models.statuses import ACTIVE, Status
from clinic.accounts.models import User
from clinic.accounts.rights import roles_of
from clinic.accounts.seed import ACCOUNTS, PASSWORD
from clinic.catalogue.models import Category, Treatment
from clinic.core import clock
from clinic.core.management.commands import seed
from clinic.core.models import ClinicSettings
from clinic.patients.models import Patient
from clinic.practitioners.models import Credential, OfferedTreatment, Practitioner

FOR_FIRST_VISITORS = (
    "first-consultation", "lines-and-wrinkles-consultation", "skincare-consultation", "chemical-peel", "microneedling",
)  # fmt: skip
MODELS = (
    User, Category, Treatment, Practitioner, Credential, OfferedTreatment, Patient,
    Room, WorkingHours, TimeOff, Appointment, Message, Wording,
)  # fmt: skip
AT_WORK = datetime(2027, 3, 23, 11, 7, tzinfo=UTC)  # a Tuesday, five days before the clocks change
ON_A_SUNDAY = datetime(2027, 3, 28, 13, 40, tzinfo=UTC)
WITHOUT_PAGES = [step for step in seed.STEPS if step[0] != "content"]


def load(moment: datetime) -> None:
    """Seed everything but the pages, which have their own tests, at a moment."""
    with mock.patch.object(seed, "STEPS", WITHOUT_PAGES), time_machine.travel(moment, tick=False):
        call_command("seed", stdout=StringIO())


def counts() -> dict[str, int]:
    return {model.__name__: model.objects.count() for model in MODELS}


def diary() -> list[tuple]:
    rows = Appointment.objects.order_by("pk")
    return list(rows.values_list("during", "patient__email", "treatment__slug", "status", "room__name"))


def assert_nothing_overlaps() -> None:
    seen = list(Appointment.objects.filter(status__in=ACTIVE))
    for one, other in combinations(seen, 2):
        if one.occupied.lower < other.occupied.upper and other.occupied.lower < one.occupied.upper:
            assert one.practitioner_id != other.practitioner_id
            assert one.patient_id != other.patient_id
            assert one.room_id is None or one.room_id != other.room_id


def assert_day_is_under_way(now: datetime) -> None:
    today = Appointment.objects.in_span(*clock.day_bounds(clock.today(now)))
    statuses = set(today.values_list("status", flat=True))
    assert {Status.COMPLETED, Status.IN_PROGRESS, Status.ARRIVED} <= statuses
    assert statuses & {Status.BOOKED, Status.CONFIRMED}
    for visit in today:
        assert visit.status != Status.COMPLETED or visit.ends_at <= now
        assert visit.status != Status.IN_PROGRESS or visit.starts_at <= now < visit.ends_at


@pytest.mark.proof
@pytest.mark.django_db
def test_the_whole_seed_runs_twice_and_adds_nothing_the_second_time(settings, tmp_path, capsys):
    settings.MEDIA_ROOT = tmp_path
    call_command("seed")
    before = counts()
    pages = Page.objects.count()

    call_command("seed")

    assert counts() == before
    assert min(before.values()) > 0
    assert Page.objects.count() == pages
    assert len(capsys.readouterr().out.splitlines()) == 2 * len(seed.STEPS)


@pytest.mark.proof
@pytest.mark.django_db
def test_a_clinic_that_first_opens_on_a_sunday_is_at_work_too():
    load(ON_A_SUNDAY)

    assert_day_is_under_way(ON_A_SUNDAY)
    assert_nothing_overlaps()


class AtWork(TestCase):
    """The clinic on a Tuesday, just after eleven."""

    @classmethod
    def setUpTestData(cls):
        load(AT_WORK)

    def test_what_people_changed_stays_changed(self):
        Treatment.objects.filter(slug="lip-filler").update(price=199, summary="Changed")
        Practitioner.objects.filter(slug="nurse-marina").update(job_title="Changed")
        Practitioner.objects.get(slug="demo-nurse-aisha").working_hours.first().delete()
        ClinicSettings.objects.update(name="Another name", is_demo=False)
        owner = User.objects.get(email="owner@example.com")
        owner.set_password("a better one than that")
        owner.save()
        before = counts()

        load(AT_WORK)

        assert counts() == before
        filler = Treatment.objects.get(slug="lip-filler")
        assert (filler.price, filler.summary) == (199, "Changed")
        assert Practitioner.objects.get(slug="nurse-marina").job_title == "Changed"
        clinic = ClinicSettings.load()
        assert (clinic.name, clinic.is_demo) == ("Another name", False)
        assert User.objects.get(pk=owner.pk).check_password("a better one than that")

    def test_all_five_logins_work_at_once(self):
        for email, _name, role in ACCOUNTS:
            self.client.logout()
            answer = self.client.post(reverse("account_login"), {"login": email, "password": PASSWORD})

            user = User.objects.get(email=email)
            assert answer.status_code == 302, email
            assert self.client.session["_auth_user_id"] == str(user.pk)
            assert roles_of(user) == ({role} if role else set())
        assert User.objects.get(email="nurse@example.com").practitioner.slug == "nurse-marina"

    def test_the_patient_login_has_a_past_and_a_coming_visit(self):
        visits = Appointment.objects.filter(patient__accesses__user__email="patient@example.com")

        assert visits.upcoming(AT_WORK).exists()
        assert visits.filter(status=Status.COMPLETED).exists()

    def test_public_texts_pass_the_advertising_check_without_a_second_person(self):
        for thing in [*Category.objects.all(), *Treatment.objects.public(), *Practitioner.objects.all()]:
            assert thing.advertising_report().hits == (), thing
        for treatment in Treatment.objects.public():
            assert all([treatment.summary, treatment.body, treatment.risks_and_recovery]), treatment
            assert finders.find(f"img/art/{treatment.art}.svg"), treatment

    def test_prescription_only_medicines_are_for_staff_only(self):
        medicines = Treatment.objects.filter(is_prescription_only=True)

        assert {treatment.slug for treatment in medicines} == {"botulinum-toxin", "filler-dissolving"}
        assert not medicines.filter(is_bookable_online=True).exists()
        assert Appointment.objects.filter(treatment__slug="botulinum-toxin").exists()
        assert not Appointment.objects.filter(treatment__in=medicines).exclude(source="desk").exists()

    def test_a_first_visitor_finds_times(self):
        for slug in FOR_FIRST_VISITORS:
            treatment = Treatment.objects.bookable_online().get(slug=slug)
            assert not treatment.requires_consultation
            assert len(open_days(treatment=treatment, now=AT_WORK)) == 10, slug

    def test_no_two_visits_overlap(self):
        assert_nothing_overlaps()

    def test_the_day_is_under_way(self):
        assert_day_is_under_way(AT_WORK)

    def test_treatments_follow_a_consultation_and_time_to_think(self):
        active = Appointment.objects.filter(status__in=ACTIVE)
        for visit in active.filter(treatment__requires_consultation=True):
            consulted = active.filter(
                patient=visit.patient,
                treatment__kind=Treatment.Kind.CONSULTATION,
                during__endswith__lte=visit.starts_at - timedelta(hours=24),
            )
            assert consulted.exists(), visit

    def test_messages_are_told_up_to_now_and_planned_from_now_on(self):
        for visit in Appointment.objects.upcoming(AT_WORK):
            told = visit.messages.get(kind=Message.Kind.CONFIRMATION)
            assert told.state == Message.State.SENT
            assert visit.reference in told.body
        assert Message.objects.filter(state=Message.State.PLANNED, kind=Message.Kind.REMINDER).exists()
        assert not Message.objects.due(AT_WORK).exists()
        assert not Message.objects.filter(state=Message.State.SENT, sent_at__gt=AT_WORK).exists()

    def test_messages_name_no_treatment(self):
        names = [name.casefold() for name in Treatment.objects.values_list("name", flat=True)]
        sent = Message.objects.filter(state=Message.State.SENT)
        sent = sent.exclude(kind=Message.Kind.CONFIRMATION)  # which says below its preview what was agreed (CC-01)
        for text in sent.values_list("body", flat=True):
            assert text
            assert not [name for name in names if name in text.casefold()]

    def test_two_fit_wordings_of_a_reminder_have_been_compared_for_weeks(self):
        [trial], _alone = trials.reminders(AT_WORK)

        assert not any(problems(arm.wording, names_of_treatments()) for arm in trial.arms)
        assert all(arm.share_missed.of > 10 for arm in trial.arms)

    def test_the_trail_has_every_change_at_its_hour(self):
        for visit in Appointment.objects.all():
            events = list(visit.events.order_by("pgh_id"))
            hours = [event.pgh_created_at for event in events]
            assert hours == sorted(hours)
            assert hours[0] == visit.created_at < visit.starts_at
            assert hours[-1] <= AT_WORK
            assert (events[0].status, events[-1].status) == (Status.BOOKED, visit.status)

    def test_the_same_moment_gives_the_same_diary(self):
        first = diary()
        for model in (Message, Appointment, TimeOff):
            model.objects.all().delete()

        load(AT_WORK)

        assert diary() == first

"""The demo clinic that `manage.py seed` loads: repeatable, lawful, and at work."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.apps import apps
from django.core.management import call_command
from django.urls import reverse

from bookings.domain.availability import open_days
from bookings.models import Appointment, Message, Room, TimeOff, WorkingHours
from bookings.models.appointment import ACTIVE, Status
from clinic.accounts.models import User
from clinic.accounts.permissions import Role, roles_of
from clinic.accounts.seed import LOGINS, PASSWORD
from clinic.catalogue.models import Category, Treatment
from clinic.core import clock
from clinic.core.models import ClinicSettings
from clinic.patients.models import Patient
from clinic.practitioners.models import Credential, OfferedTreatment, Practitioner

MODELS = (
    User, Category, Treatment, Practitioner, Credential, OfferedTreatment, Patient,
    Room, WorkingHours, TimeOff, Appointment, Message,
)  # fmt: skip
AT_WORK = datetime(2027, 3, 23, 11, 7, tzinfo=UTC)  # a Tuesday, five days before the clocks change
ON_A_SUNDAY = datetime(2027, 3, 28, 13, 40, tzinfo=UTC)
STEPS_WITHOUT_CONTENT = (
    "clinic.core",
    "clinic.accounts",
    "clinic.catalogue",
    "clinic.practitioners",
    "clinic.patients",
    "bookings",
)


@pytest.fixture
def load(monkeypatch, db):
    """Seed everything but the pages, which have their own tests, at a moment."""
    from clinic.core.management.commands import seed

    monkeypatch.setattr(seed, "STEPS", [(app, app) for app in STEPS_WITHOUT_CONTENT])

    def at(moment: datetime) -> None:
        with time_machine.travel(moment, tick=False):
            call_command("seed")

    return at


def counts() -> dict[str, int]:
    return {model.__name__: model.objects.count() for model in MODELS}


def test_the_whole_seed_runs_twice_and_adds_nothing_the_second_time(db, settings, tmp_path, capsys):
    settings.MEDIA_ROOT = tmp_path
    call_command("seed")
    before = counts()
    pages = apps.get_model("wagtailcore", "Page").objects.count()

    call_command("seed")

    assert counts() == before
    assert min(before.values()) > 0
    assert apps.get_model("wagtailcore", "Page").objects.count() == pages
    assert len(capsys.readouterr().out.splitlines()) == 14


def test_what_people_changed_stays_changed(load):
    load(AT_WORK)
    Treatment.objects.filter(slug="lip-filler").update(price=199, summary="Changed")
    Practitioner.objects.filter(slug="nurse-marina").update(job_title="Changed")
    Practitioner.objects.get(slug="demo-nurse-aisha").working_hours.first().delete()
    ClinicSettings.objects.update(name="Another name", is_demo=False)
    hours = WorkingHours.objects.count()
    owner = User.objects.get(email="owner@example.com")
    owner.set_password("a better one than that")
    owner.save()

    load(AT_WORK)

    filler = Treatment.objects.get(slug="lip-filler")
    assert (filler.price, filler.summary) == (199, "Changed")
    assert Practitioner.objects.get(slug="nurse-marina").job_title == "Changed"
    assert WorkingHours.objects.count() == hours
    clinic = ClinicSettings.load()
    assert (clinic.name, clinic.is_demo) == ("Another name", False)
    assert User.objects.get(pk=owner.pk).check_password("a better one than that")


def test_all_five_logins_work_at_once(load, client):
    load(AT_WORK)
    for email, _name, role in LOGINS:
        client.logout()
        answer = client.post(reverse("account_login"), {"login": email, "password": PASSWORD})

        user = User.objects.get(email=email)
        assert answer.status_code == 302, email
        assert client.session["_auth_user_id"] == str(user.pk)
        assert roles_of(user) == ({role} if role else set())
    assert User.objects.get(email="nurse@example.com").practitioner.slug == "nurse-marina"
    assert roles_of(User.objects.get(email="desk@example.com")) == {Role.DESK}


def test_the_patient_login_has_a_past_and_a_coming_visit(load):
    load(AT_WORK)
    visits = Appointment.objects.filter(patient__user__email="patient@example.com")

    assert visits.upcoming(AT_WORK).exists()
    assert visits.filter(status=Status.COMPLETED).exists()


def test_public_texts_pass_the_advertising_check_without_a_second_person(load):
    load(AT_WORK)
    for thing in [*Category.objects.all(), *Treatment.objects.public(), *Practitioner.objects.all()]:
        assert thing.advertising_report().hits == (), thing
    for treatment in Treatment.objects.public():
        assert treatment.summary, treatment
        assert treatment.body, treatment
        assert treatment.risks_and_recovery, treatment
        assert treatment.art, treatment


def test_prescription_only_medicines_are_for_staff_only(load):
    load(AT_WORK)
    medicines = Treatment.objects.filter(is_prescription_only=True)

    assert {treatment.slug for treatment in medicines} == {"botulinum-toxin", "filler-dissolving"}
    assert not medicines.filter(is_bookable_online=True).exists()
    assert not Treatment.objects.bookable_online().filter(is_prescription_only=True).exists()
    assert Appointment.objects.filter(treatment__slug="botulinum-toxin").exists()


def test_a_first_visitor_finds_times(load):
    load(AT_WORK)
    for slug in (
        "first-consultation", "lines-and-wrinkles-consultation", "skincare-consultation", "chemical-peel", "microneedling",
    ):  # fmt: skip
        treatment = Treatment.objects.bookable_online().get(slug=slug)
        assert not treatment.requires_consultation
        assert len(open_days(treatment=treatment, now=AT_WORK)) == 10, slug


@pytest.mark.parametrize("now", [AT_WORK, ON_A_SUNDAY])
def test_no_two_visits_overlap_not_even_unlocked_ones(load, now):
    load(now)
    seen = list(Appointment.objects.filter(status__in=ACTIVE).order_by("during"))
    for number, visit in enumerate(seen):
        for other in seen[number + 1 :]:
            if other.occupied.lower >= visit.occupied.upper and other.starts_at >= visit.ends_at:
                continue
            assert visit.practitioner_id != other.practitioner_id
            assert visit.patient_id != other.patient_id
            assert visit.room_id is None or visit.room_id != other.room_id


@pytest.mark.parametrize("now", [AT_WORK, ON_A_SUNDAY])
def test_the_day_is_under_way(load, now):
    load(now)
    today = Appointment.objects.in_span(*clock.day_bounds(clock.today(now)))
    statuses = set(today.values_list("status", flat=True))

    assert {Status.COMPLETED, Status.IN_PROGRESS, Status.ARRIVED} <= statuses
    assert statuses & {Status.BOOKED, Status.CONFIRMED}
    for visit in today:
        if visit.status == Status.COMPLETED:
            assert visit.ends_at <= now
        elif visit.status == Status.IN_PROGRESS:
            assert visit.starts_at <= now < visit.ends_at


def test_messages_are_told_up_to_now_and_planned_from_now_on(load):
    load(AT_WORK)
    for visit in Appointment.objects.upcoming(AT_WORK):
        told = visit.messages.get(kind=Message.Kind.CONFIRMATION)
        assert told.state == Message.State.SENT
        assert visit.reference in told.body
    assert Message.objects.filter(state=Message.State.PLANNED, kind=Message.Kind.REMINDER).exists()
    assert not Message.objects.due(AT_WORK).exists()
    assert not Message.objects.filter(state=Message.State.SENT, sent_at__gt=AT_WORK).exists()


def test_messages_name_no_treatment(load):
    load(AT_WORK)
    names = list(Treatment.objects.values_list("name", flat=True))
    for text in Message.objects.filter(state=Message.State.SENT).values_list("body", flat=True):
        assert text
        assert not [name for name in names if name.casefold() in text.casefold()]


def test_the_trail_has_every_change_at_its_hour(load):
    load(AT_WORK)
    for visit in Appointment.objects.all():
        events = list(visit.events.order_by("pgh_id"))
        assert events[0].pgh_created_at == visit.created_at < visit.starts_at
        assert events[0].status == Status.BOOKED
        assert events[-1].status == visit.status
        assert max(event.pgh_created_at for event in events) <= AT_WORK


def test_treatments_follow_a_consultation_and_time_to_think(load):
    load(AT_WORK)
    for visit in Appointment.objects.filter(status__in=ACTIVE, treatment__kind=Treatment.Kind.TREATMENT):
        before = Appointment.objects.filter(
            patient=visit.patient,
            treatment__kind=Treatment.Kind.CONSULTATION,
            status__in=ACTIVE,
            during__endswith__lte=visit.starts_at - timedelta(hours=24),
        )
        assert before.exists(), visit


def test_the_same_moment_gives_the_same_diary(load):
    def diary():
        return list(
            Appointment.objects.order_by("pk").values_list("during", "patient__email", "treatment__slug", "status")
        )

    load(AT_WORK)
    first = diary()
    Message.objects.all().delete()
    Appointment.objects.all().delete()
    TimeOff.objects.all().delete()

    load(AT_WORK)

    assert diary() == first

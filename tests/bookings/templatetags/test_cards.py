from datetime import timedelta

import pytest
import time_machine
from bs4 import BeautifulSoup
from django.test import Client

from bookings.templatetags import cards
from bookings.visits.models.statuses import Status
from clinic.core.sealing.fields import SealedField
from tests.bookings.moments import at
from tests.factories.bookings import AppointmentFactory, LocationFactory, working_week
from tests.factories.clinic import PatientFactory, PractitionerFactory, StaffFactory, TreatmentFactory

pytestmark = pytest.mark.django_db

DIARY = "/diary/"
TEN_PAST_NINE = at(9, 10)


@pytest.fixture(autouse=True)
def ten_past_nine():
    cards.written.cache_clear()
    with time_machine.travel(TEN_PAST_NINE, tick=False):
        yield


@pytest.fixture
def nurse():
    nurse = PractitionerFactory(offers=[TreatmentFactory()], user=StaffFactory(role="practitioner"))
    working_week(nurse, LocationFactory())
    return nurse


@pytest.fixture
def visit(nurse):
    patient = PatientFactory(full_name="Jo Ash", date_of_birth="1989-03-12", access_needs="Step-free")
    return AppointmentFactory(
        practitioner=nurse, starts_at=at(9, 30), minutes=45, patient=patient, note="Prefers mornings"
    )


@pytest.fixture
def as_(db):
    """A browser that is signed in, and as careful with forms as a real one."""

    def sign_in(user):
        client = Client(enforce_csrf_checks=True)
        client.force_login(user)
        return client

    return sign_in


@pytest.fixture
def desk(as_):
    return as_(StaffFactory(role="desk"))


def card(page, visit, view="g"):
    link = BeautifulSoup(page.content, "html.parser").find(id=f"{view}-{visit.reference}")
    return link.find_parent("li")


def test_a_day_opens_nothing_that_is_sealed(desk, visit, monkeypatch):
    monkeypatch.setattr(SealedField, "unseal", lambda *_args: pytest.fail("It was opened."))

    told = card(desk.get(DIARY), visit).get_text()

    assert "Access need" in told
    assert "Note" in told


def misses():
    return cards.written.cache_info().misses


def test_the_same_card_is_written_once(desk, visit):
    first = desk.get(DIARY).content.decode()
    before = misses()

    assert card(desk.get(DIARY), visit).get_text() in BeautifulSoup(first, "html.parser").get_text()
    assert misses() == before == 2  # on the grid and in the list


def test_each_reader_sees_what_is_theirs_to_see(desk, as_, visit):
    other = PractitionerFactory(user=StaffFactory(role="practitioner"))
    for client in (desk, as_(visit.practitioner.user)):
        assert "Access need" in card(client.get(DIARY), visit).get_text()

    shown = card(as_(other.user).get(DIARY), visit)

    assert "Access need" not in shown.get_text()
    assert not shown.has_attr("data-v")
    assert not shown.select("form")
    assert "Access need" in card(desk.get(DIARY), visit).get_text()


def test_each_change_is_shown_at_once(desk, visit):
    assert "Step-free" not in card(desk.get(DIARY), visit).get_text()
    visit.patient.full_name = "Jo Beech"
    visit.patient.save()
    assert "J. Beech" in card(desk.get(DIARY), visit).get_text()
    visit.status, visit.arrived_at = Status.ARRIVED, TEN_PAST_NINE
    visit.save()
    assert "Arrived 9:10" in card(desk.get(DIARY), visit).get_text()
    visit.treatment.name = "Another name"
    visit.treatment.save()
    assert "Another name" in card(desk.get(DIARY), visit, "l").get_text()


def test_the_clock_alone_changes_a_card(desk, visit):
    assert "late" not in card(desk.get(DIARY), visit).get_text()
    with time_machine.travel(TEN_PAST_NINE + timedelta(minutes=25), tick=False):
        assert "5 min late" in card(desk.get(DIARY), visit).get_text()


@pytest.mark.parametrize("view", ["g", "l"])
def test_each_form_has_its_own_readers_token_and_way_back(desk, as_, visit, view):
    desk.get(DIARY)
    owner = as_(StaffFactory(role="owner"))

    form = card(owner.get(f"{DIARY}?cancelled=1"), visit, view).form
    sent = {one["name"]: one["value"] for one in form.select("input")}
    answer = owner.post(form["action"], sent)

    assert (answer.status_code, answer.url) == (302, f"{DIARY}?cancelled=1#{view}-{visit.reference}")
    visit.refresh_from_db()
    assert visit.status == Status.ARRIVED


def test_a_name_is_written_as_it_is(desk, visit):
    visit.patient.full_name = "Jo <b>Ash</b>"
    visit.patient.save()

    assert "<b>" not in desk.get(DIARY).content.decode()
    assert "J. <b>Ash</b>" in card(desk.get(DIARY), visit).get_text()

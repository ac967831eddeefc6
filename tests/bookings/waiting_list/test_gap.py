"""A gap of the diary offered from the day's page: over HTTP, as the desk does it."""

import re
from datetime import date, timedelta

import pytest
from django.utils.html import strip_tags

from bookings.messages.models import Message
from bookings.visits.models import Appointment
from bookings.visits.models.statuses import Status
from bookings.waiting_list.models import Offer, WaitingEntry
from tests.bookings.moments import NOW, at
from tests.factories.bookings import AppointmentFactory
from tests.factories.clinic import PatientFactory, StaffFactory

pytestmark = pytest.mark.django_db
DAY, OFFER = "/diary/?day=2027-03-02", "/diary/waiting/offer/"


@pytest.fixture(autouse=True)
def on_monday(time_machine):
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def desk(client):
    client.force_login(StaffFactory(role="desk"))
    return client


def wait(treatment, name="Rowan Hale", since=NOW):
    return WaitingEntry.objects.create(
        patient=PatientFactory(full_name=name),
        treatment=treatment,
        first_day=date(2027, 3, 1),
        last_day=date(2027, 3, 31),
        created_at=since,
    )


def text(page):
    return " ".join(strip_tags(page.content.decode()).split())


def form_of(page, action=OFFER):
    """What the first form with this action would send."""
    form = re.search(rf'action="{action}".*?</form>', page.content.decode(), re.DOTALL)[0]
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form))


def test_the_gap_speaks_and_one_tap_offers_it(desk, nurse, treatment):
    AppointmentFactory(practitioner=nurse, starts_at=at(9, 30), minutes=7 * 60 + 30)
    entry = wait(treatment)
    page = desk.get(DAY)
    assert "Free 30 min" in text(page)
    assert "R. Hale waits" in text(page)

    sent = form_of(page)
    answer = desk.post(OFFER, sent, follow=True)

    assert answer.redirect_chain == [(DAY, 302)]
    offer = Offer.objects.get()
    assert (offer.entry, offer.practitioner, offer.starts_at) == (entry, nurse, at(9))
    assert "Offered to R. Hale: 9:00. They are told at 8:03, and have until 10:03 to answer." in text(answer)
    assert "Offered to R. Hale, to 10:03" in text(answer)
    assert "R. Hale waits" not in text(answer)

    again = desk.post(OFFER, sent, follow=True)
    assert "Offered to R. Hale: 9:00." in text(again)
    assert Offer.objects.count() == 1


def test_undo_takes_it_back_and_the_gap_speaks_again(desk, nurse, treatment):
    wait(treatment)
    page = desk.post(OFFER, form_of(desk.get(DAY)), follow=True)

    undone = desk.post(f"{OFFER}undo/", form_of(page, f"{OFFER}undo/"), follow=True)

    assert undone.redirect_chain == [(DAY, 302)]
    assert "R. Hale: not offered after all. Nothing was sent." in text(undone)
    assert "R. Hale waits" in text(undone)
    assert not Message.objects.exists()
    assert desk.post(f"{OFFER}undo/", {"offer": "7"}).status_code == 302


def test_with_more_who_wait_the_page_of_the_gap_names_them_all(desk, nurse, treatment):
    wait(treatment, "Ada Lane", since=NOW - timedelta(days=1))
    rowan = wait(treatment)
    page = desk.get(DAY)
    assert "A. Lane +1 more wait" in text(page)
    assert "R. Hale" not in text(page)

    found = desk.get(re.search(rf'href="({OFFER}\?[^"]+)"', page.content.decode())[1].replace("&amp;", "&"))
    assert [row["entry"].patient.full_name for row in found.context["rows"]] == ["Ada Lane", "Rowan Hale"]

    desk.post(OFFER, {"entry": rowan.reference, "with": nurse.slug, "at": at(9).isoformat()})
    assert Offer.objects.get().entry == rowan


def test_what_happened_meanwhile_is_said_with_who_else_waits(desk, nurse, treatment):
    entry = wait(treatment)
    wait(treatment, "Ada Lane")
    sent = form_of(desk.get(DAY))
    WaitingEntry.objects.filter(pk=entry.pk).update(state=WaitingEntry.State.LEFT)

    answer = desk.post(OFFER, sent)
    assert answer.status_code == 409
    assert "R. Hale is not on the waiting list any more." in text(answer)
    assert "Ada Lane" in text(answer)

    WaitingEntry.objects.filter(pk=entry.pk).update(state=WaitingEntry.State.WAITING)
    AppointmentFactory(practitioner=nurse, starts_at=at(9), minutes=8 * 60)
    answer = desk.post(OFFER, sent)
    assert answer.status_code == 409
    assert "Sorry, this time is taken." in text(answer)
    assert f"{nurse.name} is not free then any more." in text(answer)
    assert not Appointment.objects.filter(status=Status.HELD).exists()


def test_nobody_is_named_where_nobody_waits(desk, nurse):
    page = desk.get(DAY)
    assert "Free 8 h" in text(page)
    assert OFFER not in page.content.decode()


def test_the_day_takes_as_many_statements_with_people_who_wait(desk, nurse, treatment, django_assert_num_queries):
    for number in range(3):
        wait(treatment, f"Pat {number}")
    desk.get(DAY)

    with django_assert_num_queries(8):
        desk.get(DAY)


@pytest.mark.parametrize("at", ["", "nonsense", "2027-03-02", "2027-03-02T09:00:00", "2027-99-02T09:00:00Z"])
def test_what_cannot_be_read_is_not_found(desk, nurse, treatment, at):
    entry = wait(treatment)
    assert desk.get(OFFER, {"with": nurse.slug, "at": at}).status_code == 404
    assert desk.post(OFFER, {"with": nurse.slug, "at": at, "entry": entry.reference}).status_code == 404
    assert desk.post(f"{OFFER}undo/", {"offer": "x"}).status_code == 404


def test_others_may_not(client, nurse, treatment):
    asked = {"with": nurse.slug, "at": at(9).isoformat(), "entry": wait(treatment).reference}
    assert client.get(OFFER, asked).status_code == 302
    client.force_login(StaffFactory(role="editor"))
    assert client.post(OFFER, asked).status_code == 403
    assert not Offer.objects.exists()

"""A practitioner books into their own diary and tells or offers nothing out of another's; the desk does it for all."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import uuid4

import pytest
import time_machine
from bs4 import BeautifulSoup
from django.contrib.auth.models import Group
from django.urls import reverse

from bookings.desk.forms.booking import NO_DIARY
from bookings.desk.late.telling import tell
from bookings.messages.models import Message
from bookings.visits.models import Appointment, BookingSettings
from bookings.visits.models.statuses import Status
from bookings.waiting_list import by_hand
from bookings.waiting_list.models import Offer, WaitingEntry
from clinic.core.clock import LONDON
from clinic.practitioners.models import Practitioner
from tests.bookings.desk.views.desk_page import Page
from tests.factories.bookings import AppointmentFactory, LocationFactory, working_week
from tests.factories.clinic import PatientFactory, PractitionerFactory, StaffFactory, TreatmentFactory

pytestmark = pytest.mark.django_db
TUESDAY = date(2026, 11, 24)
DAY = f"/diary/?day={TUESDAY}"
SAM = {"patient": "new", "full_name": "Sam Osei", "phone": "07700 900456", "contact_by": "sms", "is_adult": "on"}
NOT_BRYNS = "You can book into your own diary only. Ask Bryn or the desk to book this one."


@pytest.fixture(autouse=True)
def _half_past_nine_on_tuesday():
    with time_machine.travel(datetime(2026, 11, 24, 9, 30, tzinfo=UTC), tick=False):
        yield


@pytest.fixture
def treatment():
    return TreatmentFactory(name="Peel", slug="peel", duration_minutes=45)


@pytest.fixture
def nurses(treatment):
    """Aisha, who is signed in, and Bryn."""
    place = LocationFactory()
    people = [
        PractitionerFactory(name=name, slug=name.lower(), offers=[treatment], user=StaffFactory(role="practitioner"))
        for name in ("Aisha", "Bryn")
    ]
    for person in people:
        working_week(person, place)
    return people


@pytest.fixture
def aisha(client, nurses):
    client.force_login(nurses[0].user)
    return client


@pytest.fixture
def unlinked(client, nurses):
    """Someone with the role and no diary."""
    client.force_login(StaffFactory(role="practitioner"))
    return client


@pytest.fixture
def late(nurses, treatment):
    """Both run late: each has a visit that should have ended, and one to come."""
    for number, nurse in enumerate(nurses):
        started = {"status": Status.IN_PROGRESS, "arrived_at": at(9), "minutes": 45}
        AppointmentFactory(practitioner=nurse, treatment=treatment, starts_at=at(8, 30), **started)
        name = ("Ada Alder", "Bay Birch")[number]
        phone = f"+44770090011{number}"
        come = PatientFactory(full_name=name, phone=phone, contact_by="sms")
        AppointmentFactory(practitioner=nurse, treatment=treatment, starts_at=at(9, 15), minutes=45, patient=come)


@pytest.fixture
def entry(treatment):
    return WaitingEntry.objects.create(
        patient=PatientFactory(full_name="Rowan Hale"),
        treatment=treatment,
        first_day=TUESDAY,
        last_day=TUESDAY + timedelta(days=9),
        created_at=at(8),
    )


def at(hour, minute=0):
    return datetime.combine(TUESDAY, time(hour, minute), tzinfo=LONDON)


def asked(**answers):
    typed = {"treatment": "peel", "practitioner": "bryn", "day": str(TUESDAY), "at": "14:00"}
    return {**SAM, **typed, "key": str(uuid4()), "do": "book", **answers}


def slot_of(name, hour=14):
    ticked = {"practitioner": "", "at": "", "slot": f"{at(hour).isoformat()}|{name}"}
    return asked(**ticked, times_for=f"peel||{TUESDAY}")


def page_of(response):
    return BeautifulSoup(response.content.decode(), "html.parser")


def columns(page):
    return {one["data-slug"]: one for one in page.select("[data-slug]")}


@pytest.mark.parametrize("sent", [asked(), slot_of("bryn"), asked(slot="other")])
def test_nobody_books_into_a_colleagues_diary_and_what_was_typed_stays(aisha, sent):
    answer = aisha.post("/diary/book/", sent)

    assert answer.status_code == 422
    assert not Appointment.objects.exists()
    page = Page(aisha, answer)
    assert any("your own diary only" in error for error in page.errors)
    assert page.fields["full_name"] == "Sam Osei"
    assert [one["value"] for one in page.form.select("select[name=practitioner] option")] == ["aisha"]


def test_the_refusal_names_whom_to_ask(aisha):
    assert [error.strip() for error in Page(aisha, aisha.post("/diary/book/", slot_of("bryn"))).errors] == [NOT_BRYNS]


@pytest.mark.parametrize("sent", [asked(practitioner="aisha"), slot_of("aisha")])
def test_everyone_books_into_their_own_diary(aisha, nurses, sent):
    assert aisha.post("/diary/book/", sent).status_code == 302
    assert Appointment.objects.get().practitioner == nurses[0]


def test_a_taken_time_offers_no_time_of_a_colleague(aisha, nurses, treatment):
    AppointmentFactory(practitioner=nurses[0], treatment=treatment, starts_at=at(14), minutes=45)

    answer = aisha.post("/diary/book/", slot_of("aisha"))

    times = Page(aisha, answer).values("slot")
    assert answer.status_code == 409
    assert times
    assert all(value.endswith("|aisha") for value in times)


def test_the_page_asks_about_the_readers_own_times(aisha):
    page = Page(aisha, aisha.get(f"/diary/book/?treatment=peel&practitioner=bryn&day={TUESDAY}&do=times"))

    assert page.values("slot")
    assert all(value.endswith("|aisha") for value in page.values("slot"))
    assert page.press("book", **SAM, slot=page.value_of("slot", "14")).response.status_code == 302


def test_the_line_offers_the_readers_own_times_and_says_whose_it_cannot(aisha):
    own = page_of(aisha.get("/diary/line/?q=jo ash 07700 900123 peel 14"))
    bryns = page_of(aisha.get("/diary/line/?q=jo ash 07700 900123 peel bryn 14"))

    slots = [one["value"] for one in own.select("input[name=slot], button[name=slot]")]
    assert slots
    assert all(value.endswith("|aisha") for value in slots)
    assert NOT_BRYNS in bryns.get_text()
    assert not bryns.select("form[action='/diary/book/']")


def test_a_colleagues_column_offers_nothing(aisha, late, entry):
    page = page_of(aisha.get(DAY))
    own, bryns = columns(page)["aisha"], columns(page)["bryn"]

    assert own.select("a[href*='/diary/book/']")
    assert own.select("form[action='/diary/waiting/offer/']")
    assert bryns.select(".gap__free")
    assert not bryns.select("a[href*='/diary/book/'], form, [data-lift], [data-lasts]")
    booking = [one["href"] for one in page.select("a[href*='practitioner=']")]
    assert not [href for href in booking if "practitioner=bryn" in href]
    assert [one["href"] for one in page.select("a[href*='/diary/late/']")] == [
        f"/diary/late/?with=aisha&next={_quoted()}"
    ]


def _quoted():
    return DAY.replace("?", "%3F").replace("=", "%3D")


def test_nobody_tells_a_colleagues_patients_that_it_gets_late(aisha, late):
    sent = {"with": "bryn", "tell": "whatever|2026-11-24T10:00:00+00:00"}

    assert aisha.get("/diary/late/?with=bryn").status_code == 404
    assert aisha.post("/diary/late/", sent).status_code == 404
    assert "A. Alder" in aisha.get("/diary/late/?with=aisha").content.decode()


def test_nobody_takes_back_what_a_colleagues_patients_are_told(aisha, nurses, late):
    made = {}
    for nurse in nurses:
        visit = Appointment.objects.get(practitioner=nurse, status=Status.BOOKED)
        about = _about(aisha, nurse, visit)
        made[nurse.slug] = tell(practitioner=nurse.pk, wanted={visit.reference: about}, now=at(9, 30))[0]

    aisha.post("/diary/late/undo/", {"messages": ",".join(str(one.pk) for one in made.values())})

    states = {slug: Message.objects.get(pk=one.pk).state for slug, one in made.items()}
    assert states == {"aisha": "withdrawn", "bryn": "planned"}


def _about(client, nurse, visit):
    client.force_login(StaffFactory(role="desk"))
    page = page_of(client.get(f"/diary/late/?with={nurse.slug}"))
    client.force_login(Practitioner.objects.get(slug="aisha").user)
    return datetime.fromisoformat(page.select_one("input[name=tell]")["value"].split("|")[1])


def test_nobody_offers_a_colleagues_time(aisha, entry):
    sent = {"with": "bryn", "at": at(14).isoformat(), "entry": entry.reference}

    assert aisha.get("/diary/waiting/offer/", {"with": "bryn", "at": at(14).isoformat()}).status_code == 404
    assert aisha.post("/diary/waiting/offer/", sent).status_code == 404
    assert not Offer.objects.exists()
    assert aisha.post("/diary/waiting/offer/", {**sent, "with": "aisha"}).status_code == 302
    assert Offer.objects.get().practitioner.slug == "aisha"


def test_nobody_takes_a_colleagues_offer_back(aisha, nurses, entry):
    made = by_hand.offer_time(entry=entry, practitioner=nurses[1], starts_at=at(14), now=at(9, 30))

    assert aisha.post("/diary/waiting/offer/undo/", {"offer": made.pk}).status_code == 404
    assert Offer.objects.filter(pk=made.pk).exists()


def test_only_who_may_change_every_diary_offers_times_of_all(aisha, entry):
    assert "Offer free times now" not in aisha.get("/diary/waiting/").content.decode()
    assert aisha.post("/diary/waiting/", {"do": "offer"}).status_code == 403
    assert not Offer.objects.exists()

    aisha.force_login(StaffFactory(role="desk"))
    assert "Offer free times now" in aisha.get("/diary/waiting/").content.decode()
    assert aisha.post("/diary/waiting/", {"do": "offer"}).status_code == 302
    assert Offer.objects.exists()


def test_who_has_no_diary_sees_and_changes_nothing(unlinked, nurses, late, entry):
    page = page_of(unlinked.get(DAY))
    assert "B. Birch" in page.get_text()
    assert not page.select(
        "[data-slug] form, [data-slug] a[href*='/diary/book/'], [data-lift], a[href*='/diary/late/']"
    )

    assert not page.select("main a[href*='/diary/book/'], main a[href*='/diary/plan/']")
    visit = Appointment.objects.filter(practitioner=nurses[1], status=Status.BOOKED).get()
    for name in ("status", "cancel", "move", "restore", "undo", "birthday", "typed"):
        address = reverse(f"bookings:diary_{name}", args=[visit.reference])
        assert unlinked.post(address, {"version": visit.version, "status": "arrived"}).status_code == 404
    assert unlinked.get("/diary/drop/", {"visit": visit.reference, "day": str(TUESDAY)}).status_code == 404
    for address in ("/diary/time/", "/diary/plan/"):
        assert unlinked.get(address).status_code == 403
    assert NO_DIARY in unlinked.get("/diary/book/").content.decode()
    assert [error.strip() for error in Page(unlinked, unlinked.post("/diary/book/", slot_of("bryn"))).errors] == [
        NO_DIARY
    ]
    assert NO_DIARY in page_of(unlinked.get("/diary/line/?q=jo ash 07700 900123 peel 14")).get_text()
    assert Appointment.objects.count() == 4


def test_practitioners_who_share_book_for_each_other(aisha, nurses):
    settings = BookingSettings.load()
    settings.practitioners_share_visits = True
    settings.save()

    assert columns(page_of(aisha.get(DAY)))["bryn"].select("a[href*='/diary/book/']")
    assert aisha.post("/diary/book/", slot_of("bryn")).status_code == 302
    assert Appointment.objects.get().practitioner == nurses[1]


def test_a_practitioner_at_the_desk_does_all(aisha, nurses, late):
    nurses[0].user.groups.add(Group.objects.get_or_create(name="desk")[0])

    assert aisha.post("/diary/book/", slot_of("bryn", 15)).status_code == 302
    assert aisha.get("/diary/late/?with=bryn").status_code == 200
    assert columns(page_of(aisha.get(DAY)))["bryn"].select("[data-lift]")

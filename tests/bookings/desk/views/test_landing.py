"""After a change one is back where one was: the pages as a browser walks through them, link by link and form by form."""

from __future__ import annotations

from urllib.parse import urlencode, urljoin

import pytest
import time_machine
from bs4 import BeautifulSoup
from django.urls import reverse

from bookings.timetable.models import TimeOff
from bookings.visits.models import Appointment, PatientNote
from bookings.visits.models.statuses import Status
from tests.bookings.moments import NOW, at
from tests.bookings.one_nurse import location, nurse, treatment  # noqa: F401 -- fixtures
from tests.factories.bookings import AppointmentFactory
from tests.factories.clinic import PatientFactory, StaffFactory

pytestmark = pytest.mark.django_db
TUESDAY = "2027-03-02"


@pytest.fixture(autouse=True)
def _monday():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def visit(nurse, treatment, location):  # noqa: F811
    return AppointmentFactory(practitioner=nurse, treatment=treatment, location=location, starts_at=at(10))


@pytest.fixture
def walk(client):
    client.force_login(StaffFactory(role="desk"))
    return Walk(client)


class Walk:
    """A browser without script."""

    def __init__(self, client):
        self.client, self.address, self.page = client, "", BeautifulSoup("", "html.parser")

    def open(self, address):
        return self._show(address, self.client.get(address))

    def follow(self, css):
        return self.open(urljoin(self.address, self.page.select_one(css)["href"]))

    def send(self, css, button="button", **typed):
        form, pressed = self.page.select_one(css), self.page.select_one(f"{css} {button}")
        fields = {one["name"]: one.get("value", "") for one in form.select("input[name]") if one["type"] == "hidden"}
        fields |= {one["name"]: one.select_one("option[selected]")["value"] for one in form.select("select[name]")}
        fields |= {pressed["name"]: pressed["value"]} if pressed.get("name") else {}
        action = urljoin(self.address, form.get("action", self.address))
        if form["method"] == "get":
            fields |= {one["name"]: one["value"] for one in form.select("input[name][value]")}
            return self.open(f"{action.partition('?')[0]}?{urlencode(fields | typed)}")
        return self._show(action, self.client.post(action, fields | typed))

    def _show(self, address, answer):
        while answer.status_code == 302:
            address = answer["Location"]
            answer = self.client.get(address)
        assert answer.status_code in {200, 409, 422}, answer.status_code
        self.address, self.page = address, BeautifulSoup(answer.content, "html.parser")
        return self

    @property
    def notice(self):
        return " ".join(self.page.select_one("#notice").get_text(" ").split())


def day(slug, **more):
    return f"/diary/?day={TUESDAY}&with={slug}" + "".join(f"&{name}={value}" for name, value in more.items())


@pytest.mark.parametrize(("view", "card"), [("grid", "g"), ("list", "l")])
def test_a_move_and_its_undo_lead_back_to_the_card(walk, nurse, visit, view, card):  # noqa: F811
    was = f"{day(nurse.slug, view=view)}#{card}-{visit.reference}"
    walk.open(day(nurse.slug, view=view)).follow(f"#{card}-{visit.reference}")
    assert walk.page.select_one("a.back")["href"] == was

    walk.follow(".actions a[href*='/move/']").send("form[aria-label='By some minutes']", "button:last-of-type")

    assert walk.address == was
    assert "moved to" in walk.notice
    assert walk.page.select_one(".day-notice a")["href"].startswith(f"/diary/visits/{visit.reference}/?next=")
    walk.send("#notice form")
    assert (walk.address, Appointment.objects.get().starts_at) == (was, at(10))


def test_a_visit_dropped_on_another_time_leads_back_to_its_card(walk, nurse, visit):  # noqa: F811
    asked = walk.open(day(nurse.slug)).page.select_one(f"#g-{visit.reference}")["href"].partition("?")[2]

    walk.open(f"/diary/visits/{visit.reference}/move/?with={nurse.slug}&day={TUESDAY}&at=11:00&{asked}")
    walk.send("form[aria-labelledby=asked-h]")

    assert walk.address == f"{day(nurse.slug)}#g-{visit.reference}"
    assert Appointment.objects.get().starts_at == at(11)


def test_other_days_of_the_move_page_and_a_refusal_lead_back_too(walk, nurse, visit, treatment):  # noqa: F811
    AppointmentFactory(practitioner=nurse, treatment=treatment, starts_at=at(15))
    walk.open(day(nurse.slug)).follow(f"#g-{visit.reference}").follow(".actions a[href*='/move/']")
    walk.follow(".days li:nth-of-type(2) a").send("form.form", day=TUESDAY, at="15:00")
    assert "nearest free times" in walk.page.get_text()

    walk.send(".message form.row")

    assert walk.address == f"{day(nurse.slug)}#g-{visit.reference}"


def test_a_cancellation_its_undo_and_a_restoration_lead_back(walk, nurse, visit):  # noqa: F811
    was = f"{day(nurse.slug, cancelled=1)}#g-{visit.reference}"
    walk.open(day(nurse.slug, cancelled=1)).follow(f"#g-{visit.reference}").follow(".actions a[href*='/cancel/']")
    walk.send("form.row")
    assert walk.address == was
    walk.send("#notice form")
    assert (walk.address, Appointment.objects.get().status) == (was, Status.BOOKED)

    walk.follow(f"#g-{visit.reference}").follow(".actions a[href*='/cancel/']").send("form.row")
    walk.follow(f"#g-{visit.reference}").send("form[action$='/restore/']")
    assert (walk.address, Appointment.objects.get().status) == (was, Status.BOOKED)


def test_the_week_is_led_back_to(walk, nurse, visit):  # noqa: F811
    week = f"/diary/?view=week&day={TUESDAY}&with={nurse.slug}"
    walk.open(week).follow(f"a[href^='/diary/visits/{visit.reference}/']")
    assert walk.page.select_one("a.back").get_text(strip=True) == "Week"
    walk.follow(".actions a[href*='/move/']").send("form[aria-label='By some minutes']")
    assert walk.address == week


def test_a_step_on_the_page_of_the_visit_stays_there_and_keeps_the_way_back(walk, nurse, visit):  # noqa: F811
    walk.open(day(nurse.slug)).follow(f"#g-{visit.reference}")
    page = walk.address

    walk.send("form[action$='/status/']")
    assert walk.address == page
    walk.send("#notice form")
    assert walk.address == page
    Appointment.objects.update(version=7)
    walk.page.select_one("form[action$='/status/'] input[name=version]")["value"] = "6"
    walk.send("form[action$='/status/']")
    assert walk.page.select_one("a.back")["href"] == f"{day(nurse.slug)}#g-{visit.reference}"


def test_a_step_of_the_list_leads_back_to_its_row(walk, nurse, visit):  # noqa: F811
    with time_machine.travel(at(10), tick=False):
        walk.open(day(nurse.slug)).send(f"#step-ls-{visit.reference}")
    assert walk.address == f"{day(nurse.slug)}#l-{visit.reference}"


def test_a_note_and_typed_contact_stay_on_the_visit_and_keep_the_way_back(walk, nurse, visit):  # noqa: F811
    Appointment.objects.update(typed_phone="+447700900999")
    walk.open(day(nurse.slug)).follow(f"#l-{visit.reference}")
    page = walk.address

    walk.send("form[action*='/notes/']", text="Rang twice")
    assert (walk.address, PatientNote.objects.count()) == (page, 1)
    walk.send("form[action$='/typed/']")
    assert walk.address == page


def test_a_booking_leads_back_to_its_card_in_the_gap(walk, nurse, treatment):  # noqa: F811
    patient = PatientFactory()
    walk.open(day(nurse.slug)).follow(".gap a")
    assert walk.page.select_one("a.back")["href"].startswith(day(nurse.slug))

    wanted = {"treatment": treatment.slug, "day": TUESDAY, "at": "11:00", "patient": patient.reference}
    walk.send("main form.form", "button[value=book]", practitioner=nurse.slug, **wanted)

    made = Appointment.objects.get()
    assert walk.address == f"{day(nurse.slug)}#g-{made.reference}"
    assert f"{patient.short_name}: booked for" in walk.notice


def test_a_booking_in_one_line_leads_back_to_the_day_it_was_asked_on(walk, nurse, treatment):  # noqa: F811
    patient = PatientFactory(full_name="Rowan Hale")
    walk.open(day(nurse.slug, view="list"))
    asked = walk.page.select_one(".line-box input[name=next]")["value"]

    walk.open(f"/diary/line/?q=rowan+{treatment.name.split()[0]}+tue+11&next={asked.replace('&', '%26')}")
    walk.send(".line-reading form")

    assert Appointment.objects.get().patient == patient
    assert walk.address == day(nurse.slug, view="list")


def test_a_longer_visit_and_blocked_time_lead_back_as_their_undo_does(walk, nurse, visit):  # noqa: F811
    was = f"{day(nurse.slug)}#g-{visit.reference}"
    walk.open(day(nurse.slug)).follow(f"#g-{visit.reference}").send("form[aria-label='Length of the visit']")
    assert walk.address == was
    walk.send("#notice form")
    assert walk.address == was

    walk.open(day(nurse.slug, view="list")).follow("a[href*='/diary/plan/']")
    walk.send(".plan-what", "button[name=preset]")
    walk.send("form.plan", "button[value=do]")
    assert (walk.address, TimeOff.objects.count()) == (day(nurse.slug, view="list"), 1)
    walk.send("#notice form")
    assert (walk.address, TimeOff.objects.count()) == (day(nurse.slug, view="list"), 0)


def test_the_plan_of_another_length_leads_back_to_the_card(walk, nurse, visit):  # noqa: F811
    asked = walk.open(day(nurse.slug)).page.select_one(f"#g-{visit.reference}")["href"].partition("?")[2]

    walk.open(f"/diary/plan/?kind=extension&visit={visit.reference}&minutes=45&{asked}").send("form.plan")

    assert (walk.address, Appointment.objects.get().minutes) == (f"{day(nurse.slug)}#g-{visit.reference}", 45)


def test_the_day_typed_in_leads_back(walk, nurse, visit):  # noqa: F811
    with time_machine.travel(at(18), tick=False):
        walk.open(day(nurse.slug, view="list")).follow("a[href*='/diary/sheet/type/']")
        walk.send("form.mt4", **{f"{visit.reference}-outcome": "completed"})
    assert walk.address == day(nurse.slug, view="list")


@pytest.mark.parametrize(
    "bad",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example/diary/",
        "/cms/",
        "javascript:1",
        "/diary/" + 2000 * "x",
    ],
)
def test_no_other_place_is_led_to(client, visit, bad):
    client.force_login(StaffFactory(role="desk"))
    page = reverse("bookings:diary_visit", args=[visit.reference])
    assert "evil" not in client.get(page, {"next": bad}).content.decode()
    assert client.get(page, {"next": bad}).context["place"] == ""

    sent = {"version": visit.version, "next": bad}
    assert client.post(f"{page}cancel/", sent)["Location"] == f"/diary/?day={TUESDAY}"


@pytest.mark.parametrize("name", ["diary_status", "diary_birthday", "diary_typed", "diary_restore", "diary_undo"])
def test_who_opens_the_address_of_a_form_of_a_visit_sees_the_visit(client, visit, name):
    client.force_login(StaffFactory(role="desk"))
    address = reverse(f"bookings:{name}", args=[visit.reference])

    assert client.get(address).url == reverse("bookings:diary_visit", args=[visit.reference])
    assert client.put(address).status_code == 405


def test_who_opens_the_address_of_a_refused_note_sees_the_record(client, visit):
    client.force_login(StaffFactory(role="desk"))
    reference = visit.patient.reference

    page = client.get(reverse("bookings:patient_note", args=[reference]))

    assert page.url == reverse("bookings:patient", args=[reference])


def test_a_reload_of_a_refused_note_of_a_visit_leads_to_the_visit_and_keeps_its_way_back(walk, nurse, visit):  # noqa: F811
    walk.open(day(nurse.slug)).follow(f"#l-{visit.reference}")
    page = walk.address
    walk.send("form[action*='/notes/']", text="")

    walk.open(walk.page.select_one("form[action*='/notes/']")["action"])
    assert walk.address == page


def test_a_reload_of_a_refused_note_leads_to_no_other_site(client, visit):
    client.force_login(StaffFactory(role="desk"))
    reference = visit.patient.reference

    page = client.get(reverse("bookings:patient_note", args=[reference]), {"next": "https://example.com/diary/"})

    assert page.url == reverse("bookings:patient", args=[reference])

"""The booking page on other sites: no cookie at all, signed progress, and only sites that the clinic chose."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

import pytest
from django.test import Client, override_settings

from bookings.messages.models import Message
from bookings.online.views.booking.flow import Page
from bookings.visits.models import AgeRefusal, Appointment, BookingSettings
from bookings.visits.models.statuses import Status
from bookings.visits.origins import origins
from clinic.accounts.models import User
from tests.bookings.online.flow import BIRTHDAY, DETAILS, MONDAY, TUESDAY_10_15, small_clinic, text
from tests.factories.bookings import AppointmentFactory
from tests.factories.clinic import StaffFactory

pytestmark = pytest.mark.django_db

SITES = "https://www.old-clinic.example\nhttps://directory.example:8443/"
SLOT = f"{TUESDAY_10_15}|aisha"
NO_BIRTHDAY = {name: value for name, value in DETAILS.items() if name not in BIRTHDAY}


@pytest.fixture(autouse=True)
def on_monday(time_machine):
    time_machine.move_to(MONDAY, tick=False)


@pytest.fixture
def place():
    return small_clinic()


class Visitor:
    """A browser in a frame: sends no cookie, is given none, and knows only what stands in the page before it."""

    def __init__(self, query: str = "treatment=peel&with=aisha") -> None:
        self.client = Client(enforce_csrf_checks=True)
        self.answer = self.check(self.client.get(f"/embed/?{query}"))

    def check(self, response):
        assert not response.cookies
        assert not self.client.cookies
        assert "csrfmiddlewaretoken" not in response.content.decode()
        assert {"private"} <= set(re.split(r",\s*", response["Cache-Control"]))
        self.answer = response
        return response

    @property
    def token(self) -> str:
        return re.search(r'name="token" value="([^"]+)"', self.answer.content.decode()).group(1)

    @property
    def page(self) -> str:
        return text(self.answer)

    def send(self, path: str, data: dict | None = None, **more):
        return self.check(self.client.post(f"/embed/{path}", {"token": self.token, **(data or {}), **more}))

    def take(self, slot: str = SLOT):
        return self.send("when/", slot=slot)

    def confirm(self):
        return self.send("check/", accept_terms="on")

    def book(self) -> Appointment:
        self.take()
        self.send("details/", DETAILS)
        self.confirm()
        return Appointment.objects.get(status=Status.BOOKED)


def take(place, at=TUESDAY_10_15):
    """Somebody else books the time."""
    return AppointmentFactory(
        starts_at=datetime.fromisoformat(at), practitioner=place.aisha, treatment=place.peel, location=place.location
    )


def allow(sites: str) -> None:
    BookingSettings.objects.update_or_create(defaults={"embedding_sites": sites})


class TestBooking:
    def test_from_the_first_question_to_the_booking_without_a_cookie(self, place):
        visitor = Visitor("")
        assert "What would you like to come in for?" in visitor.page
        visitor.send("", treatment="peel", who="aisha")
        assert "When would you like to come in?" in visitor.page
        visitor.send("when/?day=2026-11-25")
        assert "Wednesday 25 November" in visitor.page
        visitor.take()
        assert "Held for you until" in visitor.page
        assert Appointment.objects.get().status == Status.HELD
        visitor.send("details/", DETAILS)
        assert "Sam Lee" in visitor.page
        visitor.confirm()

        visit = Appointment.objects.get()
        assert visit.status == Status.BOOKED
        assert visit.patient.date_of_birth == date(1988, 3, 27)
        assert "Your visit is booked" in visitor.page
        assert "Tuesday 24 November, 10:15am" in visitor.page
        assert visit.reference in visitor.page
        assert "We are sending a confirmation to <strong>sam@example.com</strong>" in visitor.page
        assert Message.objects.filter(appointment=visit, kind=Message.Kind.CONFIRMATION).count() == 1

    def test_the_link_opens_the_visit_in_a_tab_of_its_own(self, place):
        visitor = Visitor()
        visit = visitor.book()

        link = re.search(r'<a [^>]*href="(/visit/[\w-]{43,}/)"[^>]*>', visitor.page)
        assert 'target="_blank"' in link.group()
        assert "noopener" in link.group()
        opened = Client().get(link.group(1), follow=True)
        assert opened.redirect_chain == [(f"/visit/{visit.reference}/", 302)]
        assert opened.status_code == 200

    def test_begins_where_the_address_says(self, place):
        assert "Choose a day" in Visitor("treatment=peel&with=any").page
        assert 'name="who"' in Visitor("treatment=peel").page
        assert 'name="treatment"' in Visitor("treatment=nothing&with=%00").page

    def test_two_taps_on_confirm_are_one_booking(self, place):
        visitor = Visitor()
        visitor.take()
        visitor.send("details/", DETAILS)
        again = visitor.token

        visitor.confirm()
        second = visitor.client.post("/embed/check/", {"token": again, "accept_terms": "on"})

        assert "Your visit is booked" in text(second)
        assert Appointment.objects.count() == 1
        assert Message.objects.filter(kind=Message.Kind.CONFIRMATION).count() == 1

    @pytest.mark.parametrize("who", ["aisha", "any"])
    def test_two_taps_on_a_time_are_one_hold(self, place, who):
        visitor = Visitor(f"treatment=peel&with={who}")
        slot = SLOT if who == "aisha" else f"{TUESDAY_10_15}|"
        first = visitor.token

        visitor.take(slot)
        second = visitor.client.post("/embed/when/", {"token": first, "slot": slot})

        assert "Your details" in text(second)
        assert Appointment.objects.filter(status=Status.HELD).count() == 1

    def test_another_time_gives_up_the_first(self, place):
        visitor = Visitor()
        visitor.take()
        visitor.send("when/?day=2026-11-24")
        visitor.take("2026-11-24T11:00:00+00:00|aisha")

        assert [str(row.starts_at) for row in Appointment.objects.filter(status=Status.HELD)] == [
            "2026-11-24 11:00:00+00:00"
        ]

    def test_needs_longer_and_keeps_what_was_typed(self, place, time_machine):
        visitor = Visitor()
        visitor.take()
        time_machine.shift(timedelta(minutes=15))
        visitor.send("details/", {**DETAILS, "keep": "yes"})

        assert 'value="Sam Lee"' in visitor.page
        assert "Held for you until 7:55am" in visitor.page

    def test_says_beside_the_field_what_is_wrong(self, place):
        visitor = Visitor()
        visitor.take()
        visitor.send("details/", {**DETAILS, "phone": "123"})

        assert "<title>Error: Your details" in visitor.page
        assert visitor.page.count("Enter a phone number, like 07700 900123") == 2
        assert 'value="sam@example.com"' in visitor.page

        visitor.send("details/", DETAILS)
        visitor.send("check/")
        assert "Tick the box to say that you agree to the terms" in visitor.page

    def test_goes_back_with_answers_kept(self, place):
        visitor = Visitor()
        visitor.take()
        visitor.send("details/", DETAILS)
        visitor.send("details/", show="yes")

        assert 'value="Sam Lee"' in visitor.page
        visitor.send("?change=visit", show="yes")
        assert visitor.page.count("checked") == 2
        visitor.send("?change=visit", treatment="peel", who="tom")
        visitor.take(f"{TUESDAY_10_15}|tom")
        assert "Check your booking" in visitor.page
        assert Appointment.objects.get(status=Status.HELD).practitioner == place.tom

    def test_a_refusal_is_told_on_the_last_page(self, place):
        place.peel.requires_consultation = True
        place.peel.save()
        visitor = Visitor()
        visitor.take()
        visitor.send("details/", DETAILS)
        visitor.confirm()

        assert "This needs a consultation first" in visitor.page


class TestTaken:
    def test_before_it_was_tapped(self, place):
        visitor = Visitor()
        take(place)
        visitor.take()

        self.check_nearest(visitor)

    def test_before_it_was_confirmed_and_answers_are_kept(self, place, time_machine):
        visitor = Visitor()
        visitor.take()
        visitor.send("details/", DETAILS)
        time_machine.shift(timedelta(minutes=11))
        Appointment.objects.update(status=Status.EXPIRED)
        take(place)
        visitor.confirm()

        slots = self.check_nearest(visitor)
        visitor.take(slots[0])
        assert "Check your booking" in visitor.page
        assert "Sam Lee" in visitor.page
        visitor.confirm()
        assert Appointment.objects.get(patient__email="sam@example.com").status == Status.BOOKED

    def check_nearest(self, visitor) -> list[str]:
        assert "That time is no longer free" in visitor.page
        alert = visitor.page.partition('role="alert"')[2].partition("</form>")[0]
        slots = re.findall(r'name="slot" value="([^"]+)"', alert)
        assert len(slots) == 3
        return slots

    @pytest.mark.parametrize("slot", ["", "nonsense", "2026-11-24T10:15:00+00:00|\x00", "2035-01-01T10:00:00+00:00|"])
    def test_a_time_that_makes_no_sense(self, place, slot):
        visitor = Visitor()
        assert visitor.take(slot).status_code == 200
        assert not Appointment.objects.filter(patient__isnull=False).exists()


class TestAge:
    def test_is_asked_before_any_time_is_shown_or_kept(self, place):
        visitor = Visitor("treatment=filler&with=aisha")

        assert "What is your date of birth?" in visitor.page
        assert 'name="slot"' not in visitor.page
        visitor.take()
        assert "What is your date of birth?" in visitor.page
        assert not Appointment.objects.exists()

    def test_18_today_books_and_is_not_asked_twice(self, place):
        visitor = Visitor("treatment=filler&with=aisha")
        visitor.send(
            "", {**BIRTHDAY, "date_of_birth_day": "23", "date_of_birth_month": "11", "date_of_birth_year": "2008"}
        )
        visitor.take()
        assert "23 November 2008" in visitor.page
        assert 'name="date_of_birth_day"' not in visitor.page
        visitor.send("details/", NO_BIRTHDAY)
        visitor.confirm()

        assert Appointment.objects.get(status=Status.BOOKED).patient.date_of_birth == date(2008, 11, 23)

    def test_too_young_is_refused_kindly_and_nothing_is_handed_on(self, place):
        visitor = Visitor("treatment=filler&with=aisha")
        visitor.send(
            "", {**BIRTHDAY, "date_of_birth_day": "24", "date_of_birth_month": "11", "date_of_birth_year": "2008"}
        )

        assert "We cannot book this visit" in visitor.page
        assert not Page.read(visitor.token).draft.is_personal
        assert [(row.treatment, row.age) for row in AgeRefusal.objects.all()] == [(place.filler, 17)]

    def test_a_birthday_given_for_another_visit_is_checked_again(self, place):
        visitor = Visitor()
        visitor.take()
        visitor.send("details/", {**DETAILS, "date_of_birth_year": "2010"})
        if "Check your booking" in visitor.page:
            visitor.send("?change=visit", treatment="filler", who="aisha")

        assert "We cannot book this visit" in visitor.page

    def test_a_corrected_birthday_leads_back_to_where_they_were(self, place):
        visitor = Visitor("treatment=filler&with=aisha")
        visitor.send("", BIRTHDAY)
        visitor.take()
        visitor.send("?change=birthday", show="yes")
        visitor.send("?change=birthday", {**BIRTHDAY, "date_of_birth_year": "1987"})

        assert "Your details" in visitor.page
        assert "27 March 1987" in visitor.page


class TestToken:
    @pytest.mark.parametrize("path", ["", "when/", "details/", "check/"])
    @pytest.mark.parametrize("spoil", [lambda token: token[:-1] + "!", lambda token: "", lambda token: "é\x00:x:y"])
    def test_forged_or_missing_gives_a_kind_page(self, place, path, spoil):
        visitor = Visitor()
        response = visitor.client.post(
            f"/embed/{path}", {"token": spoil(visitor.token), "slot": SLOT, "accept_terms": "on"}
        )

        assert response.status_code == 400
        assert "We have lost your place" in text(response)
        assert 'href="/embed/"' in text(response)
        assert not response.cookies
        assert not Appointment.objects.exists()

    def test_lives_two_hours(self, place, time_machine):
        visitor = Visitor()
        time_machine.shift(timedelta(hours=1, minutes=59))
        assert "Your details" in text(visitor.take())
        old = visitor.token
        time_machine.shift(timedelta(hours=2, minutes=1))

        assert visitor.client.post("/embed/details/", {"token": old, **DETAILS}).status_code == 400

    def test_a_treatment_that_is_no_longer_offered_begins_again(self, place):
        visitor = Visitor()
        place.peel.is_bookable_online = False
        place.peel.save()

        assert "What would you like to come in for?" in text(visitor.take())

    @pytest.mark.parametrize("path", ["when/", "details/", "check/"])
    def test_a_reload_by_address_begins_again(self, place, client, path):
        response = client.get(f"/embed/{path}")

        assert response.headers["Location"] == "/embed/"
        assert not response.cookies

    def test_pages_with_answers_are_stored_nowhere(self, place):
        visitor = Visitor()
        visitor.take()
        assert "no-store" not in visitor.answer["Cache-Control"]  # the browser's Back button
        visitor.send("details/", DETAILS)
        assert "no-store" in visitor.answer["Cache-Control"]
        visitor.confirm()
        assert "no-store" in visitor.answer["Cache-Control"]


class TestSession:
    def test_someone_who_has_signed_in_is_a_stranger_here(self, place):
        client = Client()
        client.force_login(StaffFactory(role="desk"))
        page = client.get("/embed/?treatment=peel&with=aisha")
        token = re.search(r'name="token" value="([^"]+)"', page.content.decode()).group(1)
        details = client.post("/embed/when/", {"token": token, "slot": SLOT})

        assert not page.cookies
        assert not details.cookies
        assert User.objects.get().email not in text(details)
        assert set(client.session.keys()) == {"_auth_user_id", "_auth_user_backend", "_auth_user_hash"}


class TestFraming:
    def policy(self, response) -> str:
        return re.search(r"frame-ancestors ([^;]*)", response["Content-Security-Policy"]).group(1)

    def test_nobody_until_the_clinic_names_a_site(self, place, client):
        response = client.get("/embed/")

        assert self.policy(response) == "'none'"
        assert response["X-Frame-Options"] == "DENY"

    def test_the_named_sites_and_no_other(self, place):
        allow(SITES)
        visitor = Visitor()
        for response in (visitor.answer, visitor.take(), visitor.send("details/", DETAILS), visitor.confirm()):
            assert self.policy(response) == "https://www.old-clinic.example https://directory.example:8443"
            assert "X-Frame-Options" not in response
            assert "script-src 'self'" in response["Content-Security-Policy"]
            assert "unsafe" not in response["Content-Security-Policy"]

    @pytest.mark.parametrize(
        "path", ["/book/", "/book/when/?treatment=peel&with=aisha", "/visit/find/", "/accounts/login/"]
    )
    def test_every_other_page_refuses_frames_still(self, place, client, path):
        allow(SITES)
        response = client.get(path)

        assert self.policy(response) == "'none'"
        assert response["X-Frame-Options"] == "DENY"

    @pytest.mark.parametrize(
        "line",
        [
            "http://plain.example", "https://*.example.com", "https://a.example/path", "https://a.example?x", "*",
            "https://a.example; script-src *", "https://a.example 'self'", "https://u@a.example", "https://a:b",
            "https://", "javascript:alert(1)", "https://[::1", "https://a..example", "a.example", "'self'",
            "https://a.example:99999", "https://-a.example", "http://localhost:8000", "https://a\texample#", "\x00",
        ],
    )  # fmt: skip
    def test_a_line_that_is_no_origin_counts_for_nothing(self, line):
        assert origins(f"https://good.example\n{line}\n") == ["https://good.example"]

    def test_origins_are_read_with_patience(self):
        written = (
            " HTTPS://WWW.Example.com/ \r\n\r\nhttps://www.example.com\nhttps://käse.example:444\nhttps://localhost"
        )

        assert origins(written) == ["https://www.example.com", "https://xn--kse-qla.example:444", "https://localhost"]
        assert origins("http://localhost:8001", takes_localhost=True) == ["http://localhost:8001"]
        assert len(origins("\n".join(f"https://s{n}.example" for n in range(500)))) == 50

    def test_a_bad_line_never_breaks_the_header(self, place, client):
        allow("https://a.example; script-src *\nhttps://good.example\n\x0bhttps://b.example\u2028x")

        with override_settings(DEBUG=True):
            assert self.policy(client.get("/embed/")) in {
                "https://good.example",
                "https://good.example https://b.example",
            }

    def test_the_script_for_the_page_around_it_has_a_lasting_address(self, client):
        response = client.get("/embed/frame.js")

        assert re.fullmatch(r"/static/js/embed-frame(\.\w+)?\.js", response["Location"])
        assert "public" in response["Cache-Control"]
        assert not response.cookies

from __future__ import annotations

import html
import re
from datetime import date, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from bookings.online.forms.times import read_time
from bookings.timetable.ranges import span
from bookings.visits.models import AgeRefusal, Appointment
from bookings.visits.models.statuses import Status
from clinic.core import clock
from clinic.core.formats import clock_time, money
from clinic.patients.birthday_field import SplitDateField
from clinic.patients.models import Patient
from tests.bookings.online.flow import (
    BIRTHDAY,
    DETAILS,
    MONDAY,
    TUESDAY_10_15,
    book,
    confirm,
    give_details,
    hidden,
    hold,
    send,
    small_clinic,
    text,
    when_url,
)
from tests.factories.bookings import AppointmentFactory
from tests.factories.clinic import AccessFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def on_monday(time_machine):
    time_machine.move_to(MONDAY, tick=False)


@pytest.fixture
def place():
    return small_clinic()


def born(day: date) -> dict[str, str]:
    parts = zip(("day", "month", "year"), (day.day, day.month, day.year), strict=True)
    return {f"date_of_birth_{name}": str(part) for name, part in parts}


def take(place, at=TUESDAY_10_15, practitioner=None):
    """Somebody else books the time."""
    return AppointmentFactory(
        starts_at=datetime.fromisoformat(at),
        practitioner=practitioner or place.aisha,
        treatment=place.peel,
        location=place.location,
    )


class TestChoose:
    def test_asks_what_for_and_with_whom(self, client, place):
        page = text(client.get("/book/"))

        assert "Gentle peel" in page
        assert "£60" in page
        assert page.index("First available") < page.index("Demo Nurse Aisha")
        assert "checked" not in page
        assert "Date of birth" not in page

    def test_hides_what_is_not_booked_online(self, client, place):
        place.peel.is_bookable_online = False
        place.peel.save()

        assert "Gentle peel" not in text(client.get("/book/"))

    def test_leads_to_the_times(self, client, place):
        response = client.post("/book/", {"treatment": "peel", "who": "any"})

        assert response.headers["Location"] == when_url(who="any")

    def test_is_skipped_when_the_address_answers_it(self, client, place):
        assert client.get("/book/?treatment=peel&with=tom").headers["Location"] == when_url(who="tom")

    def test_asks_only_who_when_the_treatment_is_given(self, client, place):
        page = text(client.get("/book/?treatment=filler&with=tom"))  # Tom does not do it

        assert 'name="treatment"' not in page
        assert "Demo Nurse Aisha" in page
        assert "Demo Prescriber Tom" not in page
        assert "What is your date of birth?" in page

    def test_says_beside_the_field_what_is_missing(self, client, place):
        response = client.post("/book/", {"treatment": "peel"})

        assert "<title>Error: Book a visit" in text(response)
        assert text(response).count("Choose who you would like to see, or first available") == 2
        assert 'value="peel" id="id_treatment_1" checked' in text(response) or "checked" in text(response)

    def test_refuses_kindly_who_does_not_offer_it(self, client, place):
        page = text(client.post("/book/", {"treatment": "filler", "who": "tom"}))

        assert "They don&#x27;t see people for this. Choose first available or Demo Nurse Aisha" in page

    @pytest.mark.parametrize(
        "query", ["treatment=%00", "treatment=nothing", "treatment=peel&with=%00'", "change=visit"]
    )
    def test_survives_any_address(self, client, place, query):
        assert client.get(f"/book/?{query}").status_code == 200

    def test_can_be_changed(self, client, place):
        page = text(client.get("/book/?treatment=peel&with=tom&change=visit"))

        assert page.count("checked") == 2


class TestAge:
    def test_comes_as_the_next_question_without_an_error(self, client, place):
        response = client.post("/book/", {"treatment": "filler", "who": "any"}, follow=True)

        page = text(response)
        assert "One more question" in page
        assert "There is a problem" not in page
        assert 'name="treatment"' not in page

    def test_17_years_and_364_days_is_refused_and_logged_without_a_name(self, client, place):
        response = client.post("/book/?treatment=filler&with=any", born(date(2008, 11, 24)), follow=True)

        assert response.redirect_chain[-1][0] == "/book/cannot-book/?treatment=filler&with=any"
        assert "We cannot book this visit" in text(response)
        assert [(row.treatment, row.age) for row in AgeRefusal.objects.all()] == [(place.filler, 17)]
        assert not Appointment.objects.exists()
        assert "2008" not in str(dict(client.session))

    def test_18_today_may_choose_a_time(self, client, place):
        response = client.post("/book/?treatment=filler&with=any", born(date(2008, 11, 23)))

        assert response.headers["Location"].startswith(when_url("filler", "any") + "&draft=")
        assert hold(client, treatment="filler", who="any").headers["Location"].startswith("/book/details/")

    def test_no_time_is_kept_before_the_question(self, client, place):
        response = hold(client, treatment="filler")

        assert response.headers["Location"] == "/book/?treatment=filler&with=aisha"
        assert not Appointment.objects.exists()

    def test_is_not_asked_twice(self, client, place):
        client.post("/book/?treatment=filler&with=any", BIRTHDAY)
        hold(client, treatment="filler", who="any")

        page = text(client.get("/book/details/"))
        assert "27 March 1988" in page
        assert 'name="date_of_birth_day"' not in page

    def test_holds_for_other_treatments_too_once_it_is_known(self, client, place):
        hold(client)
        response = give_details(client, **born(date(2010, 1, 1)))

        assert response.headers["Location"].startswith("/book/cannot-book/?treatment=peel&with=aisha")
        assert AgeRefusal.objects.count() == 1
        assert "sam@example.com" not in str(dict(client.session))


class TestWhen:
    def test_shows_ten_open_days_and_the_times_of_the_first(self, client, place):
        page = text(client.get(when_url()))

        assert page.count('class="day"') == 10
        assert '<h2 id="chosen-day" tabindex="-1">Monday 23 November</h2>' in page
        assert "Next available:" in page
        assert ">today, 11:30am</button>" in page
        assert "Afternoon" in page
        assert "Evening" not in page

    def test_names_a_time_in_full_for_those_who_hear_it(self, client, place):
        page = text(client.get(when_url(day="2026-11-24")))

        assert f'value="{TUESDAY_10_15}|aisha" >10:15am<span class="vh">, Tuesday 24 November</span>' in page
        assert "midday" in page

    def test_shows_one_button_where_two_are_free(self, client, place):
        page = text(client.get(when_url(who="any", day="2026-11-24")))

        assert page.count(f'value="{TUESDAY_10_15}|"') == 1

    def test_pages_on_and_back(self, client, place):
        later = text(client.get(when_url(**{"from": "2026-12-07"})))

        assert "Monday 7 December" in later
        assert "Later dates" in later
        assert "from=2026-11-23" in later

    def test_swaps_only_the_times_for_htmx(self, client, place):
        response = client.get(when_url(day="2026-11-24"), headers={"HX-Request": "true"})

        assert "<html" not in text(response)
        assert "times on Tuesday 24 November</p>" in text(response)
        assert "autofocus" in text(response)

    def test_gives_the_whole_page_when_htmx_restores_history(self, client, place):
        headers = {"HX-Request": "true", "HX-History-Restore-Request": "true"}

        assert "<html" in text(client.get(when_url(), headers=headers))

    @pytest.mark.parametrize(
        "more", [{"day": "9999-12-31"}, {"day": "x"}, {"from": "2020-01-01"}, {"taken": "0001-01-01T00:00+14:00"}]
    )
    def test_survives_any_address(self, client, place, more):
        assert client.get(when_url(**more)).status_code == 200

    def test_says_when_nothing_is_free(self, client, place):
        place.aisha.working_hours.all().delete()

        page = text(client.get(when_url()))
        assert "No free times online at the moment" in page
        assert "with=any" in page

    def test_asks_few_questions_of_the_database(self, client, place, django_assert_max_num_queries):
        hold(client)

        with django_assert_max_num_queries(6):  # of these three find the times: rules, days, and times of the day
            client.get(when_url(who="any", day="2026-11-25"))

    @pytest.mark.parametrize(
        "slot",
        [
            "",
            "nonsense",
            "2026-11-24T10:15:00|aisha",
            "2026-11-22T10:15:00+00:00|aisha",
            "2026-11-22T10:15:00-18:06|aisha",
        ],
    )
    def test_refuses_a_time_that_is_none(self, client, place, slot):
        response = client.post(when_url(), {"slot": slot}, follow=True)

        told = ("can&#x27;t be booked online", "can't be booked online", "This time has passed")
        assert any(words in text(response) for words in told)
        assert not Appointment.objects.exists()

    def test_offers_the_nearest_when_the_time_is_gone(self, client, place):
        take(place)

        page = text(client.post(when_url(), {"slot": f"{TUESDAY_10_15}|aisha"}, follow=True))
        assert "That time is no longer free" in page
        assert "Tuesday 24 November, 10:45am</button>" in page

    def test_another_choice_gives_the_first_one_back(self, client, place):
        hold(client)
        hold(client, at="2026-11-24T14:00:00+00:00")

        held = Appointment.objects.filter(status=Status.HELD)
        assert [row.starts_at.hour for row in held] == [14]


class TestDetails:
    def test_shows_what_is_held_and_until_when(self, client, place):
        hold(client)

        page = text(client.get("/book/details/"))
        assert "Tuesday 24 November, 10:15am" in page
        assert "Held for you until 7:40am." in page
        assert 'autocomplete="bday-day"' in page

    def test_keeps_what_was_typed(self, client, place):
        hold(client)
        response = give_details(client, email="sam@", date_of_birth_month="", note="Ground floor please")

        page = text(response)
        assert "<title>Error: Your details" in page
        assert page.count("Enter an email address in the correct format, like name@example.com") == 2
        assert page.count("Date of birth must include a month") == 2
        assert 'value="sam@"' in page
        assert 'value="Sam Lee"' in page
        assert "Ground floor please</textarea>" in page
        assert 'href="#id_date_of_birth_0"' in page

    def test_wants_the_date_of_birth_whatever_the_desk_may_do(self, client, place):
        hold(client)
        page = text(give_details(client, **dict.fromkeys(BIRTHDAY, ""), is_adult="on"))

        assert page.count("Enter your date of birth") == 2
        assert "They say they are" not in page
        assert not Patient.objects.exists()

    def test_keep_this_time_renews_it_and_judges_nothing(self, client, place, time_machine):
        hold(client)
        time_machine.move_to("2026-11-23T07:36:00Z", tick=False)

        page = text(send(client, "details", DETAILS | {"email": "sam@", "keep": "yes"}))
        assert "Held for you until 7:46am." in page
        assert 'value="sam@"' in page
        assert "There is a problem" not in page

    def test_takes_a_dead_hold_again_if_the_time_is_free(self, client, place, time_machine):
        hold(client)
        Appointment.objects.update(status=Status.EXPIRED)

        assert give_details(client).headers["Location"].startswith("/book/check/")
        assert Appointment.objects.filter(status=Status.HELD).count() == 1

    @pytest.mark.parametrize("phone", ["", "12", "phone", "07700 900 1234567"])
    def test_asks_for_a_number_we_can_call(self, client, place, phone):
        hold(client)

        assert "field--error" in text(give_details(client, phone=phone))

    @pytest.mark.parametrize("phone", ["07700 900123", "+44 (0)7700 900 123", "07911123456", "+33 6 12 34 56 78"])
    def test_takes_a_number_in_any_spacing(self, client, place, phone):
        hold(client)

        assert give_details(client, phone=phone).status_code == 302

    def test_fills_in_what_a_signed_in_patient_told_us(self, client, place):
        client.force_login(AccessFactory(patient__full_name="Sam Lee").user)
        hold(client)

        page = text(client.get("/book/details/"))
        assert 'value="Sam Lee"' in page
        assert 'value="1988"' in page


class TestCheckAndConfirm:
    @pytest.mark.parametrize(("who", "seen_by"), [("tom", "Demo Prescriber Tom"), ("any", "Demo Nurse Aisha")])
    def test_happy_path(self, client, place, who, seen_by):
        hold(client, who=who)
        assert give_details(client).headers["Location"].startswith("/book/check/?treatment=peel")
        page = text(client.get("/book/check/"))
        assert "£60" in page
        assert "until <strong>Monday 23 November, 10:15am</strong>" in page
        response = send(client, "check", {"accept_terms": "on"}, follow=True)

        visit = Appointment.objects.get()
        assert "Your visit is booked" in text(response)
        assert "/accounts/signup/" in response.content.decode()
        assert "You don't need to do anything else" in text(response)
        assert (visit.status, visit.practitioner.name) == (Status.BOOKED, seen_by)
        assert (visit.patient.full_name, str(visit.patient.phone)) == ("Sam Lee", "+447700900123")
        assert "sam@example.com" not in str(dict(client.session))

    def test_asks_for_the_terms(self, client, place):
        hold(client)
        give_details(client)
        response = send(client, "check", {})

        assert text(response).count("Tick the box to say that you agree to the terms") == 2
        assert Appointment.objects.get().status == Status.HELD

    def test_two_taps_are_one_booking(self, client, place):
        hold(client)
        give_details(client)
        session, page = dict(client.session), hidden(client.get("/book/check/")) | {"accept_terms": "on"}
        first = client.post("/book/check/", page)
        kept = client.session
        kept.update(session)  # the second tap set out before the first came back
        kept.save()
        second = client.post("/book/check/", page)

        assert first.headers["Location"] == second.headers["Location"]
        assert first.headers["Location"].startswith("/book/done/")
        assert Appointment.objects.count() == 1

    def test_a_dead_hold_still_books_if_the_time_is_free(self, client, place, time_machine):
        hold(client)
        give_details(client)
        time_machine.move_to("2026-11-23T08:30:00Z", tick=False)
        assert "the minutes are over" in text(client.get("/book/check/"))
        confirm(client)

        assert Appointment.objects.get().status == Status.BOOKED

    def test_a_time_taken_meanwhile_keeps_the_answers(self, client, place):
        hold(client)
        give_details(client)
        Appointment.objects.update(status=Status.EXPIRED)
        take(place)

        response = send(client, "check", {"accept_terms": "on"}, follow=True)
        assert "What you have told us is kept." in text(response)
        again = hold(client, at="2026-11-24T10:45:00+00:00")
        assert again.headers["Location"].startswith("/book/check/")
        confirm(client)
        assert Appointment.objects.filter(patient__full_name="Sam Lee").count() == 1

    def test_another_visit_at_that_time_is_refused_in_words(self, client, place):
        book(client)
        hold(client, who="tom")
        give_details(client)

        response = confirm(client)
        assert response.status_code == 200
        assert "There is a problem" in text(response)

    def test_a_change_of_time_returns_here(self, client, place):
        hold(client)
        give_details(client)

        assert hold(client, at="2026-11-25T10:15:00+00:00").headers["Location"].startswith("/book/check/")

    def test_going_back_after_confirming_shows_the_booking(self, client, place):
        book(client)

        assert client.get("/book/check/").headers["Location"].startswith("/book/done/")
        assert client.get("/book/details/").headers["Location"].startswith("/book/done/")

    def test_photo_id_is_asked_for_where_age_matters(self, client, place):
        client.post("/book/?treatment=filler&with=any", BIRTHDAY)
        hold(client, treatment="filler")
        send(client, "details", {name: value for name, value in DETAILS.items() if name not in BIRTHDAY})
        confirm(client)

        assert "photo ID" in text(client.get("/book/done/"))

    def test_the_change_of_a_birthday_returns_here(self, client, place):
        client.post("/book/?treatment=filler&with=any", BIRTHDAY)
        hold(client, treatment="filler")
        send(client, "details", {name: value for name, value in DETAILS.items() if name not in BIRTHDAY})

        url = re.search(r'href="(/book/[^"]*change=birthday[^"]*)"', text(client.get("/book/check/")))[1]
        response = client.post(html.unescape(url), born(date(1990, 1, 2)))
        assert response.headers["Location"].startswith("/book/check/")
        assert "2 January 1990" in text(client.get("/book/check/"))


class TestLostPlace:
    @pytest.mark.parametrize("step", ["details", "check"])
    def test_leads_back_to_the_times_with_what_the_address_says(self, client, place, step):
        response = client.post(f"/book/{step}/?treatment=peel&with=tom&day=2026-11-24", DETAILS, follow=True)

        assert "so nothing has been booked" in text(response)
        assert 'id="chosen-day" tabindex="-1">Tuesday 24 November' in text(response)

    @pytest.mark.parametrize("step", ["details", "check"])
    def test_leads_to_the_start_when_the_address_says_nothing(self, client, place, step):
        response = client.get(f"/book/{step}/", follow=True)

        assert response.redirect_chain[-1][0] == "/book/?lost=yes"
        assert "nothing has been booked" in text(response)

    def test_the_last_page_says_how_to_find_a_booking(self, client, place):
        assert reverse("bookings:send_link") in text(client.get("/book/done/"))

    def test_needs_details_before_the_check(self, client, place):
        hold(client)

        assert client.get("/book/check/").headers["Location"].startswith("/book/details/")

    def test_without_cookies_a_post_is_turned_away_kindly(self, place):
        assert Client(enforce_csrf_checks=True).post(when_url(), {"slot": "x"}).status_code == 403

    def test_is_never_stored(self, client, place):
        assert "no-store" in client.get("/book/").headers["Cache-Control"]


class TestSplitDate:
    field = SplitDateField(what="Date of birth")

    @pytest.mark.parametrize("month", ["3", "03", "mar", "March", "MAR."])
    def test_reads_a_month_in_digits_or_letters(self, month):
        assert self.field.clean(["27", month, "1984"]) == date(1984, 3, 27)

    @pytest.mark.parametrize(
        ("written", "says"),
        [
            (["", "", ""], "Enter your date of birth"),
            (["", "3", "1984"], "must include a day"),
            (["27", "", ""], "must include a month and year"),
            (["31", "feb", "1984"], "must be a real date"),
            (["27", "ma", "1984"], "must be a real date"),
            (["27", "13", "1984"], "must be a real date"),
            (["27", "3", "84"], "a year with 4 numbers"),
            (["27", "3", "99999999999999999999"], "must be a real date"),
            (["27", "3", "1899"], "Check the year: 27 March 1899 is more than 120 years ago"),
            (["24", "11", "2026"], "Check the year: 24 November 2026 is in the future"),
            (["²", "3", "1984"], "must be a real date"),
        ],
    )
    def test_names_what_is_wrong(self, written, says):
        with pytest.raises(Exception, match=says):
            self.field.clean(written)


@pytest.mark.parametrize(
    ("at", "says"),
    [("09:00", "9am"), ("09:30", "9:30am"), ("12:00", "midday"), ("12:15", "12:15pm"), ("00:00", "midnight")],
)
def test_clock_time(at, says):
    assert clock_time(datetime.fromisoformat(f"2026-11-24T{at}:00+00:00")) == says


def test_clock_time_is_londons():
    assert clock_time(datetime.fromisoformat("2026-07-01T09:00:00+00:00")) == "10am"


@pytest.mark.parametrize(("amount", "says"), [(None, ""), (0, "Free"), (60, "£60"), (1250, "£1,250")])
def test_money(amount, says):
    assert money(amount) == says


def test_the_two_half_past_ones_of_an_autumn_night_are_two_times():
    first, second = read_time("2026-10-25T01:30:00+01:00|"), read_time("2026-10-25T01:30:00+00:00|")

    assert second.starts_at - first.starts_at == timedelta(hours=1)
    assert clock.local(first.starts_at).hour == clock.local(second.starts_at).hour == 1


def test_d2_a_time_that_has_passed_says_so(client, place):
    """D2: the refusal of a tapped time says its own reason."""
    answer = hold(client, at="2026-11-23T07:15:00+00:00")

    assert "This time has passed. Please choose another." in text(client.get(answer.url))


def test_d2_a_time_in_the_buffer_of_a_visit_is_no_free_time_of_someone_else(client, place):
    """D2: not “someone else has it now”."""
    starts_at = datetime.fromisoformat("2026-11-24T10:30:00+00:00")
    around = span(starts_at - timedelta(minutes=15), starts_at + timedelta(minutes=45))
    AppointmentFactory(practitioner=place.aisha, starts_at=starts_at, occupied=around)

    assert "needed to clean and prepare" in text(client.get(hold(client).url))

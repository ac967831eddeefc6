"""A link opens its page; what was said before it shows once the date of birth fits, and nobody learns why it did not."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
import time_machine
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.urls import path

from bookings.visits.links import end_links
from clinic.core import clock
from clinic.patients.models import Patient
from clinic.records.links import destinations
from clinic.records.links.birthday import NoTriesLeft, NotTheirs, check_birthday
from clinic.records.links.giving import address_of, end_link, forget_ended, link_to
from clinic.records.links.models import Purpose, RecordLink
from clinic.records.links.views_access import SHOWN_LASTS, by_link
from clinic.urls import urlpatterns as of_the_site
from tests.factories.browsers import just_signed_in
from tests.factories.clinic import AccessFactory, CarerAccessFactory, PatientFactory

BORN = date(1988, 3, 27)
RIGHT = {"date_of_birth_day": "27", "date_of_birth_month": "mar", "date_of_birth_year": "1988"}
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="[^"]+"')
WRONG = {**RIGHT, "date_of_birth_day": "28"}


@by_link(Purpose.COPY)
def empty_form(request, link):
    return HttpResponse("An empty form")


@by_link(Purpose.COPY, after_birthday=True)
def answers(request, link):
    return HttpResponse(f"What {link.patient.full_name} said")


urlpatterns = [
    path("forms/<reference:reference>/empty/", empty_form, name="empty_form"),
    path("forms/<reference:reference>/answers/", answers, name="answers"),
    *of_the_site,
]
handler404 = "content.handlers.page_not_found"
pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__), pytest.mark.usefixtures("cache_of_this_test")]


@pytest.fixture(autouse=True)
def page(monkeypatch):
    monkeypatch.setattr(destinations, "_PAGES", {Purpose.COPY: "answers"})


def a_link(patient=None, subject=7, lasts=timedelta(days=3)):
    patient, now = patient or PatientFactory(full_name="Ann Jones", date_of_birth=BORN), clock.now()
    return link_to(subject, purpose=Purpose.COPY, patient=patient, expires_at=now + lasts, now=now)


def opened(link, client=None):
    client = client or Client()
    assert client.get(f"/forms/{link.link_token}/").headers["Location"] == f"/forms/{link.reference}/answers/"
    return client


def text_of(answer):
    return answer.content.decode()


class TestTheLink:
    def test_leads_to_a_clean_address_that_no_cache_keeps_and_no_other_site_hears_of(self, client):
        link = a_link()
        answer = client.get(f"/forms/{link.link_token}/")
        page = client.get(f"/forms/{link.reference}/empty/")

        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert text_of(page) == "An empty form"
        assert "no-store" in page.headers["Cache-Control"]
        assert page.headers["Referrer-Policy"] == "same-origin"
        assert address_of(link).endswith(f"/forms/{link.link_token}/")

    def test_opens_nothing_for_whoever_has_not_followed_it_nor_for_another_purpose(self, client):
        link, other = a_link(), a_link(subject=8)
        RecordLink.objects.filter(pk=other.pk).update(purpose=Purpose.CONSENT)
        missing = text_of(client.get("/forms/ZZZZZZZZ/empty/"))
        client.head(f"/forms/{link.link_token}/")

        for address in (
            f"/forms/{link.reference}/empty/",
            f"/forms/{link.reference}/birthday/",
            f"/forms/{'t' * 43}/",
            f"/forms/{other.link_token}/",
        ):
            answer = client.get(address)
            assert (answer.status_code, text_of(answer)) == (404, missing), address

    @pytest.mark.parametrize("how", ["ended", "expired", "another secret"])
    def test_ends(self, client, how):
        link = a_link()
        opened(link, client)
        if how == "ended":
            assert end_link(7, purpose=Purpose.COPY, now=clock.now())
        elif how == "expired":
            RecordLink.objects.update(made_at=clock.now() - timedelta(2), expires_at=clock.now() - timedelta(1))
        else:
            link.revoke_link()
            link.save()
            link.refresh_from_db()

        assert client.get(f"/forms/{link.reference}/empty/").status_code == 404

    def test_to_one_subject_is_one_and_lives_on(self):
        first = a_link()
        again = a_link(first.patient, lasts=timedelta(days=9))
        somebody_elses = a_link()

        assert (again.pk, again.link_token) == (first.pk, first.link_token)
        assert again.expires_at - first.expires_at > timedelta(days=5)
        assert somebody_elses.pk != first.pk
        assert RecordLink.objects.live(clock.now()).get() == somebody_elses

    def test_gets_another_secret_with_the_mailbox_of_the_record(self):
        link = a_link()
        token = link.link_token
        end_links(Patient.objects.get(pk=link.patient_id), clock.now())

        assert not RecordLink.objects.for_link(token).exists()
        assert a_link(link.patient).pk == link.pk

    def test_is_forgotten_a_month_after_its_end(self):
        link, now = a_link(), clock.now()

        assert forget_ended(now + timedelta(days=32)) == 0
        assert forget_ended(now + timedelta(days=34)) == 1
        assert not RecordLink.objects.filter(pk=link.pk).exists()


class TestTheBirthday:
    def test_shows_what_was_said_for_two_hours_and_by_this_browser_alone(self, client):
        link = a_link()
        opened(link, client)
        asked = client.get(f"/forms/{link.reference}/answers/")
        before = client.session.session_key
        answer = client.post(f"/forms/{link.reference}/birthday/", RIGHT)

        assert asked.headers["Location"] == f"/forms/{link.reference}/birthday/"
        assert answer.headers["Location"] == f"/forms/{link.reference}/answers/"
        assert client.session.session_key != before
        opened(link, client)  # once more, as from the message
        assert text_of(client.get(f"/forms/{link.reference}/answers/")) == "What Ann Jones said"
        assert opened(link).get(f"/forms/{link.reference}/answers/").status_code == 302
        with time_machine.travel(clock.now() + SHOWN_LASTS):
            assert client.get(f"/forms/{link.reference}/answers/").status_code == 302

    def test_that_is_wrong_and_one_that_nobody_knows_get_the_same_answer(self):
        pages = []
        for patient in (PatientFactory(date_of_birth=BORN), PatientFactory(date_of_birth=None)):
            link = a_link(patient, subject=patient.pk)
            client = opened(link)
            answer = client.post(f"/forms/{link.reference}/birthday/", WRONG)
            pages.append((answer.status_code, TOKEN.sub("", text_of(answer))))
            assert 'value="28"' in text_of(answer)
            assert client.get(f"/forms/{link.reference}/answers/").status_code == 302

        assert pages[0] == pages[1]

    def test_is_tried_five_times_a_link_and_then_not_even_rightly(self, client):
        link = a_link()
        opened(link, client)
        tried = [client.post(f"/forms/{link.reference}/birthday/", WRONG).status_code for _ in range(5)]

        assert tried == [200] * 5
        assert client.post(f"/forms/{link.reference}/birthday/", RIGHT).status_code == 429
        assert client.get(f"/forms/{link.reference}/answers/").status_code == 302
        assert a_link(link.patient).pk != link.pk

    def test_is_tried_twenty_times_an_hour_from_one_address(self):
        for n in range(20):
            with pytest.raises(NotTheirs):
                check_birthday(a_link(subject=n), date(1990, 1, 1), address="192.0.2.7")

        with pytest.raises(NoTriesLeft):
            check_birthday(a_link(subject=99), BORN, address="192.0.2.7")
        check_birthday(a_link(subject=99), BORN, address="192.0.2.8")

    def test_of_the_record_that_remained_counts(self):
        kept = PatientFactory(date_of_birth=BORN)
        link = a_link(PatientFactory(date_of_birth=date(1990, 1, 1), merged_into=kept))

        check_birthday(link, BORN, address="192.0.2.7")

    def test_is_not_asked_of_the_patient_who_is_signed_in_but_of_those_who_help(self):
        link = a_link()
        for made, status in ((AccessFactory, 200), (CarerAccessFactory, 302)):
            client = opened(link, just_signed_in(made(patient=link.patient).user))
            assert client.get(f"/forms/{link.reference}/answers/").status_code == status


@pytest.mark.django_db(transaction=True)
@pytest.mark.race
def test_many_tries_at_once_are_five():
    link = a_link()

    def tried(n):
        try:
            check_birthday(link, date(1990, 1, 1), address=f"192.0.2.{n}")
        except (NotTheirs, NoTriesLeft) as refusal:
            return type(refusal)
        finally:
            connection.close()

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(tried, range(16)))

    assert answers.count(NotTheirs) == 5
    assert answers.count(NoTriesLeft) == 11

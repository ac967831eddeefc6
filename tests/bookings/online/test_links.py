"""F25: a link works as people and mail programs hand it on; P-B1, P-B2: the way to a visit is found from every page."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import quote

import pytest
from django.test import Client

from bookings.messages.planning.invitations import token_of
from bookings.visits.models import Appointment
from bookings.waiting_list.models import Offer, WaitingEntry
from clinic.accounts.models import User
from clinic.patients.models import JoinNotice
from tests.bookings.online.flow import MONDAY, small_clinic, text
from tests.factories.bookings import AppointmentFactory, HoldFactory
from tests.factories.clinic import AccessFactory, PatientFactory, StaffFactory
from tests.factories.content import make_site

pytestmark = pytest.mark.django_db
LEFT_BEHIND = [".", ")", "),", ">", "”.", "…", "!", " ", ".)", "];"]


@pytest.fixture(autouse=True)
def on_monday(time_machine):
    time_machine.move_to(MONDAY, tick=False)


@pytest.fixture
def small_site(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    return make_site()


@pytest.fixture
def visit():
    place = small_clinic()
    return AppointmentFactory(
        starts_at=datetime.fromisoformat("2026-11-25T10:15:00+00:00"),
        practitioner=place.aisha,
        treatment=place.peel,
        location=place.location,
        patient=PatientFactory(full_name="Sam Lee", email="sam@example.com"),
    )


@pytest.fixture
def links(visit):
    entry = WaitingEntry.objects.create(
        patient=visit.patient,
        treatment=visit.treatment,
        first_day="2026-11-23",
        last_day="2026-12-23",
        weekdays=[1],
        parts=["morning"],
        created_at=visit.created_at,
    )
    held = HoldFactory(treatment=visit.treatment)
    offer = Offer.objects.create(
        entry=entry,
        appointment=held,
        practitioner=held.practitioner,
        starts_at=held.starts_at,
        created_at=visit.created_at,
        expires_at=held.hold_expires_at,
    )
    return [
        f"/visit/{visit.link_token}/",
        f"/visit/{visit.link_token}/coming/",
        f"/waiting/{entry.link_token}/",
        f"/waiting/offers/{offer.link_token}/",
        f"/preferences/{token_of(visit.patient)}/",
        f"/unsubscribe/{token_of(visit.patient)}/",
        f"/not-me/{JoinNotice.objects.create(access=AccessFactory(patient=visit.patient)).link_token}/",
    ]


@pytest.mark.parametrize("glued", LEFT_BEHIND)
def test_what_is_glued_behind_a_link_is_taken_off(client, links, glued):
    """F25"""
    for link in links:
        for written in (link + quote(glued), link.rstrip("/") + quote(glued), f"{link}{quote(glued)}/"):
            for look in (client.get, client.head):
                answer = look(written)
                assert (answer.status_code, answer.headers.get("Location")) == (302, link), written
                assert answer.headers["Referrer-Policy"] == "no-referrer"


def test_head_answers_like_get_and_opens_nothing(links, visit):
    """F25: programs that look at links must not take part."""
    before = Appointment.objects.order_by("pk").values()
    for link in links:
        seen = Client()
        head = seen.head(link)
        assert "sessionid" not in seen.cookies, link
        get = Client().get(link)
        assert (head.status_code, head.headers.get("Location")) == (get.status_code, get.headers.get("Location")), link
        assert head.content == b""
    assert list(before) == list(Appointment.objects.order_by("pk").values())


def test_head_of_a_visits_own_pages(client, visit):
    """F25"""
    client.get(f"/visit/{visit.link_token}/")
    for rest in ("", "move/", "cancel/", "coming/", "calendar.ics"):
        assert client.head(f"/visit/{visit.reference}/{rest}").status_code == 200


def test_a_glued_post_changes_nothing(client, visit):
    client.get(f"/visit/{visit.link_token}/")
    assert client.post(f"/visit/{visit.reference}/.", {"version": 1}).status_code == 404


@pytest.mark.parametrize("page", ["/treatments/", "/practitioners/", "/blog/", "/book/", "/nothing-here/"])
def test_every_page_leads_to_ones_visit(client, page, small_site):
    """P-B1: by the menu and by the foot of the page."""
    shown = text(client.get(page))

    assert shown.count('href="/visit/find/"') >= 2
    assert "Find my booking" in shown


def test_the_home_page_and_the_login_page_lead_to_ones_visit(client, small_site):
    """P-B1"""
    assert 'Already booked? <a href="/visit/find/">' in text(client.get("/"))
    assert '<a href="/visit/find/">have it sent again</a>' in text(client.get("/accounts/login/"))


@pytest.mark.parametrize(
    ("make", "words", "href"),
    [
        (lambda: User.objects.create_user("sam@example.com"), "My visits", "/my/"),
        (lambda: StaffFactory(role="desk"), "Staff area", "/accounts/welcome/"),
    ],
)
def test_whoever_is_signed_in_is_told_so_on_cached_pages_too(client, small_site, make, words, href):
    """P-B2: and nobody else, before or after."""
    client.force_login(make())
    anyone = Client()
    for _ in range(2):
        anybody = anyone.get("/")
        mine = client.get("/")
        assert f'<a href="{href}">{words}</a>' in text(mine)
        assert "private" in mine.headers["Cache-Control"]
        assert words not in text(anybody)
        assert "public" in anybody.headers["Cache-Control"]
        assert not anybody.cookies

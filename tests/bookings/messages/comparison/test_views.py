from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.urls import reverse

from bookings.messages.models import Message
from bookings.visits.models.statuses import Status
from tests.factories.bookings import AppointmentFactory, LocationFactory, WordingFactory
from tests.factories.clinic import PatientFactory, PractitionerFactory, StaffFactory, TreatmentFactory, UserFactory
from tests.factories.content import make_staff

pytestmark = pytest.mark.django_db
NOW = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)
SINCE = NOW - timedelta(days=200)
URL = "/diary/messages/wordings/"


@pytest.fixture(autouse=True)
def _still():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def owner(client):
    client.force_login(StaffFactory(role="owner"))
    return client


@pytest.fixture
def pair():
    return [
        WordingFactory(variant="A", name="As it was", body="See you {{ when }}.", text_since=SINCE),
        WordingFactory(variant="B", name="Names the cost", body="A missed visit costs £30.", text_since=SINCE),
    ]


@pytest.fixture
def see():
    """Let so many visits be reminded with a wording, and end as told."""
    whom = {"treatment": TreatmentFactory(), "location": LocationFactory(), "patient": PatientFactory()}
    nurse, days = PractitionerFactory(), iter(range(1, 1000))

    def made(wording, *, attended=0, missed=0):
        for status in [Status.COMPLETED] * attended + [Status.NO_SHOW] * missed:
            starts_at = NOW - timedelta(hours=4 * next(days))
            visit = AppointmentFactory(status=status, starts_at=starts_at, practitioner=nurse, **whom)
            Message.objects.create(
                key=f"visit:{visit.pk}",
                kind="reminder",
                channel=wording.channel,
                wording=wording,
                appointment=visit,
                state="sent",
                sent_at=starts_at - timedelta(hours=48),
                due_at=starts_at - timedelta(hours=48),
                expires_at=starts_at,
            )

    return made


def text_of(response):
    return " ".join(response.content.decode().split())


def test_only_the_owner_comes_here(client):
    assert client.get(URL).status_code == 302
    for user in (UserFactory(), *(StaffFactory(role=role) for role in ("desk", "practitioner", "editor"))):
        client.force_login(user)
        assert client.get(URL).status_code == 403


def test_only_the_owner_is_shown_the_way(client):
    for role, is_shown in (("owner", True), ("desk", False), ("practitioner", False)):
        client.force_login(StaffFactory(role=role))
        assert (URL in client.get("/diary/messages/").content.decode()) == is_shown


@pytest.mark.parametrize(("role", "is_shown"), [("owner", True), ("editor", False)])
def test_only_the_owner_finds_it_in_the_cms(client, role, is_shown):
    client.force_login(make_staff(role))
    cms = client.get("/cms/")
    assert cms.status_code == 200
    assert (URL in cms.content.decode()) == is_shown


def test_it_is_read_and_never_posted_to(owner):
    assert owner.post(URL).status_code == 405


def test_without_a_wording_it_says_how_to_write_one(owner):
    page = text_of(owner.get(URL))
    assert "No wording of your own yet" in page
    assert "from 11.1 to 8.4 in 100" in page
    assert "10.1371/journal.pone.0137306" in page


@pytest.mark.parametrize(("variant", "other"), [("A", "B"), ("B", "A")])
def test_with_one_wording_it_says_how_to_run_two(owner, variant, other):
    WordingFactory(variant=variant, name="As it was", body="See you soon.")
    page = text_of(owner.get(URL))
    assert f'?kind=reminder&amp;channel=email">Write “{other}”</a>' in page
    assert "See you soon." in page
    assert "No wording of your own yet" not in page


def test_the_links_lead_the_owner_to_where_wordings_are_written(client):
    client.force_login(make_staff("owner"))
    context = client.get(URL).context
    for url in (f"{context['add']}?kind=reminder&channel=email", context["snippets"]):
        assert client.get(url).status_code == 200


def test_few_visits_are_too_early_and_both_wordings_are_shown(owner, pair, see):
    see(pair[0], attended=2, missed=1)
    page = text_of(owner.get(URL))
    assert "Too early to say" in page
    assert "Fewer than 30 visits with a known end for “A” (3) and “B” (0)." in page
    assert "33.3 in 100</strong>" in page
    assert "No visit with a known end yet" in page
    assert "A missed visit costs £30." in page
    assert "{{ when }}" in page
    assert "The more often one looks, the more often chance looks like a difference" in page
    assert "0 of 1,894 visits" in page


def test_a_small_difference_may_be_chance(owner, pair, see):
    see(pair[0], attended=36, missed=4)
    see(pair[1], attended=37, missed=3)
    page = text_of(owner.get(URL))
    assert "The difference may be only chance" in page
    assert "10.0 in 100</strong>" in page
    assert "7.5 in 100</strong>" in page
    assert "At the pace so far it takes another 25 years." in page


def test_a_large_difference_is_said(owner, pair, see):
    see(pair[0], attended=20, missed=20)
    see(pair[1], attended=38, missed=2)
    page = text_of(owner.get(URL))
    assert "Fewer visits were missed with “B”" in page
    assert "5.0 in 100 against 50.0." in page
    assert "callout--pine" in page


def test_a_trial_that_was_stopped_says_so(owner, pair):
    assert "Both in use" in text_of(owner.get(URL))
    pair[1].is_active = False
    pair[1].save()
    page = text_of(owner.get(URL))
    assert "Not running" in page
    assert "until one of them was put away" in page


def test_what_the_owner_wrote_is_shown_as_text(owner, pair):
    WordingFactory(variant="A", channel="sms", subject="", name="<b>bold</b>", body="<script>1</script>")
    page = text_of(owner.get(URL))
    assert "&lt;script&gt;1&lt;/script&gt;" in page
    assert "<b>bold</b>" not in page


@pytest.mark.parametrize("number", [1, 200])
def test_the_page_takes_the_same_statements_however_many_visits(owner, pair, see, number, django_assert_num_queries):
    see(pair[0], attended=number)
    owner.get(reverse("bookings:wordings"))
    with django_assert_num_queries(5):
        owner.get(URL)

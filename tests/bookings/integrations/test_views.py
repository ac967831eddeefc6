import re
from datetime import UTC, datetime

import pytest
import time_machine
from django.urls import reverse

from bookings.integrations import webhooks
from bookings.integrations.api_keys import find_key, make_key
from bookings.integrations.models import ApiKey, WebhookDelivery, WebhookEndpoint
from tests.factories.bookings import AppointmentFactory
from tests.factories.clinic import StaffFactory, UserFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 24, 9, 10, tzinfo=UTC)
URL = "/diary/integrations/"
KEY = {"make": "key", "key-name": "Website", "key-scopes": ["diary:read"]}
WEBHOOK = {
    "make": "webhook",
    "webhook-name": "Accounts",
    "webhook-url": "https://accounts.example/hook",
    "webhook-events": ["booking.booked", "booking.cancelled"],
}


@pytest.fixture(autouse=True)
def _still(settings):
    settings.WEBHOOKS_MAY_GO_ANYWHERE = False
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def owner(client):
    client.force_login(StaffFactory(role="owner", name="Olive Owner"))
    return client


@pytest.fixture
def endpoint():
    return WebhookEndpoint.objects.create(
        name="Accounts", url="https://accounts.example/hook", events=["booking.booked"], created_at=NOW
    )


@pytest.fixture
def delivery(endpoint):
    webhooks.plan(AppointmentFactory(), "booking.booked", NOW)
    return WebhookDelivery.objects.get()


def words(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def test_only_the_owner_comes_here(client, delivery):
    key = make_key(name="A", scopes=["diary:read"], by=StaffFactory(role="owner"), now=NOW)[0]
    addresses = [
        ("get", URL),
        ("post", URL),
        ("post", reverse("bookings:revoke_key", args=[key.pk])),
        ("get", reverse("bookings:webhook", args=[delivery.endpoint_id])),
        ("post", reverse("bookings:switch_webhook", args=[delivery.endpoint_id])),
        ("post", reverse("bookings:replay_webhook", args=[delivery.pk])),
    ]
    for method, address in addresses:
        client.logout()
        assert getattr(client, method)(address)["Location"].startswith("/accounts/login/")
        for user in (UserFactory(), StaffFactory(role="desk"), StaffFactory(role="practitioner")):
            client.force_login(user)
            assert getattr(client, method)(address, KEY if method == "post" else None).status_code == 403
    assert (ApiKey.objects.get().revoked_at, WebhookEndpoint.objects.get().is_active) == (None, True)


def test_only_the_owner_is_shown_the_way(client):
    for role, is_shown in (("owner", True), ("desk", False), ("practitioner", False)):
        client.force_login(StaffFactory(role=role))
        assert (f'href="{URL}"' in client.get("/diary/").content.decode()) is is_shown


@pytest.mark.parametrize("role", ["owner", "practitioner", "desk", "editor"])
def test_staff_are_led_only_where_they_may_go(client, role):
    """From the diary to the CMS, and from the CMS to the diary."""
    client.force_login(StaffFactory(role=role))
    for start, targets in (("/diary/", ["/cms/"]), ("/cms/", ["/diary/", "/diary/holidays/"])):
        page = client.get(start)
        for target in targets:
            is_led = page.status_code == 200 and f'"{target}"' in page.content.decode()
            assert not is_led or client.get(target).status_code == 200, (start, target)


def test_a_key_is_made_and_its_secret_shown_once(owner):
    made = owner.post(URL, KEY)

    assert made.status_code == 200
    assert "no-store" in made["Cache-Control"]
    [secret] = set(re.findall(r"jck_[\w-]{40,}", made.content.decode()))
    assert find_key(secret, NOW).name == "Website"
    later = owner.get(URL)
    assert secret not in later.content.decode()
    for told in ("Website", secret[:12], "Read the diary", "Last used 24 November 2026", "by Olive Owner"):
        assert told in words(later)


def test_a_key_is_revoked(owner):
    _, secret = make_key(name="Website", scopes=["diary:read"], by=StaffFactory(role="owner"), now=NOW)
    revoke = reverse("bookings:revoke_key", args=[ApiKey.objects.get().pk])

    for _ in range(2):
        page = owner.post(revoke, follow=True)
    assert "Website: revoked" in words(page)
    assert revoke not in page.content.decode()
    assert find_key(secret, NOW) is None
    assert owner.get(revoke).status_code == 405
    assert owner.post(reverse("bookings:revoke_key", args=[10**30])).status_code == 404


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"key-name": " "}, "Enter a name"),
        ({"key-name": "x" * 81}, "Use 80 characters at most"),
        ({"key-scopes": []}, "Choose at least one thing that this key may do"),
        ({"key-scopes": ["diary:burn"]}, "Choose from the list"),
        ({"key-name": "a\x00b"}, "Null characters"),
    ],
)
def test_a_wrong_key_form_says_what_is_wrong_and_keeps_the_rest(owner, changes, error):
    page = owner.post(URL, KEY | changes)

    assert page.status_code == 422
    assert error in words(page)
    assert "<title>Error: " in page.content.decode()
    assert "Enter an address" not in words(page)
    if "key-scopes" in changes:
        assert 'value="Website"' in page.content.decode()
    assert not ApiKey.objects.exists()


def test_a_webhook_is_added_and_its_page_shows_the_signing_secret(owner):
    page = owner.post(URL, WEBHOOK, follow=True)

    endpoint = WebhookEndpoint.objects.get()
    assert (endpoint.url, endpoint.events) == ("https://accounts.example/hook", ["booking.booked", "booking.cancelled"])
    assert endpoint.secret in page.content.decode()
    for told in ("https://accounts.example/hook", "Booked, cancelled", "Nothing has been sent there yet."):
        assert told in words(page)
    assert "Accounts" in words(owner.get(URL))


@pytest.mark.parametrize(
    ("url", "error"),
    [
        ("", "Enter an address"),
        ("not an address", "Enter an address, like"),
        ("ftp://accounts.example/", "starts with https://"),
        ("http://accounts.example/", "starts with https://"),
        ("https://sam:secret@accounts.example/", "Leave out the user name"),
        ("https://127.0.0.1/", "reached from the internet"),
        ("https://10.0.0.8/hook", "reached from the internet"),
        ("https://[::1]/", "reached from the internet"),
        ("https://localhost/", "reached from the internet"),
        ("https://printer.local/", "reached from the internet"),
        ("https://" + "a" * 500 + ".example/", "Enter an address, like"),
    ],
)
def test_an_address_that_cannot_be_is_refused_beside_its_field(owner, url, error):
    page = owner.post(URL, WEBHOOK | {"webhook-url": url})

    assert page.status_code == 422
    assert error in words(page)
    assert not WebhookEndpoint.objects.exists()


def test_a_webhook_is_switched_off_and_on(owner, delivery):
    switch = reverse("bookings:switch_webhook", args=[delivery.endpoint_id])

    off = owner.post(switch, {"to": "off"}, follow=True)
    assert "Nothing more is sent there" in words(off)
    assert "Switch on" in words(off)
    delivery.refresh_from_db()
    assert delivery.state == "failed"
    owner.post(switch, {"to": "on"})
    assert WebhookEndpoint.objects.get().is_active


def test_deliveries_show_how_they_fared_and_can_be_replayed(owner, delivery):
    page = reverse("bookings:webhook", args=[delivery.endpoint_id])
    replay = reverse("bookings:replay_webhook", args=[delivery.pk])
    assert replay not in owner.get(page).content.decode()
    assert "on its way already" in words(owner.post(replay, follow=True))

    WebhookDelivery.objects.update(state="failed", error="Answered 500.", attempts=10)
    shown = owner.get(page)
    assert replay in shown.content.decode()
    for told in ("Booked", delivery.appointment.reference, "Failed", "Answered 500."):
        assert told in words(shown)
    assert "sent again in a moment" in words(owner.post(replay, follow=True))
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts) == ("planned", 0)


@pytest.mark.parametrize("number", [1, 5])
def test_pages_take_the_same_statements_however_much_there_is(owner, endpoint, number, django_assert_num_queries):
    for n in range(number):
        make_key(name=str(n), scopes=["diary:read"], by=StaffFactory(role="owner"), now=NOW)
        webhooks.plan(AppointmentFactory(), "booking.booked", NOW)
    page = reverse("bookings:webhook", args=[endpoint.pk])
    owner.get(URL)

    with django_assert_num_queries(6):
        owner.get(URL)
    with django_assert_num_queries(6):
        owner.get(page)

"""No member of staff without a second factor gets an answer, on whatever path."""

from __future__ import annotations

from urllib.parse import parse_qs

import pytest
from allauth.account.internal.flows.reauthentication import STATE_SESSION_KEY
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from clinic.accounts.models import User
from clinic.core import clock
from clinic.staff.models import Enrolment
from tests.clinic.staff.conftest import SEED, enrolled, signed_in
from tests.factories.browsers import code_for
from tests.factories.clinic import PASSWORD, StaffFactory, UserFactory
from tests.factories.content import make_site
from tests.project.test_urls import PART, every_route

pytestmark = pytest.mark.django_db
SAMPLES = {"int": "1", "uuid": "00000000-0000-0000-0000-000000000000", "path": "some/path", "slug": "x"}
OPEN = ("/healthz", "/readyz", "/metrics", "/accounts/logout/")


def addresses():
    routes = (PART.sub(lambda part: SAMPLES.get(part["converter"], "something"), one) for one in every_route())
    return [one for one in routes if not one.startswith(OPEN)]


@pytest.mark.parametrize("is_enrolled", [True, False], ids=["factor not used", "no factor"])
def test_no_address_answers_without(is_enrolled):
    make_site()
    user = enrolled(role="owner") if is_enrolled else StaffFactory(role="owner")
    User.objects.filter(pk=user.pk).update(is_superuser=True)
    client = signed_in(user, by_second_factor=False)
    answered = {}
    for address in addresses():
        for headers in ({}, {"HX-Request": "true"}):
            answer = client.get(address, headers=headers)
            is_led = answer.status_code in {302, 401} and answer.get("Location", "/accounts/").startswith("/accounts/")
            if not is_led:
                answered[address] = answer.status_code

    own = {"/accounts/2fa/reauthenticate/", "/accounts/2fa/webauthn/reauthenticate/"}
    steps = {"/accounts/start/", "/accounts/2fa/totp/activate/", "/accounts/2fa/webauthn/add/"}
    steps |= {"/accounts/confirm/code/"}
    steps |= {"/accounts/invitation/something/", "/accounts/recovery/something/", "/accounts/reauthenticate/"}
    assert len(addresses()) > 250
    assert set(answered) <= (own if is_enrolled else steps), answered


def test_a_session_with_it_works_everywhere():
    client = signed_in(enrolled(role="owner"))

    for address in ("/diary/", "/staff/", "/cms/", "/accounts/2fa/"):
        assert client.get(address).status_code == 200, address


def test_a_prefix_that_a_proxy_names_opens_nothing():
    """WSGI's SCRIPT_NAME comes before the address that decides which view answers."""
    client = signed_in(enrolled(role="owner"), by_second_factor=False)

    for prefix in ("/static", "/accounts/logout", "/accounts/2fa/reauthenticate"):
        assert client.get("/diary/", SCRIPT_NAME=prefix).status_code == 302, prefix


def test_patients_are_not_asked():
    client = Client()
    client.force_login(UserFactory())

    assert client.get("/my/").status_code == 200


def test_what_a_form_sent_is_done_after_the_code():
    owner = enrolled(role="owner")
    other = enrolled(role="desk")
    client = signed_in(owner, by_second_factor=False)

    asked = client.post(f"/staff/{other.pk}/", {"roles": ["desk", "editor"]})
    assert asked["Location"].startswith("/accounts/2fa/reauthenticate/")
    assert set(other.groups.values_list("name", flat=True)) == {"desk"}
    client.post(asked["Location"], {"code": code_for(SEED), "next": f"/staff/{other.pk}/"})

    assert set(other.groups.values_list("name", flat=True)) == {"desk", "editor"}


def test_a_form_with_a_query_is_done_too():
    """allauth compares the address without its query with where it leads, which has it."""
    owner = enrolled(role="owner")
    other = enrolled(role="desk")
    client = signed_in(owner, by_second_factor=False)

    asked = client.post(f"/staff/{other.pk}/?from=people", {"roles": ["desk", "editor"]})
    address, _, query = asked["Location"].partition("?")
    client.post(f"{address}?{query}", {"code": code_for(SEED), "next": parse_qs(query)["next"][0]})

    assert set(other.groups.values_list("name", flat=True)) == {"desk", "editor"}


@pytest.mark.parametrize("length", ["none", "64001"])
def test_what_is_too_long_or_says_no_length_is_not_kept(length):
    client = signed_in(enrolled(role="owner"), by_second_factor=False)

    asked = client.post("/staff/", {"email": "x@clinic.example"}, CONTENT_LENGTH=length)

    assert asked["Location"].startswith("/accounts/2fa/reauthenticate/")
    assert STATE_SESSION_KEY not in client.session


def test_a_form_of_another_site_is_not_kept_to_be_done_after_the_code():
    owner = enrolled(role="owner")
    other = enrolled(role="desk")
    client = signed_in(owner, by_second_factor=False)
    client.handler.enforce_csrf_checks = True

    forged = client.post(f"/staff/{other.pk}/", {"roles": ["desk", "editor"]})
    address = "/accounts/2fa/reauthenticate/"
    client.get(address)
    own = client.cookies["csrftoken"].value
    client.post(address, {"code": code_for(SEED), "next": f"/staff/{other.pk}/", "csrfmiddlewaretoken": own})

    assert forged.status_code == 403
    assert client.get("/diary/").status_code == 200
    assert set(other.groups.values_list("name", flat=True)) == {"desk"}


@pytest.mark.parametrize("who", ["superuser", "member of a role"])
def test_rights_without_the_mark_of_staff_are_asked_too(who):
    """The CMS asks for permissions alone, which these have."""
    user = UserFactory(is_superuser=who == "superuser")
    if who != "superuser":
        user.groups.add(Group.objects.get_or_create(name="owner")[0])
    client = Client()
    client.force_login(user)

    assert client.get("/cms/")["Location"] == "/accounts/start/"
    assert "How you will sign in" in client.get("/accounts/start/").content.decode()


def test_a_wrong_code_opens_nothing():
    client = signed_in(enrolled(role="owner"), by_second_factor=False)

    client.post("/accounts/2fa/reauthenticate/", {"code": "000000"})

    assert client.get("/diary/").status_code == 302


def test_the_password_asked_once_more_is_no_second_factor():
    user = enrolled(role="owner")
    user.set_password(PASSWORD)
    user.save()
    client = signed_in(user, by_second_factor=False)

    client.post("/accounts/reauthenticate/", {"password": PASSWORD})

    assert client.get("/diary/").status_code == 302


def test_fragments_and_the_api_are_refused_without_data():
    client = signed_in(enrolled(role="owner"), by_second_factor=False)

    fragment = client.get("/diary/", headers={"HX-Request": "true"})
    api = client.get("/api/v1/treatments")

    assert (fragment.status_code, fragment.content) == (401, b"")
    assert fragment["HX-Redirect"].startswith("/accounts/2fa/reauthenticate/")
    assert (api.status_code, api["Content-Type"]) == (401, "application/problem+json")


def test_who_takes_the_last_factor_away_sets_up_another_first():
    user = enrolled(role="owner")
    client = signed_in(user)
    assert client.get("/diary/").status_code == 200
    Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).delete()
    client = signed_in(user, by_second_factor=False)

    assert client.get("/diary/")["Location"] == "/accounts/start/"


def test_a_superuser_made_on_the_host_enrols_first():
    user = User.objects.create_superuser("root@clinic.example", PASSWORD)
    client = signed_in(user, by_second_factor=False)

    assert client.get("/diary/")["Location"] == "/accounts/start/"
    assert "Your name" in client.get("/accounts/start/").content.decode()
    client.post("/accounts/start/", {"name": "Rosa Root"})
    assert "How you will sign in" in client.get("/accounts/start/").content.decode()


def test_the_agreement_is_asked_of_who_was_here_before():
    user = enrolled(role="desk")
    Enrolment.objects.filter(user=user).update(agreed_at=None)
    client = signed_in(user)

    assert client.get("/diary/")["Location"] == "/accounts/start/"
    client.post("/accounts/start/", {"agreed": "on"})
    assert client.get("/diary/").status_code == 200
    assert Enrolment.objects.get(user=user).agreed_at <= clock.now()


def test_switched_off_nobody_is_asked(settings):
    settings.STAFF_SECOND_FACTOR = False
    client = signed_in(StaffFactory(role="desk"), by_second_factor=False)

    assert client.get("/diary/").status_code == 200


def test_it_costs_a_page_no_statement(django_assert_num_queries, settings):
    client = signed_in(enrolled(role="desk"))
    client.get("/diary/lately/")
    settings.STAFF_SECOND_FACTOR = False

    with CaptureQueriesContext(connection) as without:
        client.get("/diary/lately/")
    settings.STAFF_SECOND_FACTOR = True

    with django_assert_num_queries(len(without)):
        client.get("/diary/lately/")

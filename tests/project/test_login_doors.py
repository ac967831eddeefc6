"""There is one page to sign in at: every view that can sign someone in is listed here, and a password opens no other."""

from __future__ import annotations

import inspect
import re
import sys
from functools import cache

import pytest
from allauth.account.internal.flows.login import perform_login
from allauth.account.models import EmailAddress
from django.contrib import auth
from django.contrib.auth import views as auth_views
from django.test import Client
from django.urls import Resolver404, URLPattern, URLResolver, get_resolver, resolve
from django.urls.resolvers import RoutePattern
from django.utils.regex_helper import normalize
from wagtail.admin.forms.collections import CollectionViewRestrictionForm
from wagtail.models import Collection, CollectionViewRestriction

from tests.factories.clinic import StaffFactory
from tests.factories.content import make_site

PART = re.compile(r"<(?:(?P<converter>\w+):)?(?P<name>\w+)>")
SAMPLES = {
    "int": "1",
    "path": "some/path",
    "reference": "22222222",
    "token": "t" * 43,
    "uuid": "00000000-0000-0000-0000-000000000000",
}
PASSWORD = "a-long-password-of-ours"
DOOR = "/accounts/login/"
pytestmark = pytest.mark.usefixtures("cache_of_this_test")
# By a secret link from the person's own mailbox, to the enrolment alone: tests/clinic/staff/.
BY_LINK = {"/accounts/invitation/something/", "/accounts/recovery/something/", "/accounts/start/"}
LOGS_IN = (auth_views.LoginView, auth_views.PasswordResetConfirmView)
LOGIN_WORDS = {auth.login, auth.authenticate, perform_login}


@pytest.fixture
def owner(db):
    make_site()
    owner = StaffFactory(email="owner@example.com", role="owner")
    owner.set_password(PASSWORD)
    owner.is_superuser = True  # whatever a door asks of a person, this one has it
    owner.save()
    EmailAddress.objects.create(user=owner, email=owner.email, verified=True, primary=True)
    return owner


@cache
def every_pattern() -> tuple[tuple[str, object], ...]:
    """Each address of the site, with samples in place of its parts, and its view."""
    return tuple(_walk(get_resolver().url_patterns, "/"))


def _walk(patterns, prefix):
    for entry in patterns:
        for part in _written(entry.pattern):
            if isinstance(entry, URLResolver):
                yield from _walk(entry.url_patterns, prefix + part)
            elif isinstance(entry, URLPattern):
                yield prefix + part, entry.callback


def _written(pattern) -> list[str]:
    if isinstance(pattern, RoutePattern):
        return [PART.sub(lambda part: SAMPLES.get(part["converter"], "something"), str(pattern))]
    ways = normalize(pattern.regex.pattern)
    return [way % dict.fromkeys(names, "1") for way, names in ways[:1]]


def views() -> list[tuple[str, object]]:
    """Of each address the view that answers it: Wagtail's own pages stand behind some of ours."""
    return [(address, view) for address, view in every_pattern() if _answers(address) is view]


def _answers(address: str) -> object:
    try:
        return resolve(address).func
    except Resolver404:
        return None


def test_no_view_but_allauths_can_log_anyone_in():
    """Judged by the functions and classes that its module uses."""
    can = {address for address, view in views() if not _module(view).startswith("allauth.") and _can_log_in(view)}

    assert len(views()) > 300
    assert can == BY_LINK


def _module(view) -> str:
    return getattr(view, "view_class", inspect.unwrap(view)).__module__


def _can_log_in(view) -> bool:
    kind = getattr(view, "view_class", None)
    module = vars(sys.modules[_module(view)])
    uses_login = any(callable(value) and value in LOGIN_WORDS for value in map(_hashable, module.values()))
    return uses_login or (kind is not None and issubclass(kind, LOGS_IN))


def _hashable(value):
    return value if inspect.isfunction(value) else None


def test_right_words_open_one_door_alone(owner):
    """Every address is tried with the owner's own password, by someone without a session."""
    words = dict.fromkeys(("login", "username", "email"), owner.email)
    words |= dict.fromkeys(("password", "password1", "password2", "new_password1", "new_password2"), PASSWORD)
    opened = set()
    for address, _ in views():
        client = Client(raise_request_exception=False)
        client.post(address, words)
        if "_auth_user_id" in client.session:
            opened.add(address)

    assert opened == {DOOR}


@pytest.mark.parametrize("address", ["/cms/login/", "/_util/login/", "/cms/", "/cms/pages/"])
def test_the_other_doors_lead_to_the_one(owner, address):
    answer = Client().get(address, {"next": "/cms/reports/"}, follow=True)

    assert answer.request["PATH_INFO"] == DOOR
    assert answer.status_code == 200


@pytest.mark.parametrize("address", ["/cms/password_reset/", "/cms/password_reset/confirm/MQ/set-password/"])
def test_passwords_are_reset_at_the_one_door(owner, address):
    assert Client().get(address).status_code == 404


def test_tries_are_counted_there(owner):
    """40 wrong passwords, and then the right one does not help."""
    client = Client()
    answers = [client.post(DOOR, {"login": owner.email, "password": f"wrong {n}"}) for n in range(40)]
    client.post(DOOR, {"login": owner.email, "password": PASSWORD})

    assert answers[-1].status_code == 429 or "Too many" in answers[-1].content.decode()
    assert "_auth_user_id" not in client.session


def test_no_shared_password_opens_documents(owner):
    """It could be guessed without limit. Neither offered nor asked for."""
    restriction = CollectionViewRestriction.objects.create(
        collection=Collection.get_first_root_node(), restriction_type="password", password="shared"
    )
    answer = Client().post(f"/documents/authenticate_with_password/{restriction.pk}/", {"password": "shared"})
    offered = CollectionViewRestrictionForm(instance=restriction).fields["restriction_type"].choices

    assert answer.status_code == 404
    assert "password" not in dict(offered)

"""An owner, and someone who comes by the link of an invitation, through the pages."""

from __future__ import annotations

import re

import pytest
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.core import mail
from django.test import Client, RequestFactory

from bookings.messages.delivery.loop import run_once
from bookings.messages.sender import Sender
from clinic.core import clock
from clinic.staff.models import Enrolment
from tests.factories.browsers import code_for
from tests.factories.clinic import StaffFactory

LINK = re.compile(r"https?://[^/\s]+(/accounts/(?:invitation|recovery)/\S+)")
SECRET = re.compile(r"\b[A-Z2-7]{32}\b")
SEED = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def letters():
    """What was mailed until now, the queue emptied first."""
    with Sender() as send:
        run_once(now=clock.now(), send=send)
    return mail.outbox


def link_in_last_mail(to):
    found = [LINK.search(letter.body) for letter in letters() if to in letter.to]
    return [link.group(1) for link in found if link][-1]


def enrolled(role="owner", **fields):
    """A member of staff who did every step, with an app."""
    user = StaffFactory(role=role, **fields)
    user.emailaddress_set.create(email=user.email, verified=True, primary=True)
    TOTP.activate(user, SEED)
    RecoveryCodes.activate(user)
    Enrolment.objects.create(user=user, codes_kept_at=clock.now(), agreed_at=clock.now())
    return user


def signed_in(user, *, by_second_factor=True):
    """A browser of `user`, in whose session a second factor was used, or not."""
    client = Client()
    client.force_login(user)
    if by_second_factor:
        session = client.session
        request = RequestFactory().get("/")
        request.session = session
        record_authentication(request, user, method="mfa", type=Authenticator.Type.TOTP, reauthenticated=True)
        session.save()
    return client


def set_up_app(browser):
    page = browser.get("/accounts/2fa/totp/activate/")
    secret = SECRET.search(page.content.decode()).group()
    return browser.post("/accounts/2fa/totp/activate/", {"code": code_for(secret)}, follow=True)


def keep_a_code(browser):
    codes = browser.get("/accounts/start/").context["codes"]
    return browser.post("/accounts/start/", {"code": codes[3]}, follow=True)


@pytest.fixture(autouse=True)
def _second_factor_is_asked(settings):
    settings.STAFF_SECOND_FACTOR = True


@pytest.fixture
def owner(db):
    return enrolled(email="owner@clinic.example", name="Olive Owner")


@pytest.fixture
def at_desk(owner):
    """The owner's browser."""
    return signed_in(owner)

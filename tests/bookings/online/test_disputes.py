"""“This wasn't me”, in a letter about an account: what was let in is put out, and the clinic hears of it."""

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.test import Client

from bookings.messages.models import Message
from bookings.messages.planning.account_letters import letter_of
from clinic.accounts.models import NOTICE_LASTS, AccountNotice
from clinic.accounts.rights import Role
from clinic.accounts.signing_in import notices
from clinic.core import clock
from clinic.core.models import ClinicSettings
from clinic.patients.models import AccessInvitation, PatientAccess
from tests.bookings.online.flow import MONDAY, text
from tests.factories.clinic import AccessFactory, CarerAccessFactory, StaffFactory, UserFactory

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def clinic(time_machine):
    time_machine.move_to(MONDAY, tick=False)
    clinic = ClinicSettings.load()
    clinic.email = "hello@example.com"
    clinic.save()


def account(address, **values):
    user = UserFactory(email=address, **values)
    EmailAddress.objects.create(user=user, email=address, verified=True, primary=True)
    return user


@pytest.fixture
def user():
    return account("sam@example.com")


def told(user, to=None):
    return notices.tell(user, "account/email/new_device", {}, to=to or user.email, now=clock.now())


def link(notice):
    return f"/not-me/{notice.link_token}/"


def letters_to(address):
    return [letter_of(row).text for row in Message.objects.filter(kind="account", recipient=address)]


def test_the_letter_has_the_link(user):
    notice = told(user)

    assert f"http://testserver{link(notice)}" in letters_to(user.email)[0]


@pytest.mark.parametrize("method", ["get", "head"])
def test_to_open_it_changes_nothing(user, method):
    signed_in = Client()
    signed_in.force_login(user)
    answer = getattr(Client(), method)(link(told(user)))

    assert answer.status_code == 200
    assert not answer.cookies
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert signed_in.get("/my/").status_code == 200


def test_the_button_ends_sessions_and_what_was_given_in_the_last_day(user):
    now, signed_in = clock.now(), Client()
    sam = AccessFactory(user=user, starts_at=now - 40 * DAY)
    old = CarerAccessFactory(patient=sam.patient, starts_at=now - 2 * DAY)
    new = CarerAccessFactory(patient=sam.patient, starts_at=now - DAY / 2)
    elsewhere = CarerAccessFactory(starts_at=now)
    asked = AccessInvitation.objects.create(
        patient=sam.patient, email="x@example.com", may=["visits"], ends_at=now + DAY, invited_by=user, invited_at=now,
        expires_at=now + DAY,
    )  # fmt: skip
    key = Authenticator.objects.create(user=user, type="webauthn", data={})
    signed_in.force_login(user)
    page = text(Client(enforce_csrf_checks=True).post(link(told(user))))

    assert "Thank you for telling us" in page
    assert signed_in.get("/my/").status_code == 302
    live = PatientAccess.objects.live(now)
    assert set(live) == {sam, old, elsewhere}
    assert new not in live
    asked.refresh_from_db()
    assert asked.revoked_at
    assert not Authenticator.objects.filter(pk=key.pk).exists()
    user.refresh_from_db()
    assert user.is_active
    assert "This wasn’t me" in letters_to("hello@example.com")[0]
    assert "sam@" not in letters_to("hello@example.com")[0]


def test_twice_is_once(user):
    notice = told(user)
    assert [Client().post(link(notice)).status_code for _ in range(2)] == [200, 200]

    assert len(letters_to("hello@example.com")) == 1


def test_from_an_address_that_was_changed_it_closes_the_account_till_staff_open_it(user):
    notice = told(user, to="before@example.com")
    page = text(Client().post(link(notice)))
    user.refresh_from_db()
    assert "Nobody can sign in to it" in page
    assert not user.is_active

    desk = Client()
    desk.force_login(StaffFactory(role=Role.DESK))
    assert "sam@example.com" in text(desk.get("/diary/messages/?tab=check"))
    desk.post(f"/diary/messages/accounts/{notice.pk}/settle/", {"reopen": "yes"})

    user.refresh_from_db()
    assert user.is_active
    assert "sam@example.com" not in text(desk.get("/diary/messages/?tab=check"))
    assert desk.post(f"/diary/messages/accounts/{notice.pk}/settle/").status_code == 404


def test_of_staff_every_owner_is_told_and_their_only_passkey_stays():
    owner, nurse = StaffFactory(role=Role.OWNER), StaffFactory(role=Role.PRACTITIONER)
    key = Authenticator.objects.create(user=nurse, type="webauthn", data={})
    signed_in = Client()
    signed_in.force_login(nurse)
    Client().post(link(told(nurse)))

    assert signed_in.get("/diary/").status_code == 302
    assert Authenticator.objects.filter(pk=key.pk).exists()
    assert str(nurse) in letters_to(owner.email)[0]


def test_a_link_that_never_was_or_is_too_old_is_a_broken_link(user, time_machine):
    notice = told(user)
    time_machine.shift(NOTICE_LASTS)

    assert Client().post(link(notice)).status_code == 404
    assert Client().post(f"/not-me/{'t' * 43}/").status_code == 404
    assert notices.forget_old(clock.now()) == 1
    assert not AccountNotice.objects.exists()


def test_what_is_to_be_checked_is_not_forgotten(user, time_machine):
    Client().post(link(told(user)))
    time_machine.shift(2 * NOTICE_LASTS)

    assert notices.forget_old(clock.now()) == 0


def test_an_old_mailbox_never_shuts_out_the_only_owner():
    owner = StaffFactory(role=Role.OWNER)
    Client().post(link(told(owner, to="before@example.com")))
    owner.refresh_from_db()
    assert owner.is_active

    StaffFactory(role=Role.OWNER)
    Client().post(link(told(owner, to="before@example.com")))
    owner.refresh_from_db()
    assert not owner.is_active


def test_whoever_took_an_account_over_does_not_close_it_again_once_staff_have_opened_it(user):
    old, of_thief = told(user, to="before@example.com"), told(user, to="thief@example.com")
    Client().post(link(old))
    desk = Client()
    desk.force_login(StaffFactory(role=Role.DESK))
    desk.post(f"/diary/messages/accounts/{old.pk}/settle/", {"reopen": "yes"})

    assert Client().post(link(of_thief)).status_code == 404
    user.refresh_from_db()
    assert user.is_active

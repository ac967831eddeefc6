"""What a patient changes of their own record: with its history, told to the address before, and never blindly."""

import re
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.test import Client

from bookings.messages.models import Message
from bookings.messages.planning.account_letters import letter_of
from bookings.waiting_list.models import WaitingEntry
from clinic.accounts.models import AccountNotice
from clinic.core import clock
from clinic.patients.history import corrections
from tests.bookings.online.flow import MONDAY, hidden, text
from tests.factories.bookings import AppointmentFactory
from tests.factories.browsers import just_signed_in
from tests.factories.clinic import AccessFactory, CarerAccessFactory, UserFactory

pytestmark = pytest.mark.django_db
PAGE = "/my/details/"


@pytest.fixture(autouse=True)
def now(time_machine):
    time_machine.move_to(MONDAY, tick=False)


@pytest.fixture
def user():
    user = UserFactory(email="sam@example.com")
    EmailAddress.objects.create(user=user, email="sam@example.com", verified=True, primary=True)
    return user


@pytest.fixture
def sam(user):
    return AccessFactory(user=user, patient__email="sam@example.com", patient__full_name="Sam Lee").patient


@pytest.fixture
def fresh(signed_in, user):
    just_signed_in(user, signed_in)


@pytest.fixture
def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def typed(client, **changes):
    known = {"phone": "07700 900123", "contact_by": "both", "letter_format": "standard", "access_needs": ""}
    return hidden(client.get(PAGE)) | known | changes


def letters():
    return [(row.recipient, letter_of(row)) for row in Message.objects.filter(kind="account").order_by("created_at")]


def test_shows_the_record(signed_in, sam):
    page = text(signed_in.get(PAGE))

    assert "Sam Lee" in page
    assert "27 March 1988" in page


def test_what_is_saved_has_a_history_and_is_told_to_the_address(signed_in, sam):
    answer = signed_in.post(PAGE, typed(signed_in, letter_format="large_print", access_needs="A  hearing loop"))

    assert answer.status_code == 302
    sam.refresh_from_db()
    assert (sam.letter_format, sam.access_needs) == ("large_print", "A hearing loop")
    assert [change.what for change in corrections(sam)[0].changes] == ["Emails as", "Access needs"]
    ((to, letter),) = letters()
    assert to == "sam@example.com"
    assert "emails as, access needs" in letter.text
    assert f"/not-me/{AccountNotice.objects.get().link_token}/" in letter.text
    assert "hearing" not in letter.text


def test_the_same_once_more_tells_nobody(signed_in, sam):
    assert signed_in.post(PAGE, typed(signed_in)).status_code == 302
    assert letters() == []


def test_another_number_takes_a_fresh_sign_in(signed_in, sam):
    answer = signed_in.post(PAGE, typed(signed_in, phone="07700 900999"))

    assert answer.status_code == 302
    assert "/accounts/" in answer.headers["Location"]
    sam.refresh_from_db()
    assert str(sam.phone) == "+447700900123"


def test_another_address_is_one_that_the_account_has_proved_and_the_old_one_is_told(signed_in, sam, user, fresh):
    EmailAddress.objects.create(user=user, email="new@example.com", verified=True)
    EmailAddress.objects.create(user=user, email="unproved@example.com", verified=False)

    assert signed_in.post(PAGE, typed(signed_in, email="unproved@example.com")).status_code == 422
    assert signed_in.post(PAGE, typed(signed_in, email="new@example.com")).status_code == 302

    sam.refresh_from_db()
    assert sam.email == "new@example.com"
    assert [to for to, _ in letters()] == ["sam@example.com"]


def test_an_old_address_that_was_never_the_accounts_parts_the_two_and_shuts_nobody_out(signed_in, sam, user, fresh):
    sam.email = "family@example.com"
    sam.save()
    assert signed_in.post(PAGE, typed(signed_in, email="sam@example.com")).status_code == 302
    ((to, letter),) = letters()
    assert to == "family@example.com"
    Client().post(re.search(r"/not-me/[\w-]+/", letter.text).group())

    user.refresh_from_db()
    assert user.is_active
    assert signed_in.get("/my/").status_code == 200
    assert sam.accesses.get().revoked_at


def test_links_in_the_former_mailbox_open_nothing_once_the_address_is_changed(signed_in, sam, user, fresh):
    EmailAddress.objects.create(user=user, email="new@example.com", verified=True)
    visit = AppointmentFactory(patient=sam, starts_at=clock.now() + timedelta(days=3))
    today = clock.today(clock.now())
    wish = WaitingEntry.objects.create(
        patient=sam,
        treatment=visit.treatment,
        first_day=today,
        last_day=today + timedelta(days=9),
        created_at=clock.now(),
    )
    links = [f"/visit/{visit.link_token}/", f"/waiting/{wish.link_token}/"]
    reader = Client()
    assert [reader.get(link).status_code for link in links] == [302, 302]

    signed_in.post(PAGE, typed(signed_in, letter_format="large_print"))
    assert reader.get(f"/visit/{visit.reference}/").status_code == 200
    signed_in.post(PAGE, typed(signed_in, email="new@example.com"))

    assert reader.get(f"/visit/{visit.reference}/").status_code == 404
    assert [Client().get(link).status_code for link in links] == [404, 404]
    assert signed_in.get(f"/visit/{visit.reference}/").status_code == 200


def test_two_tabs_never_overwrite_one_another_silently(signed_in, sam):
    first, second = typed(signed_in, access_needs="Step-free"), typed(signed_in, letter_format="text_only")
    signed_in.post(PAGE, first)
    refused = signed_in.post(PAGE, second)

    assert refused.status_code == 409
    assert "changed meanwhile" in text(refused)
    assert "Step-free" in text(refused)
    sam.refresh_from_db()
    assert (sam.access_needs, sam.letter_format) == ("Step-free", "standard")

    assert signed_in.post(PAGE, hidden(refused) | {**second, "seen": hidden(refused)["seen"]}).status_code == 302


def test_what_is_not_right_is_said_and_kept(signed_in, sam):
    answer = signed_in.post(PAGE, typed(signed_in, phone="12", access_needs="A loop"))

    assert answer.status_code == 422
    assert "Enter a phone number" in text(answer)
    assert "A loop" in text(answer)


def test_nobody_without_a_record_and_nobody_who_helps(signed_in, user):
    helped = CarerAccessFactory(user=user, patient__full_name="Robin Lee", patient__access_needs="Hidden").patient
    page = text(signed_in.get(PAGE))

    assert "Find your visits" in page
    assert "Hidden" not in page
    assert signed_in.post(PAGE, {"phone": "07700 900999"}).status_code == 200
    helped.refresh_from_db()
    assert str(helped.phone) == "+447700900123"


def test_visitors_are_asked_to_sign_in(client):
    assert client.get(PAGE).headers["Location"].startswith("/accounts/login/")

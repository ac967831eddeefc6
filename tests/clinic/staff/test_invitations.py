"""An owner invites a nurse: nothing opens before the last step, and everything after it."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client

from clinic.accounts.models import User
from clinic.core import clock
from clinic.staff import invitations
from clinic.staff.models import INVITATION_LASTS, HeldRole, Invitation
from tests.clinic.staff.conftest import enrolled, keep_a_code, link_in_last_mail, set_up_app, signed_in
from tests.factories.clinic import PractitionerFactory, StaffFactory, UserFactory

pytestmark = pytest.mark.django_db
NURSE = "nurse@clinic.example"


def invite(client, *, email=NURSE, roles=("practitioner",), practitioner=""):
    return client.post("/staff/", {"email": email, "roles": list(roles), "practitioner": practitioner})


def come(browser, name="Nina Nurse"):
    """Open the link and say who one is."""
    browser.get(link_in_last_mail(NURSE), follow=True)
    return browser.post("/accounts/start/", {"name": name}, follow=True)


@pytest.fixture
def invited(at_desk):
    profile = PractitionerFactory(name="Nina Nurse")
    invite(at_desk, roles=["practitioner", "desk"], practitioner=profile.pk)
    return profile


@pytest.mark.django_db(transaction=True)  # the new app counts for its session once it is committed
def test_the_whole_way_in(invited):
    browser = Client()
    assert "Welcome" in browser.get(link_in_last_mail(NURSE), follow=True).content.decode()
    come(browser)
    nurse = User.objects.get(email=NURSE)
    assert (nurse.name, nurse.has_usable_password(), list(nurse.groups.all())) == ("Nina Nurse", False, [])

    for path in ("/diary/", "/staff/", "/cms/", "/my/", "/api/v1/docs", "/accounts/2fa/", "/accounts/email/"):
        assert browser.get(path).status_code in {302, 401}, path
    assert set_up_app(browser).redirect_chain[-1][0] == "/accounts/start/"
    assert browser.get("/diary/")["Location"] == "/accounts/start/"
    wrong = browser.post("/accounts/start/", {"code": "00000000"})
    assert wrong.status_code == 422
    assert "none of the codes" in wrong.content.decode()
    assert "Confidentiality" in keep_a_code(browser).content.decode()
    assert browser.get("/diary/")["Location"] == "/accounts/start/"
    assert browser.post("/accounts/start/", {}).status_code == 422

    done = browser.post("/accounts/start/", {"agreed": "on"}, follow=True)

    assert done.redirect_chain[-1][0] == "/diary/"
    assert done.status_code == 200
    assert set(nurse.groups.values_list("name", flat=True)) == {"practitioner", "desk"}
    invited.refresh_from_db()
    assert invited.user == nurse
    assert Invitation.objects.get().accepted_at
    assert HeldRole.pgh_event_model.objects.filter(user=nurse, pgh_label="given").count() == 2
    assert Client().get(link_in_last_mail(NURSE)).status_code == 410


def test_no_step_is_skipped_by_hand(invited):
    browser = Client()
    come(browser)

    browser.post("/accounts/start/", {"agreed": "on", "code": "12345678"})

    assert not User.objects.get(email=NURSE).groups.exists()
    assert not Invitation.objects.get().accepted_at


def test_the_link_goes_on_where_it_was_left_on_another_device(invited):
    phone, laptop = Client(), Client()
    come(phone)
    set_up_app(phone)
    laptop.get(link_in_last_mail(NURSE))

    asked = laptop.post("/accounts/start/", {"name": "Nina Nurse"}, follow=True)

    assert asked.redirect_chain[-1][0].startswith("/accounts/2fa/authenticate/")  # the app that the phone has set up
    assert "_auth_user_id" not in laptop.session


def test_opening_the_link_changes_nothing(invited):
    for _ in range(3):
        assert Client().get(link_in_last_mail(NURSE), follow=True).status_code == 200

    assert not User.objects.filter(email=NURSE).exists()


def test_the_address_of_the_link_is_told_to_nobody(invited):
    answer = Client().get(link_in_last_mail(NURSE))

    assert answer["Location"] == "/accounts/start/"
    assert answer["Referrer-Policy"] == "no-referrer"
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize("how", ["withdrawn", "run out", "replaced", "wrong"])
def test_a_link_that_is_over_opens_nothing(how, invited, at_desk):
    link, row = link_in_last_mail(NURSE), Invitation.objects.get()
    opened = Client()
    opened.get(link)
    if how == "withdrawn":
        at_desk.post(f"/staff/invitations/{row.pk}/", {"do": "withdraw"})
    elif how == "replaced":
        at_desk.post(f"/staff/invitations/{row.pk}/", {"do": "send"})
        assert link_in_last_mail(NURSE) != link
    elif how == "wrong":
        link = f"{link[:-3]}xx/"
    later = clock.now() + (INVITATION_LASTS if how == "run out" else timedelta())

    with time_machine.travel(later, tick=False):
        answer = Client().get(link)
        half_way = opened.post("/accounts/start/", {"name": "Nina"})

    assert answer.status_code == 410
    assert "opens nothing" in answer.content.decode()
    if how != "wrong":
        assert half_way.status_code == 410
        assert not User.objects.filter(email=NURSE).exists()


@pytest.mark.django_db(transaction=True)  # the new app counts for its session once it is committed
def test_withdrawn_between_the_steps(invited, at_desk):
    browser = Client()
    come(browser)
    set_up_app(browser)
    keep_a_code(browser)
    at_desk.post(f"/staff/invitations/{Invitation.objects.get().pk}/", {"do": "withdraw"})

    answer = browser.post("/accounts/start/", {"agreed": "on"})

    assert answer.status_code == 410
    assert "withdrawn" in answer.content.decode()
    nurse = User.objects.get(email=NURSE)
    assert (nurse.is_staff, nurse.groups.exists()) == (False, False)


def test_a_patient_whose_invitation_was_withdrawn_is_a_patient_again(invited, at_desk):
    patient = UserFactory(email=NURSE, name="Nina Patient")
    browser = Client()
    come(browser)
    assert browser.get("/my/")["Location"] == "/accounts/start/"

    at_desk.post(f"/staff/invitations/{Invitation.objects.get().pk}/", {"do": "withdraw"})

    assert browser.get("/my/").status_code == 200
    patient.refresh_from_db()
    assert not patient.is_staff


def test_a_patient_who_is_hired_keeps_one_account_without_its_password(invited):
    patient = UserFactory(email=NURSE.upper(), name="Nina Patient")
    browser = Client()

    come(browser, "Nina Nurse")

    patient.refresh_from_db()
    assert (patient.is_staff, patient.name, patient.has_usable_password()) == (True, "Nina Nurse", False)


def test_the_link_of_another_person_is_refused_to_who_is_signed_in(invited):
    other = signed_in(enrolled(role="desk"))
    other.get(link_in_last_mail(NURSE))

    answer = other.get("/accounts/start/")

    assert answer.status_code == 409
    assert NURSE in answer.content.decode()


def test_what_is_wrong_is_said_beside_the_field_and_kept(at_desk):
    taken = PractitionerFactory(name="Taken", user=StaffFactory(role="desk", email="desk@clinic.example"))
    for sent, field, said in (
        ({"email": "no address"}, "email", "such as name@example.com"),
        ({"roles": []}, "roles", "at least one role"),
        ({"roles": ["emperor"]}, "roles", "from the list"),
        ({"practitioner": taken.pk}, "practitioner", "from the list"),
        ({"email": "DESK@clinic.example"}, "email", "works here already"),
    ):
        answer = invite(at_desk, **sent)

        assert answer.status_code in {409, 422}, sent
        assert said in answer.content.decode(), sent
        assert field in answer.context["form"].errors
    assert not Invitation.objects.exists()


def test_inviting_twice_renews_the_one_invitation(at_desk):
    invite(at_desk)
    first = link_in_last_mail(NURSE)
    invite(at_desk, email=NURSE.upper(), roles=["desk"])

    assert Invitation.objects.get().roles == ["desk"]
    assert Client().get(first).status_code == 410


def test_only_owners_come_here():
    for role in ("practitioner", "desk", "editor"):
        client = signed_in(enrolled(role=role))
        for path in ("/staff/", f"/staff/{User.objects.latest('pk').pk}/"):
            assert client.get(path).status_code == 403
            assert client.post(path, {"email": NURSE, "roles": ["owner"]}).status_code == 403
    assert Client().get("/staff/").status_code == 302
    assert not Invitation.objects.exists()


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_two_owners_invite_one_address_at_once(owner):
    other = enrolled(email="second@clinic.example")
    start, errors = threading.Barrier(2), []

    def one(by):
        try:
            start.wait()
            invitations.invite(email=NURSE, roles=["desk"], practitioner=None, by=by, now=clock.now())
        except Exception as error:  # noqa: BLE001 -- told below
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=one, args=(by,)) for by in (owner, other)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]

    assert errors == []
    assert Invitation.objects.filter(email=NURSE).count() == 1


def test_a_profile_is_promised_to_one_person_at_a_time(invited, at_desk):
    refused = invite(at_desk, email="second@clinic.example", practitioner=invited.pk)

    assert refused.status_code == 409
    assert f"Nina Nurse is promised to {NURSE}. Withdraw that invitation first." in refused.content.decode()
    assert Invitation.objects.get().email == NURSE
    assert invite(at_desk, practitioner=invited.pk).status_code == 302  # the same address again is a new link

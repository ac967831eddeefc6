"""The owner's pages: who works here, what they may do, and that the clinic keeps an owner."""

from __future__ import annotations

import threading
import time

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from clinic.accounts.models import User
from clinic.core import clock
from clinic.core.errors import DomainError
from clinic.staff import enrolment, people
from clinic.staff.models import INVITATION_LASTS, HeldRole, Invitation
from tests.clinic.staff.conftest import enrolled, link_in_last_mail, signed_in
from tests.factories.clinic import StaffFactory
from tests.project.test_urls import PART, every_route

pytestmark = pytest.mark.django_db


def test_everyone_is_listed_with_how_they_sign_in(at_desk, owner):
    StaffFactory(role="desk", name="Della Desk")

    page = at_desk.get("/staff/").content.decode()

    assert "Olive Owner" in page
    assert "10 codes left" in page
    assert "Della Desk" in page
    assert "Not set up" in page
    assert "There is one owner" in page


def test_the_page_asks_as_much_of_thirty_people_as_of_three(at_desk):
    at_desk.get("/staff/")  # the session learns that its enrolment is complete
    with CaptureQueriesContext(connection) as few:
        at_desk.get("/staff/")
    for _ in range(27):
        enrolled(role="desk")

    with CaptureQueriesContext(connection) as many:
        at_desk.get("/staff/")

    assert len(many) == len(few)


def test_roles_hold_from_the_next_click(at_desk):
    desk = enrolled(role="desk")
    browser = signed_in(desk)
    assert browser.get("/diary/integrations/").status_code == 403

    at_desk.post(f"/staff/{desk.pk}/", {"roles": ["owner"]})

    assert browser.get("/diary/integrations/").status_code == 200
    labels = HeldRole.pgh_event_model.objects.filter(user=desk).order_by("pgh_id").values_list("pgh_label", flat=True)
    assert set(labels) == {"given", "taken"}


def test_the_last_owner_stays_one(at_desk, owner):
    answer = at_desk.post(f"/staff/{owner.pk}/", {"roles": ["desk"]})

    assert answer.status_code == 422
    assert "only owner" in answer.content.decode()
    assert list(owner.groups.values_list("name", flat=True)) == ["owner"]


def test_with_a_second_owner_one_may_step_down(at_desk, owner):
    enrolled(role="owner")

    answer = at_desk.post(f"/staff/{owner.pk}/", {"roles": ["desk"]})

    assert answer.status_code == 302
    assert list(owner.groups.values_list("name", flat=True)) == ["desk"]


def test_an_owner_whose_sign_in_was_reset_is_no_second_one_yet(at_desk, owner):
    second = enrolled(role="owner", email="second@clinic.example")
    at_desk.post(f"/staff/{second.pk}/reset/")

    assert at_desk.post(f"/staff/{owner.pk}/", {"roles": ["desk"]}).status_code == 422
    browser = Client()
    browser.get(link_in_last_mail(second.email))
    browser.post("/accounts/start/")
    assert at_desk.post(f"/staff/{owner.pk}/", {"roles": ["desk"]}).status_code == 302


def test_nobody_is_found_who_does_not_work_here(at_desk):
    for pk in (0, 999_999):
        assert at_desk.get(f"/staff/{pk}/").status_code == 404
        assert at_desk.post(f"/staff/{pk}/leave/").status_code == 404
        assert at_desk.post(f"/staff/{pk}/reset/").status_code == 404
        assert at_desk.post(f"/staff/{pk}/back/").status_code == 404


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_two_owners_who_step_down_at_once_leave_one(owner):
    second = enrolled(role="owner")
    start, outcomes = threading.Barrier(2), []

    def one(user):
        try:
            start.wait()
            people.set_roles(user.pk, ["desk"])
            outcomes.append("done")
        except DomainError as refusal:
            outcomes.append(refusal.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=one, args=(user,)) for user in (owner, second)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]

    assert sorted(outcomes) == ["done", "last_owner"]


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_an_agreement_waits_for_a_change_of_roles_and_does_not_block_it(owner):
    """The other way round the database ends one of the two as a deadlock."""
    nurse, started, now = enrolled(role="desk"), threading.Event(), clock.now()
    lasts = {"invited_at": now, "expires_at": now + INVITATION_LASTS}
    Invitation.objects.create(email=nurse.email, user=nurse, roles=["owner"], **lasts)

    def agree():
        try:
            started.set()
            enrolment.agree(nurse, clock.now())
        finally:
            connection.close()

    thread = threading.Thread(target=agree)
    with transaction.atomic():
        people.lock_people()
        thread.start()
        started.wait()
        time.sleep(0.5)
        found = User.objects.select_for_update(nowait=True).get(pk=nurse.pk)
    thread.join()

    assert found == nurse
    assert set(nurse.groups.values_list("name", flat=True)) == {"desk", "owner"}


def test_the_cms_makes_changes_and_deletes_no_staff_of_its_own(at_desk, owner):
    """Who is made there could not sign in: it knows no roles of ours, sends no invitation and ends no session."""
    User.objects.filter(pk=owner.pk).update(is_superuser=True)
    nurse = enrolled(role="practitioner")
    sent = {"email": "x@clinic.example", "is_superuser": "on", "is_active": ""}
    pages = [route for route in every_route() if route.startswith("/cms/users/")]
    assert len(pages) > 8
    for route in pages:
        address = PART.sub(str(nurse.pk), route)
        answers = at_desk.get(address), at_desk.post(address, sent)
        led = f"/staff/{nurse.pk}/" if "/edit/" in address else "/staff/"
        assert [answer["Location"] for answer in answers] == [led, led], address
    for action in ("delete", "set_active_state", "assign_role"):
        asked = f"/cms/bulk/accounts/user/{action}/?id={nurse.pk}"
        assert {at_desk.get(asked).status_code, at_desk.post(asked, sent).status_code} == {404}, action

    nurse.refresh_from_db()
    assert (nurse.is_active, nurse.is_superuser, User.objects.filter(email="x@clinic.example").count()) == (
        True,
        False,
        0,
    )

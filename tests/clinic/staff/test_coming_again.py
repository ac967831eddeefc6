"""Whoever had an account before they were invited: patients, leavers, superusers, those whose invitation was withdrawn."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.sessions.models import Session
from django.test import Client

from clinic.accounts.models import User
from clinic.accounts.signing_in import session_lengths
from clinic.core import clock
from clinic.staff import enrolment, invitations
from clinic.staff.models import INVITATION_LASTS, Enrolment, Invitation, Leaver
from tests.clinic.staff.conftest import SEED, enrolled, letters, link_in_last_mail, signed_in
from tests.factories.clinic import PASSWORD, PractitionerFactory, UserFactory

pytestmark = pytest.mark.django_db
NURSE = "nurse@clinic.example"


@pytest.fixture(autouse=True)
def _switched_on(settings):
    settings.STAFF_SECOND_FACTOR = True


def invite(client, role="desk", email=NURSE):
    return client.post("/staff/", {"email": email, "roles": [role]})


def come(browser, name="Nina Nurse"):
    browser.get(link_in_last_mail(NURSE))
    return browser.post("/accounts/start/", {"name": name}, follow=True)


def do_all_steps(user):
    """As the pages do them, in the order of the steps."""
    TOTP.activate(user, SEED)
    enrolment.keep_codes(user, typed=enrolment.recovery_codes(user)[0], now=clock.now())
    enrolment.agree(user, clock.now())


def kept_session_of(user):
    """A browser in which a patient who signs in by code chose to stay signed in for a month."""
    browser = Client()
    browser.force_login(user)
    session = browser.session
    session.set_expiry(session_lengths.IF_CHOSEN)
    session.end_at(clock.now() + session_lengths.AT_MOST)
    session.save()
    return browser


def test_a_patient_who_is_hired_is_signed_out_where_they_were(at_desk):
    patient = UserFactory(email=NURSE)
    patient.set_unusable_password()
    patient.save()
    before = kept_session_of(patient)
    invite(at_desk)

    come(Client())

    assert before.get("/my/security/")["Location"].startswith("/accounts/login/")


def test_who_answers_in_a_patients_session_has_one_of_staff_from_then_on(at_desk):
    patient = UserFactory(email=NURSE)
    browser = kept_session_of(patient)
    invite(at_desk)

    page = come(browser)

    assert "How you will sign in" in page.content.decode()
    assert browser.get("/accounts/2fa/totp/activate/").status_code == 200  # not asked once more who it is
    row = Session.objects.get(session_key=browser.session.session_key)
    assert row.expire_date <= clock.now() + session_lengths.OF_STAFF


def test_a_leaver_who_is_invited_again_does_every_step_again(at_desk):
    nurse = enrolled(role="practitioner", email=NURSE, name="Nina Nurse")
    at_desk.post(f"/staff/{nurse.pk}/leave/")
    invite(at_desk)

    come(Client())
    TOTP.activate(nurse, SEED)

    nurse.refresh_from_db()
    assert enrolment.next_step(nurse) == enrolment.Step.CODES
    enrolment.keep_codes(nurse, typed=enrolment.recovery_codes(nurse)[0], now=clock.now())
    assert enrolment.next_step(nurse) == enrolment.Step.AGREEMENT
    enrolment.agree(nurse, clock.now())
    assert list(nurse.groups.values_list("name", flat=True)) == ["desk"]


def test_a_leaver_who_is_invited_again_can_leave_again(at_desk):
    nurse = enrolled(role="practitioner", email=NURSE, name="Nina Nurse")
    at_desk.post(f"/staff/{nurse.pk}/leave/")
    invite(at_desk)
    come(Client())
    do_all_steps(User.objects.get(pk=nurse.pk))

    back = at_desk.post(f"/staff/{nurse.pk}/back/")
    assert back.status_code == 404  # they are here: the roles of then are not added
    assert list(nurse.groups.values_list("name", flat=True)) == ["desk"]
    assert at_desk.post(f"/staff/{nurse.pk}/leave/").status_code == 302
    assert Leaver.objects.filter(user=nurse).count() == 2
    assert Leaver.objects.get(user=nurse, undone_at=None).roles == ["desk"]


def test_a_leaver_may_be_given_another_profile(at_desk):
    nurse = enrolled(role="practitioner", email=NURSE, name="Nina Nurse")
    before, after = PractitionerFactory(user=nurse), PractitionerFactory()
    at_desk.post(f"/staff/{nurse.pk}/leave/")
    at_desk.post("/staff/", {"email": NURSE, "roles": ["practitioner"], "practitioner": after.pk})
    come(Client())

    do_all_steps(nurse)

    before.refresh_from_db()
    after.refresh_from_db()
    assert (before.user, after.user) == (None, nurse)


def test_a_reset_from_before_does_not_keep_out_who_is_invited_again(at_desk):
    nurse = enrolled(role="practitioner", email=NURSE, name="Nina Nurse")
    at_desk.post(f"/staff/{nurse.pk}/reset/")
    at_desk.post(f"/staff/{nurse.pk}/leave/")
    invite(at_desk)
    browser = Client()

    page = come(browser)

    assert "How you will sign in" in page.content.decode()
    assert browser.get("/accounts/2fa/totp/activate/").status_code == 200


def test_the_link_on_a_second_device_keeps_what_was_done_on_the_first(at_desk):
    invite(at_desk)
    come(Client())
    nurse = User.objects.get(email=NURSE)
    TOTP.activate(nurse, SEED)
    enrolment.keep_codes(nurse, typed=enrolment.recovery_codes(nurse)[0], now=clock.now())

    come(Client())

    assert Enrolment.objects.get(user=nurse).codes_kept_at


def test_invited_again_after_a_withdrawal_in_the_same_browser(at_desk):
    invite(at_desk)
    browser = Client()
    come(browser)
    at_desk.post(f"/staff/invitations/{Invitation.objects.get().pk}/", {"do": "withdraw"})
    invite(at_desk, "editor")

    come(browser)
    nurse = User.objects.get(email=NURSE)
    do_all_steps(nurse)

    assert list(nurse.groups.values_list("name", flat=True)) == ["editor"]


def test_an_invitation_that_ran_out_gives_no_roles_to_who_answered_it_in_time(at_desk):
    invite(at_desk)
    come(Client())
    nurse = User.objects.get(email=NURSE)
    TOTP.activate(nurse, SEED)
    enrolment.keep_codes(nurse, typed=enrolment.recovery_codes(nurse)[0], now=clock.now())

    with time_machine.travel(clock.now() + INVITATION_LASTS, tick=False):
        with pytest.raises(invitations.InvitationOver, match="run out"):
            enrolment.agree(nurse, clock.now())
        assert not nurse.groups.exists()
        at_desk = signed_in(User.objects.get(email="owner@clinic.example"))
        at_desk.post(f"/staff/invitations/{Invitation.objects.get().pk}/", {"do": "send"})
        enrolment.agree(nurse, clock.now())

    assert list(nurse.groups.values_list("name", flat=True)) == ["desk"]


def test_the_link_that_was_replaced_a_moment_ago_is_not_answered(at_desk):
    invite(at_desk)
    looked_up = Invitation.objects.get()
    invite(at_desk, "editor")

    with pytest.raises(invitations.InvitationOver):
        invitations.answer(looked_up, name="Nina", now=clock.now())

    assert not User.objects.filter(email=NURSE).exists()


def test_a_superuser_works_here_already(at_desk):
    root = User.objects.create_superuser(NURSE, PASSWORD)

    answer = invite(at_desk)

    assert answer.status_code == 409
    assert "works here already" in answer.content.decode()
    root.refresh_from_db()
    assert (root.is_superuser, root.has_usable_password()) == (True, True)
    assert letters() == []


def test_leaving_half_way_withdraws_what_was_answered(at_desk):
    invite(at_desk)
    come(Client())
    nurse = User.objects.get(email=NURSE)
    User.objects.filter(pk=nurse.pk).update(email="other@clinic.example")

    at_desk.post(f"/staff/{nurse.pk}/leave/")

    assert Invitation.objects.get().revoked_at
    assert not Authenticator.objects.filter(user=nurse).exists()
    with time_machine.travel(clock.now() + timedelta(minutes=1), tick=False):
        assert Client().get(link_in_last_mail(NURSE)).status_code == 410

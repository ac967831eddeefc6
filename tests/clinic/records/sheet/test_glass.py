"""Break-glass: a reason, half an hour, the owner told, somebody looks into it."""

from __future__ import annotations

import uuid

import pytest
from django.test import Client
from django.urls import reverse

from bookings.messages.models import Message
from clinic.records.reading.models import BreakGlass, BreakGlassReview
from tests.factories.browsers import just_signed_in
from tests.factories.clinic import StaffFactory
from tests.factories.records import clinician, make_entry, make_glass, visit_of

pytestmark = pytest.mark.django_db
REASON = "Swelling, and her nurse is away."


@pytest.fixture
def visit():
    visit = visit_of(clinician())
    make_entry(visit, body={"text": "Calm before"})
    return visit


def at(visit, name="break_glass"):
    return reverse(f"records:{name}", args=[visit.reference])


@pytest.mark.parametrize("role", ["practitioner", "owner"])
def test_a_reason_opens_the_sheet_and_tells_every_owner(visit, role):
    owner = StaffFactory(role="owner")
    client, sent = just_signed_in(StaffFactory(role=role)), {"reason": REASON, "token": str(uuid.uuid4())}
    assert client.get(at(visit, "sheet")).status_code == 404
    assert client.post(at(visit), {**sent, "reason": "Curious"}).status_code == 422

    opened = client.post(at(visit), sent, follow=True)
    client.post(at(visit), sent)

    text = opened.content.decode()
    assert "Calm before" in text
    assert "Opened for a reason" in text
    assert BreakGlass.objects.count() == 1
    assert Message.objects.filter(recipient=owner.email).count() == 1
    assert not Message.objects.filter(subject__contains=visit.patient.full_name).exists()


def test_it_takes_a_fresh_sign_in_and_the_right(visit):
    stale, desk = Client(), just_signed_in(StaffFactory(role="desk"))
    stale.force_login(StaffFactory(role="practitioner"))

    assert stale.get(at(visit)).status_code == 302
    assert desk.get(at(visit)).status_code == 403
    assert just_signed_in(visit.practitioner.user).get(at(visit)).url == at(visit, "sheet")


def test_an_owner_without_patients_reads_and_writes_nothing(visit):
    client = just_signed_in(StaffFactory(role="owner"))
    client.post(at(visit), {"reason": REASON, "token": str(uuid.uuid4())})

    assert client.get(at(visit, "sheet")).status_code == 200
    assert client.post(at(visit, "note"), {"text": "x", "version": 0}).status_code == 403


def test_owners_look_into_it_and_nobody_into_their_own(visit):
    page, owner = reverse("records:openings"), StaffFactory(role="owner")
    StaffFactory(role="owner")
    own, other = make_glass(owner, visit.patient), make_glass(reason=REASON)
    client = just_signed_in(owner)
    assert REASON in client.get(page).content.decode()

    refused = client.post(page, {"grant": own.pk, "was_right": "yes"})
    unsaid = client.post(page, {"grant": other.pk, "was_right": "no"})
    done = client.post(page, {"grant": other.pk, "was_right": "no", "finding": "She was curious."}, follow=True)

    assert "Somebody else has to look into this" in refused.content.decode()
    assert (refused.status_code, unsaid.status_code) == (422, 422)
    assert "She was curious." in done.content.decode()
    assert BreakGlassReview.objects.get().by == owner
    assert client.post(page, {"grant": "x"}).status_code == 404
    assert just_signed_in(StaffFactory(role="practitioner")).get(page).status_code == 403


def test_the_only_owner_looks_into_their_own(visit):
    owner = StaffFactory(role="owner")
    grant = make_glass(owner, visit.patient)

    just_signed_in(owner).post(reverse("records:openings"), {"grant": grant.pk, "was_right": "yes"})

    assert BreakGlassReview.objects.count() == 1

"""The note of a visit: kept while it is typed, signed once, corrected by additions alone."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from clinic.records.entries.models import Draft, Entry
from clinic.records.reading.models import AccessLog
from tests.factories.browsers import just_signed_in
from tests.factories.clinic import StaffFactory
from tests.factories.records import clinician, make_draft, make_entry, visit_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def visit():
    return visit_of(clinician())


@pytest.fixture
def nurse(visit):
    return just_signed_in(visit.practitioner.user)


@pytest.fixture
def address(visit):
    return reverse("records:note", args=[visit.reference])


def page(client, visit):
    return client.get(reverse("records:sheet", args=[visit.reference])).content.decode()


def test_it_is_saved_then_signed_and_stands_on_the_sheet(nurse, visit, address):
    assert "Nothing yet." in page(nurse, visit)
    saved = nurse.post(address, {"text": "Skin calm <b>", "version": 0})
    assert saved.status_code == 302
    assert (Draft.objects.get().version, Entry.objects.count()) == (1, 0)
    assert "Skin calm &lt;b&gt;" in page(nurse, visit)

    signed = nurse.post(address, {"text": "Skin calm, no redness", "version": 1, "sign": "1"}, follow=True)

    assert "The note is signed." in signed.content.decode()
    assert "Skin calm, no redness" in page(nurse, visit)
    entry = Entry.objects.get()
    assert (entry.author, entry.practitioner, entry.visit) == (visit.practitioner.user, visit.practitioner, visit)
    assert not Draft.objects.exists()


def test_by_script_it_is_saved_without_a_new_page(nurse, visit, address):
    answer = nurse.post(address, {"text": "Calm", "version": 0}, headers={"HX-Request": "true"})

    text = answer.content.decode()
    assert answer.status_code == 200
    assert "Saved" in text
    assert 'value="1" data-hx-swap-oob' in text
    assert "Calm" not in text


def test_an_empty_note_is_kept_and_not_signed(nurse, visit, address):
    refused = nurse.post(address, {"text": "  ", "version": 0, "sign": "1"})
    too_long = nurse.post(address, {"text": "x" * 5001, "version": 1, "sign": "1"})

    assert (refused.status_code, too_long.status_code) == (422, 422)
    assert "Write the note" in refused.content.decode()
    assert "x" * 5001 in too_long.content.decode()
    assert Draft.objects.get().version == 2
    assert not Entry.objects.exists()


def test_another_screens_text_is_shown_beside_mine_and_nothing_is_overwritten(nurse, visit, address):
    make_draft(visit, values={"text": "From the tablet"})

    stale = nurse.post(address, {"text": "From the desktop", "version": 0})

    text = stale.content.decode()
    assert stale.status_code == 409
    assert "From the tablet" in text
    assert "From the desktop" in text
    assert 'name="version" value="1"' in text
    assert nurse.post(address, {"text": "From the desktop", "version": 1}).status_code == 302
    assert nurse.post(address, {"text": "From the desktop", "version": 1}).status_code == 302, "the same, sent twice"


def test_signing_asks_who_they_are_and_keeps_what_was_typed(visit, address):
    nurse = Client()
    nurse.force_login(visit.practitioner.user)

    asked = nurse.post(address, {"text": "Calm", "version": 0, "sign": "1"})

    assert asked.status_code == 302
    assert "reauthenticate" in asked.url or "confirm" in asked.url
    assert Draft.objects.count() == 1
    assert not Entry.objects.exists()


def test_two_who_sign_it_make_one_entry(nurse, visit, address):
    nurse.post(address, {"text": "Calm", "version": 0, "sign": "1"})
    # Another screen that still shows the draft.
    make_draft(visit, values={"text": "Calm"})
    Draft.objects.all().delete()

    late = nurse.post(address, {"text": "Calm", "version": 1, "sign": "1"})

    assert late.status_code == 409
    assert Entry.objects.count() == 1


@pytest.mark.parametrize("role", ["desk", "editor", "owner"])
def test_who_does_not_treat_sees_nothing_of_it(visit, address, role):
    make_entry(visit)
    client = just_signed_in(StaffFactory(role=role))

    for method in ("get", "post"):
        for name in ("sheet", "note"):
            answer = getattr(client, method)(reverse(f"records:{name}", args=[visit.reference]))
            assert answer.status_code in {403, 404, 405}
    assert not AccessLog.objects.exists()


def test_a_colleagues_patient_is_a_page_that_is_not_there(visit, address):
    other = just_signed_in(clinician().user)

    assert other.get(reverse("records:sheet", args=[visit.reference])).status_code == 404
    assert other.post(address, {"text": "x", "version": 0}).status_code == 404
    assert not Draft.objects.exists()

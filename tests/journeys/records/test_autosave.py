"""A consultation saves itself while it is typed, and shows both texts where two screens write at once."""

from __future__ import annotations

from uuid import uuid4

import pytest
from allauth.account.models import EmailAddress
from playwright.sync_api import expect

from clinic.accounts.seed import PASSWORD
from clinic.core import clock
from clinic.records.entries.keys import sealer_of
from clinic.records.entries.models import Draft, Kind
from clinic.records.entries.saving import Place, save_section
from tests.factories.bookings import AppointmentFactory, LocationFactory
from tests.factories.clinic import CategoryFactory, PatientFactory, PractitionerFactory, StaffFactory, TreatmentFactory
from tests.journeys.support.visitor import assert_sound, sign_in_by_form

pytestmark = pytest.mark.proof


@pytest.fixture
def seen(clinic):
    """A visit that begins now, in a diary of its own."""
    number = uuid4().hex[:8]
    nurse = StaffFactory(role="practitioner", email=f"nurse-{number}@example.com", password=PASSWORD)
    EmailAddress.objects.create(user=nurse, email=nurse.email, verified=True, primary=True)
    return AppointmentFactory(
        starts_at=clock.now(),
        location=LocationFactory(slug=f"place-{number}"),
        treatment=TreatmentFactory(slug=f"care-{number}", live=False, category=CategoryFactory(slug=f"c-{number}")),
        practitioner=PractitionerFactory(slug=f"nurse-{number}", live=False, is_bookable=False, user=nurse),
        patient=PatientFactory(email=f"seen-{number}@example.com"),
    )


def versions(visit):
    return list(Draft.objects.filter(visit=visit, section="plan").values_list("version", flat=True))


def test_what_is_typed_is_saved_and_two_screens_overwrite_nothing(visit, seen):
    page = visit(width=1024)
    sign_in_by_form(page, seen.practitioner.user.email)
    page.goto(f"/diary/visits/{seen.reference}/record/assessment/?section=plan")
    text, state = page.locator("#id_text"), page.locator("#save-state")

    text.press_sequentially("Come back in two weeks")
    expect(state).to_contain_text("Saved ")
    first = versions(seen)
    text.press_sequentially(", or call.")
    expect(state.locator("[name=version]")).not_to_have_value(str(first[0]))
    assert_sound(page, {1024: 768})

    place = Place(seen.patient, Kind.ASSESSMENT, "plan", seen)
    (version,) = versions(seen)
    theirs = {"place": place, "values": {"text": "From the tablet"}, "version": version, "now": clock.now()}
    save_section(**theirs, sealer=sealer_of(seen.patient), writer=seen.practitioner.user)
    text.press_sequentially(" Bring a friend.")

    expect(state).to_contain_text("From the tablet")
    expect(text).to_have_value("Come back in two weeks, or call. Bring a friend.")
    state.get_by_role("button", name="Keep mine").click()
    expect(page.locator("#id_text")).to_have_value("Come back in two weeks, or call. Bring a friend.")
    assert versions(seen) == [version + 2]
    visit.problems.found[:] = [said for said in visit.problems.found if "409 (Conflict)" not in said]

"""The visit sheet names what a visit lacks, each with the page that mends it."""

import pytest
from django.urls import reverse

from clinic.records.needs.models import TreatmentRules
from tests.factories.browsers import just_signed_in
from tests.factories.clinic import StaffFactory
from tests.factories.records import assess, clinician, visit_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def visit():
    return visit_of(clinician())


def page_of(visit):
    client = just_signed_in(visit.practitioner.user)
    return client.get(reverse("records:sheet", args=[visit.reference])).content.decode()


def test_nothing_is_asked_for_where_a_treatment_has_no_rules(visit):
    assert 'id="steps-h"' not in page_of(visit)


def test_what_is_missing_leads_to_the_page_that_mends_it(visit):
    TreatmentRules.objects.create(treatment=visit.treatment, record_kind="consultation", needs_identity_check=True)

    page = page_of(visit)

    assert f'<a href="{reverse("records:identity", args=[visit.reference])}">Identity has not been seen.</a>' in page
    assert f'<a href="{reverse("records:assessment", args=[visit.reference])}">The consultation is not signed.' in page

    assess(visit, (visit.treatment, "suitable"))

    page = page_of(visit)
    assert "Identity has not been seen." in page
    assert "The consultation is not signed." not in page
    assert "Everything is there." in page


def press(visit, status, **sent):
    client = just_signed_in(visit.practitioner.user)
    address = reverse("records:step", args=[visit.reference])
    return client.post(address, {"status": status, "version": visit.version} | sent, follow=True)


def test_a_visit_goes_from_arrived_to_completed_on_its_sheet_and_each_step_can_be_undone(visit):
    for status in ("arrived", "in_progress", "completed"):
        page = press(visit, status).content.decode()
        visit.refresh_from_db()

        assert visit.status == status
        assert "data-undo" in page

    assert 'name="status" value' not in page.split('id="steps-h"')[0].split("data-undo", 1)[1]

    client = just_signed_in(visit.practitioner.user)
    back = {"status": "in_progress", "version": visit.version, "next": reverse("records:sheet", args=[visit.reference])}
    answer = client.post(reverse("bookings:diary_status", args=[visit.reference]), back)
    visit.refresh_from_db()
    assert answer["Location"] == back["next"]
    assert visit.status == "in_progress"


def test_what_comes_first_is_said_beside_the_button_and_the_visit_waits_for_it(visit):
    TreatmentRules.objects.create(treatment=visit.treatment, record_kind="consultation", needs_identity_check=True)
    page = page_of(visit)
    assert "1 thing comes first" in page

    refused = press(visit, "in_progress")

    assert refused.status_code == 409
    assert "This visit cannot start yet. One thing comes first" in refused.content.decode()
    visit.refresh_from_db()
    assert visit.status == "booked"


def test_a_step_from_a_page_that_is_out_of_date_is_refused_on_the_sheet(visit):
    press(visit, "arrived")

    refused = press(visit, "in_progress")

    assert refused.status_code == 409
    assert 'role="alert"' in refused.content.decode()


@pytest.mark.parametrize("status", ["", "cancelled", "no_show", "booked", "\0"])
def test_only_the_steps_of_the_sheet_are_taken_there(visit, status):
    assert press(visit, status).status_code == 409


@pytest.mark.parametrize("role", ["owner", "desk", "practitioner"])
def test_nobody_else_starts_it_there(visit, role):
    client = just_signed_in(StaffFactory(role=role))
    address = reverse("records:step", args=[visit.reference])

    assert client.post(address, {"status": "arrived", "version": visit.version}).status_code in {403, 404}
    visit.refresh_from_db()
    assert visit.status == "booked"

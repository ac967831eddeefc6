"""The visit sheet names what a visit lacks, each with the page that mends it."""

import pytest
from django.urls import reverse

from clinic.records.needs.models import TreatmentRules
from tests.factories.browsers import just_signed_in
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

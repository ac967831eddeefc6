"""The CMS of this clinic: its name on every page, and its colours."""

import pytest
from django.contrib.staticfiles import finders

from clinic.core.models import ClinicSettings
from clinic.core.wagtail_hooks import SHEETS
from tests.factories.clinic import StaffFactory

pytestmark = pytest.mark.django_db


def test_the_cms_bears_the_clinics_name_and_wears_its_colours(client):
    ClinicSettings.load().__class__.objects.update(name="Demo Clinic by the Sea")
    client.force_login(StaffFactory(role="owner"))

    page = client.get("/cms/", follow=True).content.decode()

    assert "- Demo Clinic by the Sea</title>" in page
    assert '<span class="cms-brand">Demo Clinic by the Sea</span>' in page
    assert "Wagtail</title>" not in page
    for sheet in SHEETS:
        assert sheet in page
        assert finders.find(sheet)

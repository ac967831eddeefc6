import pytest

from clinic.catalogue.models import Treatment
from tests.factories.clinic import TreatmentFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("rules", ["uk", "warn", "off"])
@pytest.mark.parametrize("live", [True, False])
@pytest.mark.parametrize("online", [True, False])
@pytest.mark.parametrize("prescription", [True, False])
def test_a_row_says_the_same_as_the_query(settings, rules, live, online, prescription):
    settings.ADVERTISING_RULES = rules
    row = TreatmentFactory(live=live, is_bookable_online=online, is_prescription_only=prescription, price=None)

    assert row.is_offered_online == Treatment.objects.bookable_online().filter(pk=row.pk).exists()

import pytest
import time_machine
from django.core.cache import cache

from bookings.templatetags.bookings_public import next_free
from tests.bookings.moments import NOW, at
from tests.factories.bookings import LocationFactory, working_week
from tests.factories.clinic import PractitionerFactory, TreatmentFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def monday_morning():
    cache.delete_pattern("*")  # `clear` would empty what other processes count in too
    with time_machine.travel(NOW, tick=False):
        yield
    cache.delete_pattern("*")


def test_next_free_time_is_the_first_for_a_consultation(client):
    consultation = TreatmentFactory(kind="consultation")
    nurse, idle = PractitionerFactory(offers=[consultation]), PractitionerFactory(offers=[consultation])
    working_week(nurse, LocationFactory(), days=[2])

    assert next_free(nurse.slug) == at(9)
    assert next_free(idle.slug) is None
    assert (
        "Next free time for a consultation: Tuesday 2 March, 9am"
        in client.get(f"/practitioners/{nurse.slug}/").content.decode()
    )


def test_without_a_consultation_nothing_is_promised():
    assert next_free(PractitionerFactory().slug) is None

"""Two practitioners of one name: every page that shows both is sound."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from clinic.core import clock
from clinic.practitioners.models import Practitioner
from tests.factories.bookings import AppointmentFactory, LocationFactory, working_week
from tests.factories.clinic import CategoryFactory, PatientFactory, PractitionerFactory, TreatmentFactory
from tests.journeys.support.visitor import assert_sound, sign_in

OF_THE_DAY = ["", "view=list", "view=week", "view=month", "by=room"]
OTHERS = ["/practitioners/", "/diary/book/", "/diary/plan/", "/diary/time/", "/diary/numbers/", "/diary/lately/"]


@pytest.fixture
def day():
    """A Saturday on which no other journey has a visit."""
    return clock.today() + timedelta(days=84 - clock.today().weekday() - 2)


@pytest.fixture
def namesakes(clinic, day):
    token, place = uuid4().hex[:8], LocationFactory(slug=f"place-{uuid4().hex[:8]}")
    care = TreatmentFactory(slug=f"care-{token}", category=CategoryFactory(slug=f"c-{token}"), live=False)
    both = [PractitionerFactory(name=f"Jo Same {token}", slug=f"same-{token}-{n}", offers=[care]) for n in (1, 2)]
    noon = clock.day_bounds(day)[0] + timedelta(hours=12)
    for number, person in enumerate(both):
        working_week(person, place, days=range(1, 8))
        patient = PatientFactory(full_name=f"Demo Namesake {token}", email=f"namesake-{token}-{number}@example.com")
        AppointmentFactory(starts_at=noon, practitioner=person, treatment=care, location=place, patient=patient)
    yield both
    Practitioner.objects.filter(pk__in=[person.pk for person in both]).update(live=False, is_bookable=False)


@pytest.mark.proof
def test_every_page_that_shows_both_is_sound(visit, namesakes, day):
    page = visit(width=1280)
    sign_in(page, "desk@example.com")

    pages = [f"/diary/?day={day}&{view}" for view in OF_THE_DAY]
    pages += [f"/diary/sheet/?day={day}", f"/diary/sheet/type/?day={day}", *OTHERS]
    for path in pages:
        assert page.goto(path).status == 200, path
        assert namesakes[0].name in page.content() or "by=room" in path or "lately" in path, path
        assert_sound(page)

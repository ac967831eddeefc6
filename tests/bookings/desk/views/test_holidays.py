from datetime import date, datetime

import pytest

from bookings.engine.availability.free_times import free_slots
from bookings.timetable.models import OpenedHoliday
from bookings.visits.models import BookingSettings
from clinic.core import clock
from tests.bookings.online.flow import MONDAY, small_clinic, text
from tests.factories.bookings import AppointmentFactory
from tests.factories.clinic import StaffFactory

pytestmark = pytest.mark.django_db
BOXING_DAY = date(2026, 12, 28)  # observed, a Monday


@pytest.fixture(autouse=True)
def on_monday(time_machine):
    time_machine.move_to(MONDAY, tick=False)


@pytest.fixture
def owner(client):
    client.force_login(StaffFactory(is_superuser=True))
    return client


def free(place):
    return free_slots(treatment=place.peel, first_day=BOXING_DAY, last_day=BOXING_DAY, now=clock.now())


def test_the_owner_opens_a_day_and_closes_it_again(owner):
    place = small_clinic()
    assert "Boxing Day (observed)" in text(owner.get("/diary/holidays/"))
    assert not free(place)

    answer = owner.post("/diary/holidays/", {"day": "2026-12-28", "do": "open"}, follow=True)
    assert "is open: times on 28 December can be booked" in text(answer)
    assert free(place)

    owner.post("/diary/holidays/", {"day": "2026-12-28", "do": "close"})
    assert not free(place)


def test_only_holidays_can_be_opened(owner):
    for day in ("2026-12-02", "nonsense", "", "2020-12-25"):
        assert owner.post("/diary/holidays/", {"day": day, "do": "open"}).status_code == 302
    assert not OpenedHoliday.objects.exists()


def test_visits_that_are_booked_on_one_are_counted(owner):
    AppointmentFactory(starts_at=datetime(2026, 12, 28, 10, tzinfo=clock.LONDON))
    assert 'data-label="Booked visits">1<' in owner.get("/diary/holidays/").content.decode()


def test_the_desk_sees_them_and_changes_nothing(client):
    client.force_login(StaffFactory(role="desk"))
    page = client.get("/diary/holidays/")
    assert "Christmas Day" in text(page)
    assert '<button class="btn btn--quiet btn--small"' not in page.content.decode()
    assert client.post("/diary/holidays/", {"day": "2026-12-28", "do": "open"}).status_code == 403


def test_a_clinic_that_works_on_them_is_told_so(owner):
    BookingSettings.objects.update_or_create(defaults={"closes_on_public_holidays": False})
    assert "works on public holidays" in text(owner.get("/diary/holidays/"))

"""From the first consultation to the treatment that it opens: by the pages of the patient and of the nurse."""

from datetime import timedelta

import pytest
from django.test import Client

from bookings.timetable.ranges import span
from bookings.visits.models import Appointment, BookingSettings
from bookings.visits.models.statuses import Status
from clinic.catalogue.models import Treatment
from clinic.core import clock
from clinic.records.needs.models import TreatmentRules
from tests.bookings.online.flow import give_details, hold, send
from tests.clinic.records.assessing.pages import browser, fill, page_of, sign, soup
from tests.factories.bookings import LocationFactory, working_week
from tests.factories.clinic import CategoryFactory, OfferedTreatmentFactory, TreatmentFactory
from tests.factories.records import clinician

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("cache_of_this_test")]
SOON, LATER = 2, 6  # days from now: before the time to think is over, and after


@pytest.fixture
def place():
    """A nurse who works every day; the peel needs the talk, and five days to think about it."""
    BookingSettings.objects.update_or_create(
        defaults={"closes_on_public_holidays": False, "minimum_notice_hours": 0, "avoids_short_gaps": False}
    )
    category = CategoryFactory()
    talk = TreatmentFactory(name="First talk", slug="talk", kind="consultation", category=category)
    peel = TreatmentFactory(
        name="Gentle peel", slug="peel", category=category, requires_consultation=True, reflection_hours=120
    )
    nurse = clinician(name="Aisha", slug="aisha")
    for treatment in (talk, peel):
        OfferedTreatmentFactory(practitioner=nurse, treatment=treatment)
    working_week(nurse, LocationFactory(), days=range(1, 8))
    TreatmentRules.objects.create(treatment=talk, record_kind="consultation")
    TreatmentRules.objects.create(treatment=peel, record_kind="procedure")
    return nurse, peel


def at(days):
    return clock.day_bounds(clock.today() + timedelta(days=days))[0].replace(hour=10, minute=15)


def book_online(treatment, starts_at, **details):
    """Someone books by the pages, in a browser that knows nobody; gives the last answer."""
    visitor = Client()
    day = clock.today(starts_at)
    assert hold(visitor, at=starts_at.isoformat(), treatment=treatment, day=day).status_code == 302
    give_details(visitor, **details)
    return send(visitor, "check", {"accept_terms": "on"}, follow=True)


def consulted(place, *, outcome):
    """Sam books the talk online, and the nurse sees it through; no talk can be booked after it."""
    nurse, peel = place
    book_online("talk", at(1))
    visit = Appointment.objects.get(treatment__slug="talk", status=Status.BOOKED)
    desk = browser(nurse)
    during = span(clock.now() - timedelta(minutes=5), clock.now() + timedelta(minutes=25))  # its time has come
    Appointment.objects.filter(pk=visit.pk).update(status=Status.IN_PROGRESS, during=during, occupied=during)
    visit.refresh_from_db()
    status = {"status": "completed", "version": visit.version}
    held_up = desk.post(f"/diary/visits/{visit.reference}/status/", status)
    assert held_up.status_code == 409
    assert [link["href"] for link in soup(held_up).select("[role=alert] a")] == [page_of(visit)]
    until = (clock.today() + timedelta(days=1)).isoformat()
    fill(desk, visit, (peel, outcome, until, "Dr Example"))
    assert sign(desk, visit).status_code == 302
    assert desk.post(f"/diary/visits/{visit.reference}/status/", status).status_code == 302
    Treatment.objects.filter(slug="talk").update(is_bookable_online=False)


def refused_words(answer):
    return next((" ".join(one.get_text().split()) for one in soup(answer).select("[role=alert]")), "")


def booked():
    return Appointment.objects.filter(treatment__slug="peel", status=Status.BOOKED)


def test_a_suitable_assessment_opens_online_booking_once_the_time_to_think_is_over(place):
    consulted(place, outcome="suitable")

    too_soon = book_online("peel", at(SOON))
    assert "This needs a consultation first, 120 hours to 180 days before the visit" in refused_words(too_soon)
    assert not booked().exists()

    book_online("peel", at(LATER))
    assert booked().get().starts_at == at(LATER)


@pytest.mark.parametrize("outcome", ["not_suitable", "defer", "refer"])
def test_any_other_outcome_keeps_it_closed_in_the_words_that_a_stranger_reads(place, outcome):
    consulted(place, outcome=outcome)

    known = book_online("peel", at(LATER))
    stranger = book_online("peel", at(LATER + 1), email="other@example.com", full_name="Kim Other")

    assert refused_words(known) == refused_words(stranger)
    assert "This needs a consultation first" in refused_words(known)
    assert not booked().exists()

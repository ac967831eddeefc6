"""F9: the price that was agreed stays with the visit, through whatever door it was booked."""

from datetime import timedelta
from decimal import Decimal
from importlib import import_module

import pytest
from django.apps import apps
from django.db import IntegrityError, transaction

from bookings.engine.booking import book, confirm, hold
from bookings.engine.changes import cancel, move, restore
from bookings.engine.series.follow_ups import book_follow_up
from bookings.engine.series.together import book_series
from bookings.visits.models import Appointment
from bookings.visits.models.statuses import Status
from bookings.waiting_list import answers, offers
from bookings.waiting_list import entries as waiting
from clinic.catalogue.models import Treatment
from tests.bookings.moments import NOW, at, details
from tests.factories.bookings import AppointmentFactory, HoldFactory
from tests.factories.clinic import OfferedTreatmentFactory, PractitionerFactory, TreatmentFactory

pytestmark = pytest.mark.django_db
EVERYTHING = {"weekdays": [1, 2, 3, 4, 5, 6, 7], "parts": ["morning", "afternoon", "evening"]}


def booked(treatment, nurse, starts_at=None, n=1, **options):
    return book(
        treatment=treatment,
        practitioner=nurse,
        starts_at=starts_at or at(10),
        details=details(n),
        now=NOW,
        **options,
    )


def raise_price(treatment, to=120):
    Treatment.objects.filter(pk=treatment.pk).update(price=to, is_price_from=True)
    treatment.refresh_from_db()


def by_the_page(treatment, nurse):
    held = hold(treatment=treatment, practitioner=nurse, starts_at=at(10), now=NOW)
    return confirm(hold=held, details=details(), now=NOW)


def by_follow_up(treatment, nurse):
    before = TreatmentFactory(follow_up=treatment)
    first = AppointmentFactory(practitioner=nurse, treatment=before, starts_at=at(9, day=1))
    return book_follow_up(visit=first, starts_at=at(10, day=15), now=NOW)


def by_waiting_list(treatment, nurse):
    waiting.join(
        treatment=treatment,
        details=details(),
        now=NOW,
        practitioners=[],
        first_day=at(9).date(),
        last_day=at(9, day=5).date(),
        **EVERYTHING,
    )
    (offer,) = offers.sweep(NOW, by_staff=True)
    return answers.take(offer, NOW)


DOORS = {
    "page": by_the_page,
    "interface": lambda treatment, nurse: booked(treatment, nurse, source=Appointment.Source.API),
    "desk": lambda treatment, nurse: booked(treatment, nurse, source=Appointment.Source.DESK, by_staff=True),
    "import": lambda treatment, nurse: booked(treatment, nurse, source=Appointment.Source.IMPORT, by_staff=True),
    "series": lambda treatment, nurse: book_series(
        treatment=treatment, practitioner=nurse, starts=[at(10)], details=details(), now=NOW
    )[0],
    "follow-up": by_follow_up,
    "waiting list": by_waiting_list,
}


@pytest.mark.parametrize("door", DOORS)
def test_every_door_keeps_the_price_of_that_moment(door, treatment, nurse):
    """F9"""
    visit = DOORS[door](treatment, nurse)
    raise_price(treatment)

    visit = Appointment.objects.get(pk=visit.pk)
    assert (visit.price, visit.price_is_from, visit.agreed_price) == (Decimal("60.00"), False, "£60")


def test_a_price_changed_between_the_check_page_and_confirm_is_not_what_was_agreed(treatment, nurse):
    """F9: also when the held time ran out meanwhile and was still free."""
    held = hold(treatment=treatment, practitioner=nurse, starts_at=at(10), now=NOW)
    raise_price(treatment)

    visit = confirm(hold=held, details=details(), now=NOW + timedelta(minutes=30))

    assert Appointment.objects.get(pk=visit.pk).price == Decimal("60.00")


def test_a_time_held_after_the_change_is_at_the_new_price(treatment, nurse):
    raise_price(treatment)

    assert hold(treatment=treatment, practitioner=nurse, starts_at=at(10), now=NOW).agreed_price == "from £120"


def test_a_move_and_an_undone_cancellation_keep_the_price(treatment, nurse):
    """F9"""
    visit, other = booked(treatment, nurse), PractitionerFactory()
    OfferedTreatmentFactory(practitioner=other, treatment=treatment)
    raise_price(treatment)

    move(appointment=visit, starts_at=at(14), now=NOW)
    move(appointment=visit, starts_at=at(15), practitioner=other, now=NOW, by_staff=True)
    cancel(appointment=visit, now=NOW)
    restore(appointment=visit, now=NOW)

    assert Appointment.objects.get(pk=visit.pk).price == Decimal("60.00")


def test_of_an_imported_past_visit_no_price_is_made_up(treatment, nurse):
    """F9"""
    visit = booked(treatment, nurse, at(10, day=1) - timedelta(days=90), source="import", by_staff=True)

    assert (visit.price, visit.price_is_from) == (None, False)


@pytest.mark.parametrize("values", [{"price": -1}, {"price": None, "price_is_from": True}])
def test_the_database_refuses_a_price_that_cannot_be(values):
    with pytest.raises(IntegrityError, match="appointment_price_is_not_negative"), transaction.atomic():
        AppointmentFactory(**values)


def test_the_migration_keeps_what_pages_of_coming_visits_have_shown():
    """F9: a past visit, and a treatment without a price, stay without one."""
    treatment = TreatmentFactory(price=80, is_price_from=True)
    coming, kept = (
        row(treatment=treatment, price=None, price_is_from=False) for row in (AppointmentFactory, HoldFactory)
    )
    past = AppointmentFactory(
        treatment=treatment, starts_at=at(9) - timedelta(days=9000), price=None, price_is_from=False
    )
    unpriced = AppointmentFactory(treatment=TreatmentFactory(price=None))
    cancelled = AppointmentFactory(
        treatment=treatment, status=Status.CANCELLED, cancelled_at=NOW, price=None, price_is_from=False
    )

    import_module("bookings.migrations.0009_price_of_coming_visits").keep_the_price_shown(apps, None)

    found = {row.pk: (row.price, row.price_is_from) for row in Appointment.objects.all()}
    assert found[coming.pk] == found[kept.pk] == (Decimal("80.00"), True)
    assert found[past.pk] == found[unpriced.pk] == found[cancelled.pk] == (None, False)

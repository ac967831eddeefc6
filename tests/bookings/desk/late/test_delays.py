"""Whose visits start later, and what can be done for each."""

from datetime import timedelta

import pytest

from bookings.desk.late.delays import late_visits
from bookings.messages.planning.lateness import HELD, late_row
from bookings.visits.models import Appointment
from bookings.visits.models.statuses import Status
from tests.bookings.desk.late.conftest import NOW
from tests.bookings.moments import at
from tests.factories.bookings import AppointmentFactory

pytestmark = pytest.mark.django_db


def late(nurse, now=NOW):
    return [(one.visit.patient.full_name, one.about, one.tell) for one in late_visits(nurse.pk, now)]


def test_those_who_come_after_a_visit_that_is_over_start_later(nurse, over, come):
    come("Rowan Hale", "Ada Lane")

    assert late(nurse) == [("Rowan Hale", at(16, 42), "send"), ("Ada Lane", at(17, 12), "send")]
    # over by now, so the next may begin at any moment; a minute that has begun counts
    assert late(nurse, at(16, 45) + timedelta(seconds=10)) == [("Ada Lane", at(17, 16), "send")]


def test_nobody_is_late_when_all_is_on_time(nurse, over, come):
    come("Rowan Hale")
    Appointment.objects.filter(pk=over.pk).update(arrived_at=at(16, 2))

    assert late(nurse, at(16, 20)) == []


def test_whoever_lets_us_wait_is_late_by_themselves(nurse, come):
    come("Rowan Hale", "Ada Lane")

    assert late(nurse, at(16, 42)) == [("Ada Lane", at(17, 12), "send")]


def test_whoever_is_here_is_told_by_mouth_and_whoever_cannot_be_written_to_is_rung(nurse, over, come):
    here, rung = come("Rowan Hale", "Ada Lane", email="", phone="01622 555 123")
    Appointment.objects.filter(pk=here.pk).update(status=Status.ARRIVED, arrived_at=at(16, 25))

    assert [tell for _, _, tell in late(nurse)] == ["here", "ring"]
    assert rung.patient.reached_by == []


def test_whoever_knows_of_about_this_time_is_told(nurse, over, come):
    visit, _ = come("Rowan Hale", "Ada Lane")
    late_row(visit, at(16, 46), NOW - timedelta(minutes=10)).save()

    assert [tell for _, _, tell in late(nurse)] == ["told", "send"]
    Appointment.objects.filter(pk=over.pk).update(arrived_at=at(16, 25))
    assert [tell for _, _, tell in late(nurse)] == ["send", "send"]


@pytest.mark.parametrize(("contact_by", "channel"), [("both", "sms"), ("sms", "sms"), ("email", "email")])
def test_news_goes_the_way_the_patient_chose_and_by_text_where_both_will_do(over, come, contact_by, channel):
    (visit,) = come("Rowan Hale", contact_by=contact_by)

    row = late_row(visit, at(16, 45), NOW)

    assert (row.channel, row.due_at, row.expires_at) == (channel, NOW + HELD, at(16, 45))
    assert late_row(visit, NOW + HELD, NOW) is None  # of no use by the time it goes


def test_it_takes_one_statement_for_any_number(nurse, over, come, django_assert_num_queries):
    come("Rowan Hale", "Ada Lane", "Bo Reed")
    AppointmentFactory(practitioner=nurse, starts_at=at(9), status=Status.CANCELLED, cancelled_at=at(8))

    with django_assert_num_queries(1):
        assert len(late_visits(nurse.pk, NOW)) == 3

"""P-B9, P-B10: joining the list sends its link, and takes nothing off sale: only a time that came free is kept."""

from datetime import date, timedelta

import pytest

from bookings.engine.booking import book, hold
from bookings.engine.changes import cancel
from bookings.messages.channels.email import render
from bookings.messages.delivery.loop import run_once
from bookings.messages.models import Message
from bookings.timetable.models import TimeOff
from bookings.timetable.ranges import span
from bookings.visits.models import Appointment
from bookings.visits.models.statuses import Status
from bookings.waiting_list import entries as waiting
from bookings.waiting_list import offers
from bookings.waiting_list.models import Offer, WaitingEntry
from clinic.core.models import ClinicSettings
from clinic.privacy.models import LimitedRecord
from clinic.sending.outcomes import Sent
from tests.bookings.moments import NOW, at, details

pytestmark = pytest.mark.django_db
A_MINUTE = timedelta(minutes=1)


def join(treatment, n=1, now=NOW, who=None, **wishes):
    known = {
        "practitioners": [],
        "first_day": date(2027, 3, 2),
        "last_day": date(2027, 3, 5),
        "weekdays": [1, 2, 3, 4, 5, 6, 7],
        "parts": ["morning", "afternoon", "evening"],
    }
    return waiting.join(treatment=treatment, details=who or details(n), now=now, **known | wishes)


def offered(now=NOW, **options):
    return [offer.starts_at for offer in offers.sweep(now, **options)]


class TestNothingIsTakenOffSale:
    def test_what_was_free_when_they_joined_stays_on_sale(self, treatment, nurse):
        join(treatment)

        assert offered() == []
        assert not Appointment.objects.exists()

    def test_a_visit_that_is_called_off_is_offered_all_the_same(self, treatment, nurse):
        visit = book(treatment=treatment, practitioner=nurse, starts_at=at(10), details=details(9), now=NOW)
        join(treatment)
        cancel(appointment=visit, now=NOW)

        assert offered() == [at(9, 45)]  # the first start that the visit had stood in the way of

    def test_what_was_free_then_taken_and_freed_again_is_offered(self, treatment, nurse):
        join(treatment)
        visit = book(treatment=treatment, practitioner=nurse, starts_at=at(10), details=details(9), now=NOW)
        assert offered() == []
        cancel(appointment=visit, now=NOW)

        assert offered() == [at(9, 45)]

    def test_nobody_can_have_a_time_kept_by_holding_it_and_letting_go(self, treatment, nurse):
        hold(treatment=treatment, practitioner=nurse, starts_at=at(10), now=NOW)
        join(treatment)
        later = NOW + timedelta(minutes=11)

        assert offered(later) == []

    def test_nor_by_holding_it_after_joining(self, treatment, nurse):
        join(treatment)
        hold(treatment=treatment, practitioner=nurse, starts_at=at(10), now=NOW)

        assert offered(NOW + A_MINUTE) == []
        assert offered(NOW + timedelta(minutes=11)) == []

    def test_wishes_that_are_changed_take_nothing_off_sale_either(self, treatment, nurse):
        join(treatment, parts=["morning"])
        join(treatment, parts=["afternoon"], now=NOW + A_MINUTE)

        assert offered(NOW + A_MINUTE) == []

    def test_staff_may_keep_a_free_time_for_someone(self, treatment, nurse):
        join(treatment)

        assert offered(by_staff=True) == [at(9)]

    def test_one_address_has_two_times_kept_at_most_under_whatever_names(self, treatment, nurse):
        off = TimeOff.objects.create(practitioner=nurse, during=span(at(0), at(0, day=6)))
        for n in range(5):
            join(treatment, who=details(n, email="Same@example.com" if n % 2 else "same@example.com"))
        join(treatment, 9, now=NOW + A_MINUTE)
        off.delete()

        assert len(offered(NOW + A_MINUTE)) == 3
        assert Offer.objects.filter(entry__patient__email__iexact="same@example.com").count() == 2
        assert Appointment.objects.filter(status=Status.HELD).count() == 3

    def test_what_suits_and_is_free_is_found_instead(self, treatment, nurse):
        entry = join(treatment, weekdays=[3], parts=["afternoon"])

        assert waiting.free_for(entry, NOW)[0].starts_at == at(12, day=3)
        wishes = {"practitioners": [], "weekdays": [3], "parts": ["afternoon"], "now": NOW}
        days = {"first_day": date(2027, 3, 2), "last_day": date(2028, 3, 2)}
        assert waiting.free_instead(treatment=treatment, **days, **wishes)[0].starts_at == at(12, day=3)


class TestTheLinkIsSent:
    def test_once_a_wish_with_no_word_of_what_for(self, treatment, nurse):
        entry = join(treatment)
        message = Message.objects.get()

        assert (message.kind, message.recipient, message.entry) == ("waiting", "sam1@example.com", entry)
        letter = render(message, ClinicSettings.load(), NOW)
        assert letter.subject == "You are on our waiting list"
        assert f"/waiting/{entry.link_token}/" in letter.text
        assert treatment.name not in letter.text + letter.html

    def test_joining_twice_is_one_entry_and_one_link(self, treatment, nurse):
        assert join(treatment) == join(treatment, now=NOW + timedelta(seconds=1))
        assert Message.objects.count() == WaitingEntry.objects.count() == 1

    def test_who_lost_it_gets_it_again_by_joining_again(self, treatment, nurse):
        join(treatment)
        join(treatment, now=NOW + timedelta(minutes=6))

        assert WaitingEntry.objects.count() == 1
        assert Message.objects.filter(kind="waiting").count() == 2

    def test_an_address_that_others_type_in_gets_few_of_them(self, treatment, nurse):
        for n in range(8):
            join(treatment, who=details(n, email="same@example.com"))

        assert Message.objects.filter(recipient="same@example.com").count() == waiting.MOST_LINKS_A_DAY

    def test_it_goes_where_the_person_is_reached_today_and_not_to_who_has_left(self, treatment, nurse):
        sent = []
        join(treatment)
        gone = join(treatment, 2)
        waiting.leave(gone, NOW)
        run_once(now=NOW, send=lambda message, _: sent.append(message) or Sent(subject="", text=""))

        assert [message.recipient for message in sent] == ["sam1@example.com"]
        assert Message.objects.get(entry=gone).state == "withdrawn"


def test_nothing_is_offered_while_the_record_is_of_limited_use(treatment, nurse):
    visit = book(treatment=treatment, practitioner=nurse, starts_at=at(10), details=details(9), now=NOW)
    entry = join(treatment)
    limit = LimitedRecord.objects.create(patient=entry.patient, since=NOW)
    cancel(appointment=visit, now=NOW)

    assert offered() == []

    limit.delete()
    assert offered() == [at(9, 45)]

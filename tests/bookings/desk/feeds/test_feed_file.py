"""What the file tells, read back by a calendar library."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import icalendar
import pytest

from bookings.desk.feeds.models import CalendarFeed
from bookings.timetable.models import RegularTimeOff, TimeOff
from bookings.timetable.ranges import span
from bookings.visits.models import Appointment, BookingSettings
from bookings.visits.models.statuses import Status
from tests.bookings.moments import NOW, at
from tests.factories.bookings import AppointmentFactory, HoldFactory
from tests.factories.clinic import PatientFactory, PractitionerFactory, TreatmentFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def visit(nurse, place):
    return AppointmentFactory(
        practitioner=nurse,
        location=place,
        starts_at=at(9, 30),
        treatment=TreatmentFactory(name="Botulinum toxin", is_prescription_only=True, price=None),
        patient=PatientFactory(full_name="Ms Joan Whitfield", phone="+447700900123", email="joan@example.com"),
        note="Afraid of needles",
    )


@pytest.fixture
def fetch(client, make):
    def fetch_it(detail="times"):
        answer = client.get(make(detail))
        assert answer.status_code == 200
        ics = icalendar.Calendar.from_ical(answer.content)
        assert not ics.errors
        assert not [event.errors for event in ics.walk("VEVENT") if event.errors]
        return ics

    return fetch_it


def events(ics):
    return ics.walk("VEVENT")


def test_by_itself_it_tells_when_and_where_and_the_reference(fetch, visit):
    ics = fetch()

    [event] = events(ics)
    assert event["uid"] == f"{visit.reference}@testserver"
    assert event["sequence"] == visit.version
    assert event["summary"] == "Visit"
    assert event["location"] == "Demo rooms, 1 Example Street, Maidstone"
    assert event["description"] == f"Reference {visit.reference}"
    assert event["url"] == f"http://testserver/diary/visits/{visit.reference}/"
    assert (event["dtstart"].dt, event["dtend"].dt) == (visit.starts_at, visit.ends_at)
    assert event["dtstart"].params["TZID"] == "Europe/London"
    assert event["transp"] == "OPAQUE"
    assert ics["refresh-interval"].to_ical() == ics["x-published-ttl"].to_ical() == b"PT15M"
    assert ics["refresh-interval"].params["VALUE"] == "DURATION"
    assert [zone["tzid"] for zone in ics.walk("VTIMEZONE")] == ["Europe/London"]


@pytest.mark.parametrize(
    ("detail", "summary"), [("times", "Visit"), ("initials", "Visit: JW"), ("names", "Visit: Ms Joan Whitfield")]
)
@pytest.mark.usefixtures("names_allowed")
def test_it_never_tells_treatment_number_address_or_note(client, make, visit, detail, summary):
    text = client.get(make(detail)).content.decode()

    assert f"SUMMARY:{summary}\r\n" in text
    for secret in ("Botulinum", "7700", "joan@", "needles"):
        assert secret not in text
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))


@pytest.mark.usefixtures("names_allowed")
def test_once_the_owner_forbids_names_a_feed_made_with_them_tells_times_only(client, make, visit):
    address = make("names")
    BookingSettings(pk=1, feeds_may_name_patients=False).save()

    assert "Whitfield" not in client.get(address).content.decode()


def test_it_holds_the_visits_of_its_practitioner_and_its_days_alone(fetch, nurse):
    day = NOW.replace(hour=12)
    inside = [AppointmentFactory(practitioner=nurse, starts_at=day + timedelta(days=n)) for n in (-30, 0, 180)]
    for n in (-31, 181):
        AppointmentFactory(practitioner=nurse, starts_at=day + timedelta(days=n))
    AppointmentFactory(starts_at=day)
    HoldFactory(practitioner=nurse, starts_at=at(15))

    assert [str(event["uid"])[:8] for event in events(fetch())] == [visit.reference for visit in inside]


def test_a_cancelled_visit_is_told_for_thirty_days(fetch, nurse):
    kept, gone = (
        AppointmentFactory(
            practitioner=nurse,
            starts_at=at(10 + n),
            status=Status.CANCELLED,
            cancelled_at=NOW - timedelta(days=30 + n),
        )
        for n in (0, 1)
    )

    [event] = events(fetch())
    assert (str(event["uid"])[:8], event["status"]) == (kept.reference, "CANCELLED")
    assert gone.reference != kept.reference


def test_a_moved_visit_is_the_same_event_with_a_higher_sequence(fetch, visit):
    [before] = events(fetch())
    to = span(at(14), at(14, 30))
    Appointment.objects.filter(pk=visit.pk).update(during=to, occupied=to, version=2)

    [after] = events(fetch())
    assert after["uid"] == before["uid"]
    assert (before["sequence"], after["sequence"]) == (1, 2)
    assert after["dtstart"].dt == at(14)


@pytest.mark.parametrize("day", [28, 31])
def test_on_the_days_on_which_the_clocks_change_a_visit_keeps_its_moment(client, make, nurse, day):
    month = 3 if day == 28 else 10
    moments = [datetime(2027, month, day, hour, minute, tzinfo=UTC) for hour in (0, 1) for minute in (0, 30)]
    for moment in moments:
        AppointmentFactory(practitioner=nurse, starts_at=moment)
    address = make()
    CalendarFeed.objects.update(ahead_days=300)

    found = icalendar.Calendar.from_ical(client.get(address).content).walk("VEVENT")
    assert [event["dtstart"].dt.astimezone(UTC) for event in found] == moments
    assert {event["dtend"].dt.astimezone(UTC) - event["dtstart"].dt.astimezone(UTC) for event in found} == {
        timedelta(minutes=30)
    }


# --- time off ------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("names_allowed")
@pytest.mark.parametrize(
    ("detail", "summaries"), [("times", ["Time off", "Closed"]), ("names", ["Dentist", "Painting the rooms"])]
)
def test_time_off_leaves_its_time_free_and_gives_no_reason_with_times_only(fetch, nurse, detail, summaries):
    TimeOff.objects.create(practitioner=nurse, during=span(at(13), at(17)), reason="Dentist")
    TimeOff.objects.create(during=span(at(0, day=5), at(0, day=6)), reason="Painting the rooms")
    TimeOff.objects.create(practitioner=PractitionerFactory(), during=span(at(13), at(17)))

    found = events(fetch(detail))

    assert [event["summary"] for event in found] == summaries
    assert [(event["dtstart"].dt, event["dtend"].dt) for event in found] == [
        (at(13), at(17)),
        (at(0, day=5), at(0, day=6)),
    ]
    assert {event["transp"] for event in found} == {"TRANSPARENT"}


@pytest.mark.parametrize(
    ("weekday", "every_weeks", "valid_from", "valid_until", "first", "rule"),
    [
        (3, 1, date(2027, 3, 1), None, date(2027, 3, 3), "FREQ=WEEKLY;INTERVAL=1;BYDAY=WE"),
        # counted from the week of the first day, a Thursday: the Tuesday of that week has passed
        (2, 2, date(2027, 3, 4), None, date(2027, 3, 16), "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU"),
        (
            5,
            1,
            date(2027, 3, 1),
            date(2027, 4, 30),
            date(2027, 3, 5),
            "FREQ=WEEKLY;UNTIL=20270430T225959Z;INTERVAL=1;BYDAY=FR",
        ),
    ],
)
def test_weekly_time_off_comes_again_as_in_the_rota(  # noqa: PLR0917
    fetch, nurse, weekday, every_weeks, valid_from, valid_until, first, rule
):
    RegularTimeOff.objects.create(
        practitioner=nurse,
        weekday=weekday,
        starts_at=time(12),
        ends_at=time(13),
        every_weeks=every_weeks,
        valid_from=valid_from,
        valid_until=valid_until,
        reason="Lunch",
    )

    [event] = events(fetch())

    assert event["dtstart"].dt.date() == first
    assert (event["dtstart"].dt.hour, event["dtend"].dt.hour) == (12, 13)
    assert event["rrule"].to_ical().decode() == rule
    assert (event["summary"], event["transp"]) == ("Time off", "TRANSPARENT")


def test_weekly_time_off_that_never_comes_is_left_out(fetch, nurse):
    RegularTimeOff.objects.create(
        practitioner=nurse,
        weekday=1,
        starts_at=time(12),
        ends_at=time(13),
        valid_from=date(2027, 3, 2),
        valid_until=date(2027, 3, 6),
    )

    assert events(fetch()) == []

from datetime import date, datetime, time, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bookings.engine.availability.free_times import free_slots
from bookings.engine.availability.nearest import nearest_slots
from bookings.engine.availability.open_days import open_days
from bookings.timetable.models import Device, ExtraHours, OpenedHoliday, RegularTimeOff, TimeOff
from bookings.timetable.ranges import span
from bookings.visits.models import BookingSettings
from bookings.visits.models.statuses import Status
from clinic.catalogue.models import DeviceKind, RoomKind
from clinic.core import clock
from clinic.core.clock import LONDON
from tests.bookings.engine.availability import naive
from tests.bookings.moments import NOW, at
from tests.factories.bookings import AppointmentFactory, LocationFactory, RoomFactory, WorkingHoursFactory, working_week
from tests.factories.clinic import PractitionerFactory, TreatmentFactory

pytestmark = pytest.mark.django_db
EASTER_MONDAY = date(2027, 3, 29)
CLOCK_CHANGES = [date(2027, 3, 28), date(2027, 10, 31)]


def starts(treatment, day, last_day=None, **options):
    slots = free_slots(
        treatment=treatment, first_day=day, last_day=last_day or day, now=options.pop("now", NOW), **options
    )
    return [clock.local(slot.starts_at).strftime("%H:%M") for slot in slots]


def test_a_free_day_has_a_start_on_every_step(treatment, nurse):
    found = starts(treatment, date(2027, 3, 2))

    assert (found[0], found[1], found[-1], len(found)) == ("09:00", "09:15", "16:30", 31)


def test_visits_holds_and_time_off_take_their_time(treatment, nurse, location):
    AppointmentFactory(practitioner=nurse, starts_at=at(9), minutes=60)
    AppointmentFactory(
        practitioner=nurse,
        starts_at=at(11),
        status=Status.HELD,
        patient=None,
        hold_expires_at=NOW + timedelta(minutes=5),
    )
    AppointmentFactory(practitioner=nurse, starts_at=at(13), status=Status.CANCELLED, cancelled_at=NOW)
    TimeOff.objects.create(practitioner=nurse, during=span(at(14), at(23)))

    found = starts(treatment, date(2027, 3, 2))
    assert found == [
        "10:00",
        "10:15",
        "10:30",
        *[f"{h}:{m:02}" for h in (11, 12) for m in (0, 15, 30, 45)][2:],
        "13:00",
        "13:15",
        "13:30",
    ]


def test_a_dead_hold_blocks_nobody(treatment, nurse):
    AppointmentFactory(
        practitioner=nurse,
        starts_at=at(9),
        status=Status.HELD,
        patient=None,
        hold_expires_at=NOW - timedelta(seconds=1),
    )

    assert starts(treatment, date(2027, 3, 2))[0] == "09:00"


@pytest.mark.parametrize(("minutes", "last"), [(60, "16:00"), (45, "16:30"), (30, "16:30")])
def test_another_time_for_a_visit_has_the_length_that_staff_gave_it(treatment, location, minutes, last):
    nurse, colleague = PractitionerFactory(offers=[treatment]), PractitionerFactory(offers=[treatment])
    nurse.offered.update(duration_minutes=30 if minutes == 30 else 45)
    working_week(colleague, location)
    known = {"practitioner": nurse, "treatment": treatment, "location": location}
    visit = AppointmentFactory(**known, starts_at=at(11), minutes=minutes)

    assert starts(treatment, date(2027, 3, 2), practitioner=colleague, ignoring=visit)[-1] == last


def test_another_time_in_place_of_a_hold_has_the_usual_length(treatment, nurse, location):
    known = {"practitioner": nurse, "treatment": treatment, "location": location, "status": Status.HELD}
    held = AppointmentFactory(**known, starts_at=at(11), minutes=60, patient=None, hold_expires_at=NOW)

    assert starts(treatment, date(2027, 3, 2), ignoring=held)[-1] == "16:30"


def test_the_whole_clinic_may_be_closed(treatment, nurse):
    TimeOff.objects.create(practitioner=None, during=span(*clock.day_bounds(date(2027, 3, 2))))

    assert starts(treatment, date(2027, 3, 2)) == []


def test_notice_and_horizon_bound_what_is_offered(treatment, nurse):
    BookingSettings.objects.update_or_create(defaults={"minimum_notice_hours": 4, "horizon_days": 2})

    found = free_slots(treatment=treatment, first_day=date(2027, 3, 1), last_day=date(2027, 3, 9), now=NOW)
    assert clock.local(found[0].starts_at) == at(12, day=1)
    assert clock.local(found[-1].starts_at) == at(16, 30, day=2)


def test_fortnightly_hours_and_their_validity(treatment, location):
    nurse = PractitionerFactory(offers=[treatment])
    WorkingHoursFactory(
        practitioner=nurse,
        location=location,
        weekday=6,
        valid_from=date(2027, 3, 3),
        valid_until=date(2027, 4, 10),
        every_weeks=2,
    )

    found = free_slots(treatment=treatment, first_day=date(2027, 3, 1), last_day=date(2027, 4, 30), now=NOW)
    assert {clock.today(slot.starts_at) for slot in found} == {date(2027, 3, 6), date(2027, 3, 20), date(2027, 4, 3)}


def test_only_free_rooms_of_the_right_kind_at_the_place_count(location):
    treatment = TreatmentFactory(room_kind=RoomKind.TREATMENT_ROOM)
    nurse = PractitionerFactory(offers=[treatment])
    working_week(nurse, location)
    RoomFactory(location=LocationFactory())
    assert starts(treatment, date(2027, 3, 2)) == []

    room = RoomFactory(location=location)
    AppointmentFactory(room=room, starts_at=at(9), minutes=7 * 60)
    assert starts(treatment, date(2027, 3, 2)) == ["16:00", "16:15", "16:30"]


def test_of_two_practitioners_either_can_be_asked_for(treatment, nurse, location):
    other = PractitionerFactory(offers=[treatment], position=9)
    WorkingHoursFactory(practitioner=other, location=location, weekday=2, starts_at=time(9), ends_at=time(9, 30))

    slots = free_slots(treatment=treatment, first_day=date(2027, 3, 2), last_day=date(2027, 3, 2), now=NOW)
    assert [slot.practitioner_id for slot in slots[:3]] == [nurse.pk, other.pk, nurse.pk]
    assert starts(treatment, date(2027, 3, 2), practitioner=other) == ["09:00"]


def test_open_days_count_each_start_once(treatment, nurse, location):
    working_week(PractitionerFactory(offers=[treatment]), location)
    TimeOff.objects.create(practitioner=None, during=span(*clock.day_bounds(date(2027, 3, 3))))

    days = open_days(treatment=treatment, now=NOW, limit=3)
    assert [(entry.day.day, entry.slots) for entry in days] == [(1, 19), (2, 31), (4, 31)]


def test_nearest_slots_look_both_ways_and_far(treatment, nurse):
    TimeOff.objects.create(practitioner=nurse, during=span(at(0, day=1), at(0, day=29)))

    found = nearest_slots(treatment=treatment, starts_at=at(10), now=NOW)
    assert [clock.local(slot.starts_at) for slot in found] == [at(9, day=30), at(9, 15, day=30), at(9, 30, day=30)]


def test_one_statement_for_the_slots_and_one_for_the_rules(treatment, nurse, django_assert_num_queries):
    BookingSettings.load()
    with django_assert_num_queries(2):
        free_slots(treatment=treatment, first_day=date(2027, 3, 1), last_day=date(2027, 4, 30), now=NOW)


times = st.integers(0, 95).map(lambda quarter: time(quarter // 4, quarter % 4 * 15))
lengths = st.sampled_from([15, 20, 30, 45, 90]).map(lambda minutes: timedelta(minutes=minutes))
buffers = st.sampled_from([0, 5, 15]).map(lambda minutes: timedelta(minutes=minutes))


@st.composite
def days_of_a_clinic(draw):
    change = draw(st.sampled_from(CLOCK_CHANGES))
    first = change - timedelta(days=draw(st.integers(0, 1)))
    last = change + timedelta(days=draw(st.integers(0, 1)))
    midnight = datetime.combine(first, time(0), tzinfo=LONDON).astimezone(naive.UTC)
    moments = st.integers(0, 75 * 12).map(lambda five: midnight + timedelta(minutes=5 * five))
    spans = st.tuples(moments, lengths).map(lambda pair: (pair[0], pair[0] + pair[1]))
    hours = draw(st.lists(st.tuples(st.integers(5, 7) | st.just(1), times, times), min_size=1, max_size=5))
    return {
        "first": first,
        "last": last,
        "hours": apart([(day, *sorted(pair)) for day, *pair in hours if pair[0] != pair[1]]),
        "extra": draw(st.lists(spans, max_size=2)),
        "visits": naive.merged(draw(st.lists(spans, max_size=6))),
        "off": draw(st.lists(spans, max_size=2)),
        "length": draw(lengths),
        "before": draw(buffers),
        "after": draw(buffers),
        "step": draw(st.sampled_from([10, 15, 30, 60])),
        "notice": draw(st.integers(0, 30)),
        "pauses": [
            (*pair, weeks)
            for *pair, weeks in draw(st.lists(st.tuples(times, times, st.sampled_from([1, 2])), max_size=2))
            if pair[0] < pair[1]
        ],
        "last_start": draw(st.none() | times),
        "closes": draw(st.booleans()),
        "opened": draw(st.booleans()),
        "device": naive.merged(draw(st.lists(spans, max_size=3))) if draw(st.booleans()) else None,
        "avoids_gaps": draw(st.booleans()),
    }


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(world=days_of_a_clinic())
def test_one_statement_finds_what_a_naive_search_finds(world):
    """Over both clock changes: what is skipped is not offered, what comes twice is offered twice."""
    with transaction.atomic():
        assert_same_as_naive(world)
        transaction.set_rollback(True)


def assert_same_as_naive(world):
    now = datetime.combine(world["first"], time(3), tzinfo=LONDON) - timedelta(hours=20)
    BookingSettings.objects.update_or_create(
        defaults={
            "slot_step_minutes": world["step"],
            "minimum_notice_hours": world["notice"],
            "last_start_at": world["last_start"],
            "closes_on_public_holidays": world["closes"],
            "avoids_short_gaps": world["avoids_gaps"],
        }
    )
    treatment = TreatmentFactory(
        duration_minutes=world["length"].seconds // 60,
        buffer_before_minutes=world["before"].seconds // 60,
        buffer_after_minutes=world["after"].seconds // 60,
    )
    nurse, place = PractitionerFactory(offers=[treatment]), LocationFactory()
    hours, pauses = furnish(world, nurse, place, treatment)

    found = free_slots(treatment=treatment, first_day=world["first"], last_day=world["last"], now=now)

    days = world["first"], world["last"]
    window = clock.day_bounds(days[0])[0], clock.day_bounds(days[1])[1]
    extra = [pair for pair in world["extra"] if naive.overlap(pair, window)]
    closed = [EASTER_MONDAY] if world["closes"] and not world["opened"] else []
    assert [slot.starts_at for slot in found] == sorted(
        naive.free_starts(
            opening=naive.opening_spans(hours, extra, *days, closed),
            occupied=world["visits"],
            off=world["off"] + naive.weekly_spans(pauses, *days),
            earliest=max(window[0], now + timedelta(hours=world["notice"])),
            latest=window[1],
            step=timedelta(minutes=world["step"]),
            device=world["device"] or [],
            **{name: world[name] for name in ("length", "before", "after", "last_start", "avoids_gaps")},
        )
    )


def apart(hours):
    """Those of them that overlap none before them."""
    kept = []
    for day, opens, closes in hours:
        if not any(one[0] == day and opens < one[2] and one[1] < closes for one in kept):
            kept.append((day, opens, closes))
    return kept


def furnish(world, nurse, place, treatment):
    """What the world says, as rows; gives those of the rota."""
    in_pieces(world["visits"], practitioner=nurse)
    if world["device"] is not None:
        treatment.device_kind = DeviceKind.objects.create(name="Laser")
        treatment.save()
        device = Device.objects.create(location=place, name="One", kind=treatment.device_kind)
        Device.objects.create(location=place, name="Broken", kind=treatment.device_kind, is_active=False)
        in_pieces(world["device"], practitioner=PractitionerFactory(), device=device)
    if world["opened"]:
        OpenedHoliday.objects.create(day=EASTER_MONDAY)
    for starts_at, ends_at in world["extra"]:
        ExtraHours.objects.create(practitioner=nurse, location=place, during=span(starts_at, ends_at))
    for starts_at, ends_at in world["off"]:
        TimeOff.objects.create(practitioner=nurse, during=span(starts_at, ends_at))
    hours = [
        WorkingHoursFactory(practitioner=nurse, location=place, weekday=day, starts_at=opens, ends_at=closes)
        for day, opens, closes in world["hours"]
    ]
    pauses = [
        RegularTimeOff(
            practitioner=nurse if weekday % 2 else None,
            weekday=weekday,
            starts_at=begins,
            ends_at=ends,
            every_weeks=weeks,
            valid_from=date(2027, 3, 15),
        )
        for begins, ends, weeks in world["pauses"]
        for weekday in (6, 7, 1)
    ]
    RegularTimeOff.objects.bulk_create(pauses)
    return hours, pauses


def in_pieces(spans, **visit):
    """Visits last 8 hours at the most: longer spans become several."""
    for starts_at, ends_at in spans:
        for offset in range(0, int((ends_at - starts_at).total_seconds() // 60), 240):
            piece_start = starts_at + timedelta(minutes=offset)
            piece = min(ends_at - piece_start, timedelta(minutes=240))
            AppointmentFactory(starts_at=piece_start, minutes=piece.total_seconds() // 60, **visit)

"""Hours of an earlier release that overlap are parted by the upgrade: each day keeps its hours, at the older row's place."""

from contextlib import contextmanager
from datetime import date, time, timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection, transaction
from hypothesis import event, given
from hypothesis import strategies as st

from bookings.timetable.models import WorkingHours
from tests.factories.bookings import LocationFactory
from tests.factories.clinic import PractitionerFactory

pytestmark = pytest.mark.django_db
upgrade = import_module("bookings.migrations.0031_working_hours_never_overlap")
CONSTRAINT = next(one for one in WorkingHours._meta.constraints if one.name == "working_hours_never_overlap")
MONDAY = date(2027, 3, 1)
DAYS = [MONDAY + timedelta(days=n) for n in range(2 * 366)]
TWO_DAYS = (2, 6)


@st.composite
def rows(draw):
    first, length = draw(st.integers(0, 100)), draw(st.none() | st.integers(0, 150))
    opens = draw(st.integers(8, 12))
    return {
        "weekday": draw(st.sampled_from(TWO_DAYS)),
        "starts_at": time(opens, draw(st.sampled_from([0, 30]))),
        "ends_at": time(opens + draw(st.integers(1, 6))),
        "valid_from": DAYS[first],
        "valid_until": None if length is None else DAYS[first + length],
        "every_weeks": draw(st.sampled_from([1, 1, 1, 2, 2, 3, 4, 5, 6, 7, 8])),
        "place": draw(st.booleans()),
    }


@contextmanager
def as_before_the_upgrade():
    """Rows can overlap; afterwards nothing has been."""
    with transaction.atomic():
        with connection.schema_editor(atomic=False) as editor:
            editor.remove_constraint(WorkingHours, CONSTRAINT)
        yield
        transaction.set_rollback(True)


def part_them():
    with connection.schema_editor(atomic=False) as editor:
        upgrade.part_overlapping_hours(apps, editor)
        editor.add_constraint(WorkingHours, CONSTRAINT)


def half_hours(nurse):
    """Each half hour that is open, and where: at two places at the one whose row is older."""
    found = {}
    for row in WorkingHours.objects.filter(practitioner=nurse).order_by("-pk"):
        weekly = [n for n in range(48) if row.starts_at <= time(n // 2, n % 2 * 30) < row.ends_at]
        for day in DAYS:
            if day.isoweekday() == row.weekday and row.weeks.holds_on(day):
                found |= {(day, n): row.location_id for n in weekly}
    return found


@given(st.lists(rows(), min_size=2, max_size=4))
def test_each_day_keeps_its_hours(drawn):
    with as_before_the_upgrade():
        nurse, places = PractitionerFactory(), [LocationFactory(), LocationFactory()]
        for row in drawn:
            WorkingHours.objects.create(
                practitioner=nurse, **{k: v for k, v in row.items() if k != "place"}, location=places[row["place"]]
            )
        before = half_hours(nurse)

        part_them()

        assert half_hours(nurse) == before
        event(f"{WorkingHours.objects.count() - len(drawn)} rows more")


def test_hours_that_do_not_overlap_stay_as_they_are():
    with as_before_the_upgrade():
        nurse, place = PractitionerFactory(), LocationFactory()
        for weekday, opens in ((1, 9), (1, 13), (2, 9)):
            WorkingHours.objects.create(
                practitioner=nurse, location=place, weekday=weekday, starts_at=time(opens), ends_at=time(opens + 4),
                valid_from=MONDAY,
            )  # fmt: skip
        before = list(WorkingHours.objects.order_by("pk").values())

        part_them()

        assert list(WorkingHours.objects.order_by("pk").values()) == before


def test_the_second_of_two_rows_alike_goes_and_what_stands_out_stays():
    with as_before_the_upgrade():
        known = {
            "practitioner": PractitionerFactory(),
            "location": LocationFactory(),
            "weekday": 1,
            "valid_from": MONDAY,
        }
        first, second = (
            WorkingHours.objects.create(**known, starts_at=time(9), ends_at=time(ends)) for ends in (17, 19)
        )
        WorkingHours.objects.create(**known, starts_at=time(9), ends_at=time(17))

        part_them()

        assert [(row.pk, row.starts_at, row.ends_at) for row in WorkingHours.objects.order_by("pk")] == [
            (first.pk, time(9), time(17)),
            (second.pk, time(17), time(19)),
        ]


def test_what_the_rota_cannot_say_is_written_out_week_by_week():
    """Every third week but for every twelfth, for five years; and to the end where there is one."""
    with as_before_the_upgrade():
        known = {"practitioner": PractitionerFactory(), "location": LocationFactory(), "weekday": 1}
        hours = {"starts_at": time(9), "ends_at": time(17)}
        WorkingHours.objects.create(**known, **hours, valid_from=MONDAY, every_weeks=4)
        WorkingHours.objects.create(**known, **hours, valid_from=MONDAY, every_weeks=3)

        part_them()

        single = WorkingHours.objects.filter(valid_from=MONDAY + timedelta(weeks=3))
        assert [(row.valid_until, row.every_weeks) for row in single] == [(MONDAY + timedelta(days=27), 1)]
        last = WorkingHours.objects.order_by("-valid_from").first()
        assert last.valid_from > MONDAY + timedelta(days=4 * 365)
        assert not WorkingHours.objects.filter(valid_from=MONDAY + timedelta(weeks=12)).exists()

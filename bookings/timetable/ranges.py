"""Half-open `[)` ranges of moments: the one shape of time in this app."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.contrib.postgres.fields import DateTimeRangeField
from django.db import models
from django.db.models import Func, Q
from django.db.models.lookups import GreaterThanOrEqual, LessThanOrEqual
from psycopg.types.range import TimestamptzRange


def span(starts_at: datetime, ends_at: datetime) -> TimestamptzRange:
    """`[starts_at, ends_at)`; both aware."""
    return TimestamptzRange(starts_at, ends_at, "[)")


class RangeLength(Func):
    """How long a range is, as an interval."""

    template = "(upper(%(expressions)s) - lower(%(expressions)s))"
    output_field = models.DurationField()


def is_well_formed(field: str) -> Q:
    """Not empty, finite at both ends, `[)`. An empty range overlaps nothing, so no exclusion would see it."""
    return Q(
        **{
            f"{field}__isempty": False,
            f"{field}__lower_inc": True,
            f"{field}__upper_inc": False,
            f"{field}__lower_inf": False,
            f"{field}__upper_inf": False,
        }
    )


def lasts(field: str, *, at_least: timedelta, at_most: timedelta) -> Q:
    return Q(GreaterThanOrEqual(RangeLength(field), at_least)) & Q(LessThanOrEqual(RangeLength(field), at_most))


def well_formed_constraint(field: str, *, of: str) -> models.CheckConstraint:
    """The check that every range of this app carries."""
    return models.CheckConstraint(
        name=f"{of}_{field}_is_a_half_open_span",
        condition=is_well_formed(field),
        violation_error_message="The end must be after the start.",
    )


class SpanField(DateTimeRangeField):
    """A `tstzrange`, `[)` by default."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("default_bounds", "[)")
        super().__init__(*args, **kwargs)

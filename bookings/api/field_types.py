"""Types of the API's fields: what each may hold, judged as on the pages."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import wraps
from typing import Annotated, TypeVar

from django.core.exceptions import ValidationError
from ninja import Field, Query
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BeforeValidator,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
)

from clinic.core import clock
from clinic.patients import validation

T = TypeVar("T")


def _no_control_characters(text: str) -> str:
    if any(unicodedata.category(character) == "Cc" and character not in "\n\t\r" for character in text):
        raise ValueError("Use ordinary characters only.")
    return text


def _judged_by(rule: Callable[[T], T]) -> Callable[[T], T]:
    """The page's own judgement of a person, as pydantic wants it told."""

    @wraps(rule)
    def judge(value: T) -> T:
        try:
            return rule(value)
        except ValidationError as error:
            raise ValueError(f"{error.message}.") from error

    return judge


def _if_any(rule: Callable[[str], str]) -> Callable[[str], str]:
    return lambda text: rule(text) if text else ""


def _birthday(born: date) -> date:
    return validation.birthday(born, clock.today())


def _iso_text(value: object) -> object:
    """Pydantic would also take the seconds since 1970."""
    if isinstance(value, str) and not value.strip().lstrip("+-").replace(".", "").isdigit():
        return value
    raise ValueError("Write it as in ISO 8601, like 2027-03-28 or 2027-03-28T09:00:00+01:00.")


def _near_day(day: date) -> date:
    if not FIRST_DAY <= day <= LAST_DAY:
        raise ValueError(f"Days go from {FIRST_DAY} to {LAST_DAY}.")
    return day


FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2199, 12, 31)


Day = Annotated[date, BeforeValidator(_iso_text), AfterValidator(_near_day)]


def _in_utc(moment: datetime) -> datetime:
    """An offset may be written that no clock on earth shows, and PostgreSQL takes none beyond 16 hours."""
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("Give a time of this century.") from error


Moment = Annotated[AwareDatetime, BeforeValidator(_iso_text), AfterValidator(_in_utc)]


Slug = Annotated[str, StringConstraints(min_length=1, max_length=80, pattern=r"^[-a-zA-Z0-9_]+$")]


Text = Annotated[str, StringConstraints(strip_whitespace=True), AfterValidator(_no_control_characters)]


Name = Annotated[
    str,
    StringConstraints(min_length=validation.SHORTEST_NAME, max_length=validation.LONGEST_NAME),
    AfterValidator(_judged_by(validation.name)),
]


Email = Annotated[
    str, StringConstraints(max_length=validation.LONGEST_EMAIL), AfterValidator(_judged_by(validation.email))
]


Phone = Annotated[
    str, StringConstraints(max_length=validation.LONGEST_PHONE), AfterValidator(_judged_by(validation.phone))
]


MaybeEmail = Annotated[
    str, StringConstraints(max_length=validation.LONGEST_EMAIL), AfterValidator(_if_any(_judged_by(validation.email)))
]


MaybePhone = Annotated[
    str, StringConstraints(max_length=validation.LONGEST_PHONE), AfterValidator(_if_any(_judged_by(validation.phone)))
]


Birthday = Annotated[date, BeforeValidator(_iso_text), AfterValidator(_judged_by(_birthday))]


def _local_iso(moment: datetime) -> str:
    return clock.local(moment).isoformat()


LocalTime = Annotated[
    datetime, PlainSerializer(_local_iso, return_type=str), WithJsonSchema({"type": "string", "format": "date-time"})
]


REFUSE_IF_CHANGED = "Refuse (409) if the visit was changed since."


Version = Annotated[int | None, Field(ge=1, le=2**31 - 1, description=REFUSE_IF_CHANGED)]


AskedVersion = Annotated[int | None, Query(ge=1, le=2**31 - 1, description=REFUSE_IF_CHANGED, examples=[1])]

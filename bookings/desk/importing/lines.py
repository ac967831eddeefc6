"""Read the file of another system: a visit a line, told by line number what cannot be one."""

from __future__ import annotations

import csv
import json
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, TypeVar

from django.core.exceptions import ValidationError

from bookings.desk.importing.status import Outcome, meaning, outcome
from bookings.engine.eligibility import PatientDetails, details_of, records_of
from bookings.engine.idempotency import IMPORTED, Idempotency
from bookings.engine.placement import usual_slot
from bookings.visits.models.statuses import Status
from clinic.catalogue.models import Treatment
from clinic.core import clock
from clinic.core.errors import DomainError
from clinic.patients import validation
from clinic.patients.models import fold
from clinic.practitioners.models import Practitioner

if TYPE_CHECKING:
    from _csv import Reader

COLUMNS = ("starts_at", "treatment", "practitioner", "full_name", "email", "phone", "date_of_birth", "note")
MAY_BE_EMPTY = {"email", "phone", "note", "status"}  # without an address or a number, what would go there is not sent
STATUS = "status"  # a column that may be left out
LONGEST = {"full_name": 150, "email": 254, "note": 1000}
YEARS = range(1970, 2200)
Row = TypeVar("Row", Treatment, Practitioner)
Value = TypeVar("Value", str, date)


class FileRefused(DomainError):
    """The file as a whole cannot be read; nothing of it was imported."""

    code = "file_refused"


class LineRefused(DomainError):
    """What a line says cannot be a visit."""

    code = "line_refused"


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the file by its number; no values if there are more or fewer of them than columns.

    `has_twin`: the file names the same visit both as cancelled and as not, so one was booked in place of the other.
    """

    number: int
    values: dict[str, str] | None
    has_twin: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A line understood. Moments are aware; the key stands for the person, the time and what it is for."""

    starts_at: datetime
    ends_at: datetime
    outcome: Outcome
    treatment: Treatment
    practitioner: Practitioner
    details: PatientDetails
    key: Idempotency


def read(file: Iterable[str]) -> list[Line]:
    """The lines of a file whose first line names the columns, in any order; empty lines are left out.

    Raises:
        FileRefused: it is no CSV, or a column is missing.
    """
    reader = csv.reader(file, strict=True)
    try:
        names = [name.strip().lower() for name in next(reader, [])]
        if missing := [name for name in COLUMNS if name not in names]:
            raise FileRefused(f"The first line has to name these columns too: {', '.join(missing)}.")
        return _with_twins(list(_lines(reader, names)))
    except csv.Error as error:
        raise FileRefused(f"Line {reader.line_num} is not CSV: {error}.") from error


def read_visit(values: dict[str, str] | None, *, now: datetime) -> Visit:
    """Understand a line. What the clinic knows of a patient already (telephone, wishes) stands.

    Raises:
        LineRefused
    """
    if values is None:
        raise LineRefused("it has more or fewer values than the first line has columns.")
    _check_text(values)
    starts_at = _moment(values["starts_at"])
    treatment, practitioner = _find(Treatment, values["treatment"]), _find(Practitioner, values["practitioner"])
    ends_at = usual_slot(treatment, practitioner, starts_at).ends_at
    details = _details(values, now)
    became = outcome(values.get(STATUS, ""), starts_at=starts_at, ends_at=ends_at, now=now)
    return Visit(
        starts_at=starts_at,
        ends_at=ends_at,
        outcome=became,
        treatment=treatment,
        practitioner=practitioner,
        details=details,
        key=_key(values, is_cancelled=became.status == Status.CANCELLED),
    )


def _key(values: dict[str, str], *, is_cancelled: bool) -> Idempotency:
    """The same for the same visit, though its note, telephone number or outcome was corrected in the file since.

    One that was cancelled is another than one that was booked in its place.
    """
    person = (fold(values["full_name"]), values["email"].lower(), values["date_of_birth"])
    visit = [values["starts_at"], values["treatment"], values["practitioner"], *person, is_cancelled]
    digest = sha256(json.dumps(visit).encode())
    return Idempotency(f"{IMPORTED}{digest.hexdigest()}", digest.digest())


def _named(values: dict[str, str]) -> tuple[str, ...]:
    """What names a visit within a file: the time, what it is for, and the person."""
    visit = (values["starts_at"], values["treatment"], values["practitioner"])
    return (*visit, values["full_name"].casefold(), values["email"].lower(), values["date_of_birth"])


def _with_twins(lines: list[Line]) -> list[Line]:
    """Mark the lines of visits that are named both as cancelled and as not."""
    ways = defaultdict[tuple[str, ...], set[bool]](set)
    for line in lines:
        if line.values is not None:
            ways[_named(line.values)].add(_is_cancelled(line.values))
    twins = {named for named, both in ways.items() if len(both) > 1}
    return [replace(line, has_twin=line.values is not None and _named(line.values) in twins) for line in lines]


def _is_cancelled(values: dict[str, str]) -> bool:
    return meaning(values.get(STATUS, "")) == Status.CANCELLED


def _lines(reader: Reader, names: list[str]) -> Iterator[Line]:
    last = reader.line_num
    for cells in reader:
        number, last = last + 1, reader.line_num  # a note may be of several lines: the first counts
        if any(cell.strip() for cell in cells):
            values = {name: cell.strip() for name, cell in zip(names, cells, strict=False)}
            yield Line(number, values if len(cells) == len(names) else None)


def _check_text(values: dict[str, str]) -> None:
    for name in (*COLUMNS, *({STATUS} & values.keys())):
        if not values[name] and name not in MAY_BE_EMPTY:
            raise LineRefused(f"{name} is empty.")
        if len(values[name]) > LONGEST.get(name, 80):
            raise LineRefused(f"{name} is longer than {LONGEST.get(name, 80)} letters.")
        if any(unicodedata.category(letter) == "Cc" and letter not in "\n\r\t" for letter in values[name]):
            raise LineRefused(f"{name} has characters that cannot be shown.")


def _moment(text: str) -> datetime:
    try:
        first = datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=clock.LONDON)
    except ValueError:
        raise LineRefused(f"starts_at “{text}” has to be written like 2027-03-05 09:30.") from None
    if first.year not in YEARS:
        raise LineRefused(f"starts_at “{text}” is not between {YEARS[0]} and {YEARS[-1]}.")
    before, after = first.utcoffset() or timedelta(), first.replace(fold=1).utcoffset() or timedelta()
    if before < after:
        raise LineRefused(f"starts_at “{text}” does not exist: the clocks go forward over it that night.")
    if before > after:
        raise LineRefused(f"starts_at “{text}” comes twice: the clocks go back over it that night. Add it by hand.")
    return first


def _find(model: type[Row], slug: str) -> Row:
    found = model._default_manager.filter(slug=slug).first()  # noqa: SLF001 -- Django's documented name
    if found is None:
        raise LineRefused(f"there is no {model._meta.verbose_name} “{slug}”.")  # noqa: SLF001 -- as above
    return found


def _details(values: dict[str, str], now: datetime) -> PatientDetails:
    name = _judged("full_name", values["full_name"], validation.name)
    email = _judged("email", values["email"], validation.email) if values["email"] else ""
    born = _birthday(values["date_of_birth"], clock.today(now))
    phone = _judged("phone", values["phone"], validation.phone) if values["phone"] else ""
    typed = PatientDetails(name, email, phone, born, values["note"])
    known = records_of(typed).first()
    return details_of(known, typed.note) if known else typed


def _birthday(text: str, today: date) -> date:
    try:
        born = date.fromisoformat(text)
    except ValueError:
        raise LineRefused(f"date_of_birth “{text}” has to be written like 1984-03-27.") from None
    return _judged("date_of_birth", born, lambda day: validation.birthday(day, today))


def _judged(column: str, value: Value, rule: Callable[[Value], Value]) -> Value:
    """As every other door judges a person, told as of a column."""
    try:
        return rule(value)
    except ValidationError as error:
        raise LineRefused(f"{column} “{value}”: {error.message}.") from None

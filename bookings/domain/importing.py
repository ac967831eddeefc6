"""Visits from another system, one a line: each is booked as the desk books it, under the same locks as everyone."""

from __future__ import annotations

import csv
import json
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, TypeVar

from django.core.exceptions import ValidationError
from django.db import transaction

from bookings.domain.booking import book
from bookings.domain.idempotency import Idempotency, answer_to
from bookings.domain.patients import PatientDetails, details_of, records_of
from bookings.domain.refusals import PatientBusy, SlotTaken
from bookings.models import Appointment
from clinic.catalogue.models import Treatment
from clinic.core import clock
from clinic.core.errors import DomainError
from clinic.patients import validation
from clinic.patients.models import fold
from clinic.practitioners.models import Practitioner

if TYPE_CHECKING:
    from _csv import Reader

COLUMNS = ("starts_at", "treatment", "practitioner", "full_name", "email", "phone", "date_of_birth", "note")
MAY_BE_EMPTY = {"email", "phone", "note"}  # without an address or a number, what would go there is not sent
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
    """A line of the file by its number; no values if there are more or fewer of them than columns."""

    number: int
    values: dict[str, str] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A line understood. `starts_at` is aware; the key stands for what the line says."""

    starts_at: datetime
    treatment: Treatment
    practitioner: Practitioner
    details: PatientDetails
    key: Idempotency


@dataclass(slots=True)
class Report:
    imported: int = 0
    known: int = 0
    refused: list[tuple[int, str]] = field(default_factory=list)


def read(file: Iterable[str]) -> list[Line]:
    """The lines of a file whose first line names the columns, in any order; empty lines are left out.

    Raises:
        FileRefused: it is no CSV, or a column is missing.
    """
    reader = csv.reader(file, strict=True)
    try:
        names = [name.strip() for name in next(reader, [])]
        if missing := [name for name in COLUMNS if name not in names]:
            raise FileRefused(f"The first line has to name these columns too: {', '.join(missing)}.")
        return list(_lines(reader, names))
    except csv.Error as error:
        raise FileRefused(f"Line {reader.line_num} is not CSV: {error}.") from error


def import_visits(lines: Iterable[Line], *, now: datetime) -> Report:
    """Book what can be booked, a transaction for each line; what cannot is told of in the report.

    A coming visit gets the messages of any booking: a confirmation and reminders. Nothing is sent for a past one.
    """
    report = Report()
    for line in lines:
        with _told_in(report, line.number, now):
            if _import(read_visit(line.values, now=now), now):
                report.imported += 1
            else:
                report.known += 1
    return report


def check_visits(lines: Iterable[Line], *, now: datetime) -> Report:
    """What `import_visits` would do. Nothing stays, and no diary is locked for longer than one line takes.

    A line is judged by the diary, and by the practitioners and patients of the lines before it; whether lines of this
    file take each other's rooms only the import itself finds.
    """
    report, before = Report(), _Before()
    for line in lines:
        with _told_in(report, line.number, now), transaction.atomic():
            visit = read_visit(line.values, now=now)
            if visit.key.key not in before.keys and _import(visit, now) and (booked := answer_to(visit.key)):
                before.add(visit, booked)
                report.imported += 1
            else:
                report.known += 1
            transaction.set_rollback(True)
    return report


def read_visit(values: dict[str, str] | None, *, now: datetime) -> Visit:
    """Understand a line. What the clinic knows of a patient already (telephone, wishes) stands.

    Raises:
        LineRefused
    """
    if values is None:
        raise LineRefused("it has more or fewer values than the first line has columns.")
    _check_text(values)
    digest = sha256(json.dumps([values[name] for name in COLUMNS]).encode())
    return Visit(
        starts_at=_moment(values["starts_at"]),
        treatment=_find(Treatment, values["treatment"]),
        practitioner=_find(Practitioner, values["practitioner"]),
        details=_details(values, now),
        key=Idempotency(f"import:{digest.hexdigest()}", digest.digest()),
    )


def import_visit(visit: Visit, *, now: datetime) -> Appointment:
    """Book it as staff do: at any hour, past or coming, but never two visits at once. Twice is once.

    Raises:
        SlotTaken, PatientBusy, TooYoung, NotBookable: as for `book`.
    """
    return book(
        treatment=visit.treatment,
        practitioner=visit.practitioner,
        starts_at=visit.starts_at,
        details=visit.details,
        now=now,
        source=Appointment.Source.IMPORT,
        by_staff=True,
        idempotency=visit.key,
    )


def _import(visit: Visit, now: datetime) -> bool:
    """Whether the visit is new. Keys are kept for a week; after that the visit itself is recognised."""
    if answer_to(visit.key):
        return False
    try:
        import_visit(visit, now=now)
    except (SlotTaken, PatientBusy):
        if _is_in_the_diary(visit):
            return False
        raise
    return True


def _is_in_the_diary(visit: Visit) -> bool:
    visits = Appointment.objects.visits().filter(patient__in=records_of(visit.details), treatment=visit.treatment)
    return visits.filter(practitioner=visit.practitioner, during__startswith=visit.starts_at).exists()


class _Before:
    """What earlier lines of a check would have booked: their spans by local day, of each practitioner and patient."""

    def __init__(self) -> None:
        self.keys: set[str] = set()
        self._spans: defaultdict[object, list[tuple[datetime, datetime]]] = defaultdict(list)

    def add(self, visit: Visit, appointment: Appointment) -> None:
        """Raises SlotTaken, PatientBusy."""
        day, person = clock.today(visit.starts_at), visit.details
        diary = self._spans["practitioner", visit.practitioner.pk, day]
        own = self._spans[person.email.lower(), fold(person.full_name), person.date_of_birth, day]
        occupied = (appointment.occupied.lower, appointment.occupied.upper)
        during = (appointment.starts_at, appointment.ends_at)
        if any(occupied[0] < ends and starts < occupied[1] for starts, ends in diary):
            raise SlotTaken
        if any(during[0] < ends and starts < during[1] for starts, ends in own):
            raise PatientBusy
        diary.append(occupied)
        own.append(during)
        self.keys.add(visit.key.key)


@contextmanager
def _told_in(report: Report, number: int, now: datetime) -> Iterator[None]:
    try:
        yield
    except SlotTaken as taken:
        near = [f"{clock.local(slot.starts_at):%Y-%m-%d %H:%M}" for slot in taken.alternatives if slot.starts_at > now]
        told = "the practitioner, or every room, is taken at this time."
        report.refused.append((number, f"{told} Free near it: {', '.join(near)}." if near else told))
    except PatientBusy:
        report.refused.append((number, "the patient has another visit at this time."))
    except DomainError as refusal:
        report.refused.append((number, str(refusal)))


def _lines(reader: Reader, names: list[str]) -> Iterator[Line]:
    last = reader.line_num
    for cells in reader:
        number, last = last + 1, reader.line_num  # a note may be of several lines: the first counts
        if any(cell.strip() for cell in cells):
            values = {name: cell.strip() for name, cell in zip(names, cells, strict=False)}
            yield Line(number, values if len(cells) == len(names) else None)


def _check_text(values: dict[str, str]) -> None:
    for name in COLUMNS:
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

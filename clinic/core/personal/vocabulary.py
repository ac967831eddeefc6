"""The words in which an app says what becomes of each personal field: who is given it, and what an erasure does to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.apps import apps
from django.db import models

from clinic.core.personal.words import LABELS


@dataclass(frozen=True, slots=True)
class Person:
    """Whose data it is: a patient's records (the one that remained and those merged into it), an account, or both."""

    patients: tuple[int, ...] = ()
    account: int | None = None
    emails: tuple[str, ...] = ()
    keeps_open: bool = False  # of what they asked and nobody has answered yet the words are needed still


@dataclass(frozen=True, slots=True)
class Shown:
    """Whether a copy for the person has it. What is hidden says why."""

    kind: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class End:
    """What an erasure does to it. What is kept says by which rule."""

    kind: str
    rule: str = ""


EXPORT = Shown("export")
THIRD_PARTY = Shown("third_party")  # may name somebody else: held back until a person has looked
ERASE = End("erase")  # the row goes
BLANK = End("blank")  # the row stays without it
PSEUDONYM = End("pseudonym")  # the row stays with something in its place that names nobody


def hidden(why: str) -> Shown:
    return Shown("hidden", why)


def keep_until(rule: str) -> End:
    return End("keep", rule)


RECORD = keep_until("REC-06")  # eight years after the year of the last contact
ON_ITS_WAY = hidden("bookkeeping of this program")
SECRET = hidden("a secret that lets somebody in")
OF_STAFF = hidden("says which member of staff")

Sorted = Mapping[tuple[Shown, End], str]
Rows = Callable[[Person], "models.QuerySet[Any]"]


@dataclass(frozen=True, slots=True)
class Personal:
    """One model that holds data of a person: which rows are theirs, and its fields, each in one sort.

    A row goes or stays as a whole: `ERASE` does not stand beside the other ends. Of somebody whom the clinic never saw
    every row goes, but where `cut` names the field that leads to their record: that is emptied, and the row stays.
    """

    label: str
    title: str  # in the copy, and in what is said after an erasure
    rows: Rows
    sorts: Sorted
    is_listed: bool = True  # in the copy; not where all of it is hidden
    cut: str = ""
    kept_as: str = ""  # what stays of it, in words, where that is less than the title says
    labels: Mapping[str, str] = field(default_factory=dict)  # in the copy, where `words.LABELS` do not say enough

    @property
    def is_trail(self) -> bool:
        """Whether it is the history of another model, which is said with that one."""
        return self.label.endswith(("Event", "Settlement"))

    @property
    def model(self) -> type[models.Model]:
        return apps.get_model(self.label)

    @property
    def goes(self) -> bool:
        """Whether its rows go also from a record that is kept."""
        return all(end == ERASE for _, end in self.sorts)

    def label_of(self, name: str) -> str:
        """What the person reads beside that field."""
        given = self.labels.get(name) or LABELS.get(name)
        return given or str(self.model._meta.get_field(name).verbose_name).capitalize()  # type: ignore[union-attr]  # noqa: SLF001 -- its public name

    def fields(self) -> dict[str, tuple[Shown, End]]:
        """Each field's sort, in the order in which they are written down.

        Raises:
            ValueError: a field stands in two sorts, or a row would both go and stay.
        """
        found: dict[str, tuple[Shown, End]] = {}
        for sort, names in self.sorts.items():
            for name in names.split():
                if name in found:
                    raise ValueError(f"{self.label}.{name} is sorted twice.")
                found[name] = sort
        if len({end == ERASE for _, end in self.sorts}) > 1:
            raise ValueError(f"A row of {self.label} cannot both go and stay.")
        return found

    def named(self, *, shown: str = "", end: str = "") -> Iterator[str]:
        for name, (one, other) in self.fields().items():
            if one.kind == (shown or one.kind) and other.kind == (end or other.kind):
                yield name


def of_patient(path: str, label: str) -> Rows:
    """The rows that lead by `path` to a record of the person."""
    return lambda person: _manager(label).filter(**{f"{path}__in": person.patients})


def of_account(path: str, label: str) -> Rows:
    """The rows that lead by `path` to the account of the person."""
    return lambda person: _manager(label).filter(**{path: person.account}) if person.account else _manager(label).none()


def _manager(label: str) -> models.Manager[Any]:
    manager: models.Manager[Any] = apps.get_model(label)._base_manager  # noqa: SLF001 -- its public name
    return manager


@dataclass(frozen=True, slots=True)
class OpenMatter:
    """What has to end before a record can be erased, in a sentence for the person, and the page where it is ended."""

    text: str
    address: str = ""


class Keeper:
    """What an app knows of a person beside its fields; each of these may be left as it is."""

    def open_matters(self, person: Person, now: Any) -> list[OpenMatter]:
        """List what has to end first."""
        return []

    def last_contact(self, person: Person) -> date | None:
        """The day on which the clinic last treated or noted something of them; None where it never did."""
        return None

    def came_back(self, patient: int, since: Any) -> bool:
        """Whether they turned to the clinic again of their own accord since then."""
        return False

    def resources(self, person: Person, patient: str) -> Iterator[dict[str, Any]]:
        """What there is of them as resources of FHIR R4; `patient` is the name of the Patient. See `fhir`."""
        yield from ()

    def stop(self, person: Person, now: Any) -> None:
        """End what would go on by itself, before rows are changed."""

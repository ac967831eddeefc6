"""What a copy of somebody's data holds: row by row, only the fields that are for them to see."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import models
from phonenumber_field.phonenumber import PhoneNumber

from clinic.core import clock
from clinic.core.formats import clock_time, written_date
from clinic.core.personal import registry
from clinic.core.personal.vocabulary import Person, Personal
from clinic.core.sealing import keyring
from clinic.core.sealing.fields import SealedField, shown

HELD_BACK = "Held back until somebody at the clinic has made sure that it names nobody else."
AT_A_TIME = 500


@dataclass(frozen=True, slots=True)
class Value:
    """One field: its name, as JSON has it, and in words."""

    name: str
    label: str
    plain: Any
    words: str
    is_held_back: bool = False


def sections(person: Person) -> Iterator[tuple[Personal, Iterator[list[Value]]]]:
    """What there is of each kind, what the person knows best first, and how things changed at the end.

    No more than `AT_A_TIME` rows are in memory.
    """
    known_best = registry.personal()[::-1]
    for one in sorted(known_best, key=lambda one: one.is_trail):
        shown = [name for name, (sort, _) in one.fields().items() if sort.kind in {"export", "third_party"}]
        if one.is_listed and shown and one.rows(person).exists():
            yield one, _rows(one, person, shown)


def _rows(one: Personal, person: Person, shown: list[str]) -> Iterator[list[Value]]:
    held = set(one.named(shown="third_party"))
    fields: list[Any] = [one.model._meta.get_field(name) for name in shown]  # noqa: SLF001 -- its public name
    related = [field.name for field in fields if field.is_relation and field.name not in held]
    found = one.rows(person).select_related(*related) if related else one.rows(person)  # without names: all of them
    for row in found.order_by("pk").iterator(chunk_size=AT_A_TIME):
        yield [_value(row, field, one.label_of(field.name), is_held=field.name in held) for field in fields]


def _value(row: Any, field: Any, label: str, *, is_held: bool) -> Value:
    if is_held and row.__dict__[field.attname] not in {None, ""}:  # what is sealed stays so
        return Value(field.name, label, {"held_back": HELD_BACK}, HELD_BACK, is_held_back=True)
    if is_held:
        return Value(field.name, label, None, "")
    raw = shown(row, field.attname) if isinstance(field, SealedField) else getattr(row, field.attname)
    if isinstance(raw, str) and keyring.key_of(raw):  # such as a letter that waits to be sent, whose words go with it
        raw = None
    if field.is_relation:
        words = str(getattr(row, field.name) or "")
        return Value(field.name, label, words or None, words)
    return Value(field.name, label, _plain(raw), _words(row, field, raw))


def _plain(raw: Any) -> Any:
    if raw is None or isinstance(raw, (bool, int, float, list, dict)):
        return [_plain(one) for one in raw] if isinstance(raw, list) else raw
    if hasattr(raw, "lower") and hasattr(raw, "upper") and not isinstance(raw, str):
        return {"from": _plain(raw.lower), "until": _plain(raw.upper)}
    return raw.isoformat() if hasattr(raw, "isoformat") else str(raw)


def _words(row: Any, field: models.Field[Any, Any], raw: Any) -> str:
    if raw is None or (not raw and isinstance(raw, (str, list))):
        return ""
    if field.choices:
        return str(getattr(row, f"get_{field.name}_display")())
    if isinstance(raw, list):
        choices = dict(getattr(getattr(field, "base_field", None), "flatchoices", ()))
        return ", ".join(str(choices.get(one, one)) for one in raw)
    if isinstance(raw, dict):
        return "\n".join(f"{name}: {one}" for name, one in raw.items())
    return _one_value(raw)


def _one_value(raw: Any) -> str:
    if isinstance(raw, bool):
        return "Yes" if raw else "No"
    if isinstance(raw, PhoneNumber):
        return str(raw.as_national)
    if hasattr(raw, "upper") and not isinstance(raw, str):
        return _span(raw.lower, raw.upper)
    return _moment(raw) if isinstance(raw, datetime) else written_date(raw) if hasattr(raw, "isoformat") else str(raw)


def _span(begins: datetime, ends: datetime) -> str:
    is_one_day = clock.today(begins) == clock.today(ends)
    return f"{_moment(begins)} to {clock_time(ends) if is_one_day else _moment(ends)}"


def _moment(at: datetime) -> str:
    return f"{written_date(clock.today(at))}, {clock_time(at)}"

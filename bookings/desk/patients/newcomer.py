"""Someone new, as typed in one line: a name and a telephone number."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from phonenumber_field.phonenumber import PhoneNumber

from bookings.desk.patients.search import found
from bookings.visits.access import Reader
from clinic.patients import validation
from clinic.patients.models import Patient

MOST_KNOWN = 3
BRITISH = 44
NUMBER = re.compile(r"\+?\d[\d ]{8,}\d")
FIRST_LETTER = re.compile(r"(?<![^\W\d_])[^\W\d_]")


@dataclass(frozen=True, slots=True)
class Newcomer:
    """`phone` is in E.164."""

    full_name: str
    phone: str

    @property
    def written_phone(self) -> str:
        number = PhoneNumber.from_string(self.phone)
        return str(number.as_national if number.country_code == BRITISH else number.as_international)


def newcomer_in(words: Sequence[str]) -> Newcomer | None:
    """The one name and the one number that these words are; None where they are something else."""
    text = " ".join(words)
    number = NUMBER.search(text)
    if number is None:
        return None
    written = f"{text[: number.start()]} {text[number.end() :]}"
    try:
        name, phone = validation.name(written), validation.phone(number[0])
    except ValidationError:
        return None
    if any(letter.isdecimal() for letter in name):
        return None
    return Newcomer(_capitalised(name) if name.islower() else name, phone)


def is_no_number(text: str) -> bool:
    """Whether figures stand in it that look like a telephone number and cannot be one."""
    number = NUMBER.search(text)
    try:
        return number is not None and not validation.phone(number[0])
    except ValidationError:
        return True


def who_has_the_number(newcomer: Newcomer, reader: Reader) -> list[Patient]:
    """Patients on record with this number, as far as `reader` may open their records: it may be a family's."""
    return list(found(newcomer.phone, reader)[:MOST_KNOWN])


def _capitalised(name: str) -> str:
    """`Siobhan O'Brien-Lee` of a name in small letters."""
    return FIRST_LETTER.sub(lambda letter: letter[0].upper(), name)

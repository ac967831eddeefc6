"""What is taken as a person's name, email address, telephone number and birthday, through whichever door it comes.

Every function gives the value as it is kept, or raises Django's `ValidationError` with words fit to stand beside the
field: no full stop, so that a form can show them as they are.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from functools import lru_cache

import phonenumbers
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from clinic.core import clock
from clinic.core.formats import written_date

LONGEST_NAME, LONGEST_EMAIL, LONGEST_PHONE = 150, 254, 40
SHORTEST_NAME = 2
FEWEST_YEARS, MOST_YEARS = 10, 120  # a birthday outside these is a slip of the keyboard, not an age
UNITED_KINGDOM = 44
FICTION = ("7700900", "1632960")  # the ranges that Ofcom keeps for drama; the demo uses them
MOBILE_FICTION = FICTION[0]
TEXTS_REACH = {phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE}
BAD_EMAIL = "Enter an email address in the correct format, like name@example.com"
BAD_PHONE = "Enter a phone number, like 07700 900123 or +44 7700 900123"
INVISIBLE = re.compile("[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")  # and what turns text around


def name(written: str) -> str:
    """A full name as it was typed, with single spaces and nothing invisible in it."""
    if any(unicodedata.category(letter) == "Cc" and not letter.isspace() for letter in written):
        raise ValidationError("Full name must use ordinary letters only", code="invalid")
    kept = " ".join(INVISIBLE.sub("", written).split())
    if "@" in kept or "://" in kept:
        raise ValidationError("Enter a full name here, not an email or web address", code="address")
    if len(kept) < SHORTEST_NAME or not any(letter.isalpha() for letter in kept):
        raise ValidationError("Enter a full name", code="invalid")
    if len(kept) > LONGEST_NAME:
        raise ValidationError(f"Full name must be {LONGEST_NAME} letters or fewer", code="max_length")
    return kept


def email(written: str) -> str:
    """An email address, without the spaces around it."""
    kept = written.strip()
    if len(kept) > LONGEST_EMAIL:
        raise ValidationError(f"Email address must be {LONGEST_EMAIL} letters or fewer", code="max_length")
    try:
        validate_email(kept)
    except ValidationError as error:
        raise ValidationError(BAD_EMAIL, code="invalid") from error
    return kept


def phone(written: str) -> str:
    """A number that can be dialled, in E.164."""
    is_digits = len(written) <= LONGEST_PHONE and not phonenumbers.is_alpha_number(
        written
    )  # letters dial digits: O is 6
    number = _parsed(written) if is_digits else None
    if number is None or not (phonenumbers.is_valid_number(number) or _is_for_fiction(number, FICTION)):
        raise ValidationError(BAD_PHONE, code="invalid")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def birthday(born: date, today: date) -> date:
    """A date of birth that may be someone's: one that cannot is a typing slip, and says so."""
    written = written_date(born)
    if born > today:
        raise ValidationError(f"Check the year: {written} is in the future", code="future")
    age = clock.age_on(born, today)
    if age < FEWEST_YEARS:
        raise ValidationError(f"Check the year: {written} is less than {FEWEST_YEARS} years ago", code="recent")
    if age > MOST_YEARS:
        raise ValidationError(f"Check the year: {written} is more than {MOST_YEARS} years ago", code="past")
    return born


@lru_cache(maxsize=4096)
def takes_texts(number: str) -> bool:
    """Whether a text message can reach this E.164 number; where a country tells no mobiles apart, it may."""
    parsed = _parsed(number) if number else None
    if parsed is None:
        return False
    return _is_for_fiction(parsed, (MOBILE_FICTION,)) or phonenumbers.number_type(parsed) in TEXTS_REACH


def _parsed(written: str) -> phonenumbers.PhoneNumber | None:
    try:
        return phonenumbers.parse(written, settings.PHONENUMBER_DEFAULT_REGION)
    except phonenumbers.NumberParseException:
        return None


def _is_for_fiction(number: phonenumbers.PhoneNumber, ranges: tuple[str, ...]) -> bool:
    national = str(number.national_number)
    return number.country_code == UNITED_KINGDOM and len(national) == 10 and national.startswith(ranges)  # noqa: PLR2004

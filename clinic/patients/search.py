"""Find a patient as staff ask for one: parts of the name in any order, an address, a number's end, a birthday."""

from __future__ import annotations

import re
from datetime import date

from django.db.models import Q, Value

from clinic.patients.models import Patient, PatientQuerySet, folded
from clinic.patients.references import REFERENCE

LONGEST = 150
FEWEST_DIGITS = 3  # of a telephone number's end
FEWEST_LETTERS = 3  # of a part of a name that an index finds
MIDDLE_DIGITS = 4  # from so many on, also of its middle
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
DAY_FIRST = re.compile(
    r"(?<!\d)(\d{1,2})(?:st|nd|rd|th)?[\s./-]+(\d{1,2}|[a-z]{3,9})\.?,?[\s./-]+(\d{4}|\d{2})(?!\d)", re.IGNORECASE
)
PARTS = re.compile(r"[+(\d][\d\s()+./-]*\d|\S+")  # a number written in groups is one
TOGETHER = re.compile(r"(\d\d)(\d\d)((?:19|20)?\d\d)")  # 270384, 27031984
IN_A_NAME = re.compile(r"(?:[^\W\d_]|['\u2019-])+")  # what has more than that may be of an address
YEAR_FIRST = re.compile(r"(?<!\d)(\d{4})-(\d{1,2})-(\d{1,2})(?!\d)")


def matching(text: str) -> PatientQuerySet:
    """Patients who answer to everything in `text`: `o'brien siobhan`, `27/3/1984`, `lee 0123`, `sam@example`.

    Each part is looked up by an index; records that were merged into others are not found.
    """
    text = text[:LONGEST].replace("\x00", "").strip()
    born, rest = _birthday(text)
    wanted = Q(date_of_birth__in=born) if born else Q()
    for word in _words(rest):
        wanted &= _one(word)
    if re.fullmatch(REFERENCE, text.upper()):  # whole, since one that begins with figures is read as parts
        wanted |= Q(reference=text.upper())
    return Patient.objects.current().filter(wanted) if wanted else Patient.objects.none()


def _words(rest: str) -> list[str]:
    return [part for part in PARTS.findall(rest) if any(letter.isalnum() for letter in part)]


def _one(word: str) -> Q:
    digits = "".join(letter for letter in word if letter.isdecimal())
    if digits and not any(letter.isalpha() for letter in word):
        national = re.sub(r"^(?:0044|44|0)(?=\d{4})", "", digits)
        part = "contains" if len(national) >= MIDDLE_DIGITS else "endswith"
        by_number = Q(**{f"phone__{part}": national}) if len(national) >= FEWEST_DIGITS else Q(pk=None)
        written = TOGETHER.fullmatch(word)
        born = Q(date_of_birth__in=_dates(*written.groups())) if written else Q(pk=None)
        return by_number | born | Q(email__icontains=word)
    letters = sum(letter.isalnum() for letter in word)
    if letters < FEWEST_LETTERS:  # which no index of parts holds; one letter is an initial
        return Q(**{f"name_key__{'contains' if letters > 1 else 'startswith'}": folded(Value(word))})
    wanted = Q(name_key__contains=folded(Value(word)))
    if not IN_A_NAME.fullmatch(word):
        wanted |= Q(email__icontains=word)
    return wanted | Q(reference=word.upper()) if re.fullmatch(REFERENCE, word.upper()) else wanted


def _birthday(text: str) -> tuple[list[date], str]:
    """The dates that `text` names, and the text without them; two numbers for a year are of either century."""
    found = YEAR_FIRST.search(text)
    written = (found[3], found[2], found[1]) if found else None
    if found is None and (found := DAY_FIRST.search(text)):
        written = (found[1], found[2], found[3])
    if found is None or written is None:
        return [], text
    dates = _dates(*written)
    return dates, f"{text[: found.start()]} {text[found.end() :]}" if dates else text


def _dates(day: str, month: str, year: str) -> list[date]:
    number = int(month) if month.isdecimal() else _month(month)
    years = [int(year)] if len(year) == 4 else [1900 + int(year), 2000 + int(year)]  # noqa: PLR2004 -- 1984 or 84
    dates = []
    for one in years:
        try:
            dates.append(date(one, number, int(day)))
        except ValueError:
            continue
    return dates


def _month(written: str) -> int:
    start = written[:3].lower()
    return MONTHS.index(start) + 1 if start in MONTHS else 0

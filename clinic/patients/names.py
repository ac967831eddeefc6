"""What to call someone, made of the full name as they typed it."""

from __future__ import annotations

import re

# Forms of address in English, and those of neighbours that people type into a British form.
TITLES = frozenset(
    [
        "mr",
        "mrs",
        "ms",
        "miss",
        "mx",
        "master",
        "madam",
        "dr",
        "doctor",
        "prof",
        "professor",
        "sir",
        "dame",
        "lord",
        "lady",
        "rev",
        "revd",
        "reverend",
        "fr",
        "father",
        "sr",
        "sister",
        "hon",
        "cllr",
        "capt",
        "captain",
        "col",
        "colonel",
        "major",
        "lt",
        "sgt",
        "rabbi",
        "imam",
        "sheikh",
        "mme",
        "mlle",
        "monsieur",
        "madame",
        "herr",
        "frau",
        "sra",
        "señor",
        "señora",
        "signor",
        "signora",
    ]
)
A_NAME = re.compile(r"[^\W\d_][\w'\u2019-]{1,39}")


def first_name(full_name: str) -> str:
    """The word to greet with; nothing where there is none: a title, an initial, an address, a surname behind a title."""
    titles, words = _apart(full_name)
    if not words or (titles and len(words) == 1):
        return ""
    return words[0] if A_NAME.fullmatch(words[0]) else ""


def short_name(full_name: str) -> str:
    """Initial and surname, for a screen that others can see."""
    titles, words = _apart(full_name)
    if len(words) > 1:
        return f"{words[0][0]}. {' '.join(words[1:])}"
    return " ".join([*titles, *words])


def initials(full_name: str) -> str:
    """SL of Ms Sam Lee."""
    titles, words = _apart(full_name)
    return "".join(word[0].upper() for word in words or titles)


def _apart(full_name: str) -> tuple[list[str], list[str]]:
    """Titles, and what follows them."""
    words = full_name.split()
    count = 0
    while count < len(words) and words[count].strip(".,").lower() in TITLES:
        count += 1
    return words[:count], words[count:]

"""Undo what hides a word from a reader of patterns but not from a reader."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache

# Letters of other scripts that look Latin: a Cyrillic "o" reads like ours.
_LOOKALIKES = str.maketrans("авеіјкмнорсстухѕԁοαενρτυιкѵ", "abeijkmhopcctyxsdoaevptuikv")
_INVISIBLE = {"Cf", "Cc", "Co", "Cs"}
_SELECTORS = {chr(code) for code in range(0xFE00, 0xFE10)} | {"\u034f"}  # variation selectors, grapheme joiner
_PUNCTUATION = str.maketrans(
    {
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe63\uff0d", "-"),
        **dict.fromkeys("\u2018\u2019\u02bc\u0060\u00b4\u2032", "'"),
        "_": " ",
        "\ufdfa": " ",  # one character that NFKC makes eighteen of
        "®": None,
        "™": None,
        "\u1160": None,  # Hangul filler: a letter to Unicode, nothing to the eye
        "\u115f": None,
    }
)

_HASHTAG = re.compile(r"#(\w+)")
_CAMEL_EDGE = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=[A-Za-z])(?=\d)")
_SPACES = re.compile(r"\s+")

# Names that people disguise. Only these are looked for with gaps, digits and stars inside.
_NAMES = (
    "botox",
    "botulinum",
    "vistabel",
    "azzalure",
    "bocouture",
    "dysport",
    "xeomin",
    "alluzience",
    "letybo",
    "nuceiva",
    "relfydess",
    "botulax",
    "wegovy",
    "mounjaro",
    "ozempic",
    "rybelsus",
    "saxenda",
    "semaglutide",
    "tirzepatide",
    "liraglutide",
    "kenalog",
    "brotox",
    "beautox",
)
_LEET = {"a": "4@", "b": "8", "e": "3", "i": "1!|", "l": "1|", "o": "0", "s": "5$", "t": "7+", "z": "2"}
_GAP = r"[ .\-·•|/~',]?"


def _letter(letter: str, *, first: bool) -> str:
    mask = "" if first else "*"
    return f"[{re.escape(letter + _LEET.get(letter, '') + mask)}]"


def _disguised(name: str) -> str:
    return _GAP.join(_letter(letter, first=index == 0) for index, letter in enumerate(name))


_DISGUISES = re.compile(r"(?<![a-z0-9])(?:" + "|".join(f"(?P<{name}>{_disguised(name)})" for name in _NAMES) + ")")
_DIGIT_LETTERS = {"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s"}
_DIGIT_IN_WORD = re.compile(r"(?<=[a-z])[013457@$](?=[a-z])")
_STARS_IN_WORD = re.compile(r"(?<=[a-z])\*+(?=[a-z])")
_STRETCHED = re.compile(r"([a-z])\1{2,}")
_HYPHEN_IN_WORD = re.compile(r"(?<=[a-z0-9])-(?=[a-z0-9])")


def normalise(text: str) -> str:
    """NFKC, nothing invisible, hashtags both joined and split at CamelCase, lower case, single spaces."""
    text = unicodedata.normalize("NFKC", text.translate(_PUNCTUATION)).translate(_PUNCTUATION)
    text = _without_invisible(text)
    text = _HASHTAG.sub(lambda match: _joined_and_split(match[1]), text)
    text = _without_marks(text.lower()).translate(_LOOKALIKES).replace("#", " ")
    return _SPACES.sub(" ", text).strip()


def readings(text: str) -> tuple[str, ...]:
    """The ways in which a normalised text can be read: as it stands, with disguises undone, with hyphens as spaces."""
    undisguised = _DISGUISES.sub(_plain_name, text)
    undisguised = _STARS_IN_WORD.sub("", undisguised)
    undisguised = _DIGIT_IN_WORD.sub(lambda match: _DIGIT_LETTERS[match[0]], undisguised)
    undisguised = _STRETCHED.sub(r"\1", undisguised)
    return tuple(dict.fromkeys((text, undisguised, _HYPHEN_IN_WORD.sub(" ", undisguised))))


@lru_cache(maxsize=256)
def _joined_and_split(joined: str) -> str:
    split = _CAMEL_EDGE.sub(" ", joined)
    return f" {joined} " if split == joined else f" {joined} {split} "


def _without_invisible(text: str) -> str:
    """Drop format and control characters (zero-width, soft hyphen, direction marks); keep white space."""
    return _without(text, lambda char: unicodedata.category(char) in _INVISIBLE and not char.isspace())


def _without_marks(text: str) -> str:
    return _without(
        unicodedata.normalize("NFKD", text), lambda char: unicodedata.combining(char) > 0 or char in _SELECTORS
    )


def _without(text: str, drops: Callable[[str], bool]) -> str:
    return text.translate({ord(char): None for char in set(text) if drops(char)})


def _plain_name(match: re.Match[str]) -> str:
    """The name behind a disguise, if at least half of its letters are shown."""
    name = match.lastgroup or ""
    return match[0] if match[0].count("*") * 2 > len(name) else name

"""How much a text message holds, and how to say the same in fewer characters."""

from __future__ import annotations

GSM7 = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM7_TWICE = frozenset("^{}\\[~]|€")
TYPOGRAPHY = str.maketrans(
    {
        "\u2018": "'",
        "\u2019": "'",
        "\u201c": '"',
        "\u201d": '"',
        "\u2013": "-",
        "\u2014": "-",
        "\u2026": "...",
        "\u00a0": " ",
    }
)
ONE_SEGMENT, ONE_SEGMENT_UNICODE = 160, 70
PART, PART_UNICODE = 153, 67


def plain(text: str) -> str:
    """Typographic quotes and dashes as their plain forms: one of them would more than halve what a message holds."""
    return text.translate(TYPOGRAPHY)


def is_gsm7(text: str) -> bool:
    return all(character in GSM7 or character in GSM7_TWICE for character in text)


def length(text: str) -> int:
    """In the units that a message holds: characters of GSM-7, some of which count twice, else UTF-16 units."""
    if is_gsm7(text):
        return sum(2 if character in GSM7_TWICE else 1 for character in text)
    return len(text.encode("utf-16-be")) // 2


def segments(text: str) -> int:
    """As how many messages it goes out and is paid for (3GPP TS 23.038: 160 of GSM-7, else 70; in parts 153 and 67)."""
    one, part = (ONE_SEGMENT, PART) if is_gsm7(text) else (ONE_SEGMENT_UNICODE, PART_UNICODE)
    return 1 if length(text) <= one else -(-length(text) // part)


def fits_one(text: str) -> bool:
    """Whether it goes out as a single message."""
    return segments(text) == 1

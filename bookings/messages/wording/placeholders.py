"""What may stand in words of the owner's own, and how their placeholders are filled.

A message about a visit is a service message only as long as it is neutral: any promotion makes it marketing (PECR 2003
reg. 22). It says no more than its reader needs (UK GDPR art. 5(1)(c)). Pure but for `names`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Mapping
from difflib import get_close_matches
from functools import lru_cache
from hashlib import sha256
from itertools import chain

from bookings.messages.models import Wording
from clinic.advertising.rules.check import Surface, Verdict, check_text
from clinic.advertising.rules.normalise import normalise
from clinic.catalogue.models import Category, Treatment

Kind, Channel = Wording.Kind, Wording.Channel

PLACEHOLDERS = {
    "first_name": "the patient’s first name",
    "when": "day and time: Tuesday 24 November, 10:15am",
    "day": "Tuesday 24 November",
    "time": "10:15am",
    "place": "where the visit is",
    "practitioner": "with whom",
    "clinic": "the clinic’s name",
    "phone": "the clinic’s telephone number",
    "reference": "the visit’s reference",
    "link": "the page on which the patient sees, moves or cancels the visit",
    "confirm_link": "the page on which the patient says that they are coming",
    "late_time": "about when the visit will start: 10:27am",
    "minutes": "how many minutes late that is: 12",
}
_OF_LATENESS = {"late_time", "minutes"}
_PLACEHOLDER = re.compile(r"( ?)\{\{ *([A-Za-z_]+) *\}\}")
_WORDS = re.compile(r"[^\W\d]+")
_BRACES = re.compile(r"[{}]{2,}|\{%|%\}")
_IN_BRACKETS = re.compile(r"\([^)]*\)")
_SAYS_NOTHING = {
    "a", "after", "an", "and", "appointment", "at", "call", "chat", "check", "consultation", "day", "first",
    "follow", "for", "initial", "later", "meeting", "month", "months", "new", "of", "patient", "patients", "phone",
    "review", "session", "telephone", "the", "two", "up", "video", "visit", "week", "weeks", "with",
}  # fmt: skip
_LINK = re.compile(r"https?:|www\.|\b[\w-]+\.(?:com|co\.uk|uk|org|net|info|io|me|ly|clinic)\b", re.IGNORECASE)
_AMOUNT = re.compile(r"[£€$]\s?\d|\b\d+(?:\.\d\d)?\s?(?:pounds?|gbp|p)\b|\bgbp\b|\bpounds\b", re.IGNORECASE)
_OF_A_MISSED_VISIT = re.compile(r"\b(?:miss(?:ed|es|ing)?|not (?:come|attend)\w*|unused|empty)\b", re.IGNORECASE)
_SENTENCES_END = re.compile(r"(?<=[.!?])\s+|\n")
_PROMOTES = re.compile(
    r"\b(?:discount\w*|offers?|sale|vouchers?|gift cards?|bargains?|deals?|half price|price\w*|"
    r"\d+ ?(?:%|per ?cent)|per ?cent off|complimentary|loyalty|rewards?|refer a friend|recommend (?:a|your) friends?|"
    r"(?<!feel )(?<!time )(?<!slot )(?<!place )(?<! it )(?<!-)free(?! (?:to|up)\b)|"
    r"book (?:again|your next)|treat yourself|new treatments?|try our)(?!\w)",
    re.IGNORECASE,
)
_URGES = re.compile(
    r"\b(?:hurry|last chance|(?:only )?today only|only today|(?:do(?:n.?t| not)|never|not (?:be|to be|to)) miss(?:ed)?|limited (?:time|places?)|act now|"
    r"while (?:you can|stocks? lasts?)|ends soon|now or never|final (?:call|reminder)|book now|before it.s too late)\b",
    re.IGNORECASE,
)


class BrokenWording(Exception):
    """It cannot be filled: a placeholder that there is not, braces that belong to none, or nothing comes of it."""

    def __init__(self, reason: str, field: str = "body") -> None:
        super().__init__(reason)
        self.field = field


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with every placeholder replaced. One with nothing to say takes the space before it along: “Hello,”.

    Raises:
        BrokenWording
    """

    def value(match: re.Match[str]) -> str:
        space, name = match.groups()
        if name not in values:
            raise BrokenWording(f"There is no {{{{{name}}}}} here.")
        return f"{space}{values[name]}" if values[name] else ""

    if _BRACES.search(_PLACEHOLDER.sub("", text)):
        raise BrokenWording("Braces that belong to no placeholder.")
    return _PLACEHOLDER.sub(value, text)


def names_in(text: str) -> list[str]:
    """The names of the placeholders in it."""
    return [name for _space, name in _PLACEHOLDER.findall(text)]


def is_alone(text: str) -> bool:
    """Whether there is nothing but one placeholder."""
    return _PLACEHOLDER.fullmatch(text.strip()) is not None


def names_of_treatments() -> list[str]:
    """What no message about a visit may name, as the catalogue has it now; “Review” or “First visit” say nothing."""
    names = chain(Treatment.objects.values_list("name", flat=True), Category.objects.values_list("name", flat=True))
    return [name for name in names if not _SAYS_NOTHING.issuperset(_WORDS.findall(name.lower()))]


def allowed(wording: Wording) -> dict[str, str]:
    """The placeholders of this message, and what they stand for."""
    others = _OF_LATENESS if wording.kind != Kind.LATE else set()
    if not wording.asks_to_confirm:
        others = others | {"confirm_link"}
    return {name: meaning for name, meaning in PLACEHOLDERS.items() if name not in others}


def problems(wording: Wording, names: Collection[str]) -> dict[str, list[str]]:
    """Why these words cannot be used, by field; `names` are those of the treatments. Nothing if they can."""
    found = defaultdict(list)
    for field in ("subject", "body"):
        text: str = getattr(wording, field)
        for reason in chain(_misspelt(text, wording), _unfit(text, names), _prices(text, wording)):
            found[field].append(reason)
    found["subject"] += _of_subject(wording)
    found["body"] += _missing(wording)
    return {field: list(dict.fromkeys(reasons)) for field, reasons in found.items() if reasons}


def variant_of(kind: str, channel: str, *, asks: bool, appointment_id: int) -> str:
    """A or B, by chance and yet the same each time: a visit that is moved keeps its wording.

    Each reminder draws for itself: were a visit the same letter in all of them, no two could be compared at a time.
    """
    return "AB"[sha256(f"{kind}:{channel}:{asks}:{appointment_id}".encode()).digest()[0] % 2]


def _misspelt(text: str, wording: Wording) -> list[str]:
    known = allowed(wording)
    reasons = []
    for name in names_in(text):
        if name not in known:
            near = get_close_matches(name.lower(), known, n=1, cutoff=0.5)
            hint = f" Did you mean {{{{{near[0]}}}}}?" if near else f" There are: {', '.join(known)}."
            reasons.append(f"There is no placeholder {{{{{name}}}}} in this message.{hint}")
    if _BRACES.search(_PLACEHOLDER.sub("", text)):
        reasons.append("A placeholder is a name between two pairs of braces, like {{when}}. Some braces do not match.")
    if any(not letter.isprintable() and letter not in "\r\n" for letter in text):
        reasons.append("There is a character in it that cannot be shown. Please type the words anew.")
    return reasons


def _unfit(text: str, names: Collection[str]) -> list[str]:
    """What a message about a visit may not say."""
    plain = " ".join(_PLACEHOLDER.sub(" ", text).split())
    reasons = [
        f"“{name}” is a treatment. A message may be read by others: it says when and where, never what for."
        for name in names
        if _pattern_of(name).search(_as_read(plain))
    ]
    reasons += [
        f"“{hit.words}” may not stand in a message: it names or advertises a treatment ({hit.rule})."
        for hit in check_text(plain, surface=Surface.HOME)
        if hit.verdict is Verdict.BLOCK and not _AMOUNT.search(hit.words)
    ]
    reasons += [
        f"“{match[0]}” reads like a promotion. That would make this marketing, which only goes to those who asked for it. "
        "Keep to when, where and how to change the visit."
        for match in _PROMOTES.finditer(plain)
    ]
    reasons += [f"“{match[0]}” hurries people. Say calmly what they need to know." for match in _URGES.finditer(plain)]
    if _LINK.search(plain):
        reasons.append("Web addresses come from placeholders only, like {{link}}: they are the patient’s own.")
    return reasons


def _as_read(text: str) -> str:
    return normalise(text).replace("-", " ")


@lru_cache(maxsize=1024)
def _pattern_of(name: str) -> re.Pattern[str]:
    """The name as it stands in the catalogue, or without what is in brackets there; one or several."""
    written = [re.escape(_as_read(way)) for way in (name, _IN_BRACKETS.sub(" ", name)) if way.strip()]
    return re.compile(rf"(?<!\w)(?:{'|'.join(written)})(?:s|es)?(?!\w)")


def _prices(text: str, wording: Wording) -> list[str]:
    """A reminder may say what a missed visit costs the clinic: misses went from 11.1 to 8.4 in 100.

    Source: Hallsworth et al. 2015, PLoS ONE 10(9): e0137306.
    """
    sentences = [sentence for sentence in _SENTENCES_END.split(text) if _AMOUNT.search(sentence)]
    if wording.kind == Kind.REMINDER:
        sentences = [sentence for sentence in sentences if not _OF_A_MISSED_VISIT.search(sentence)]
        advice = "Only what a missed visit costs may be said, in a sentence that says so."
    else:
        advice = "Prices stand on the website."
    return [f"“{sentence.strip()}” names an amount. {advice}" for sentence in sentences]


def _of_subject(wording: Wording) -> list[str]:
    if wording.channel == Channel.SMS:
        return ["A text message has no subject: leave this empty."] if wording.subject else []
    if not wording.subject.strip():
        return ["Write a subject."]
    is_link = {"link", "confirm_link"} & set(names_in(wording.subject))
    return ["A link cannot stand in the subject."] if is_link else []


def _missing(wording: Wording) -> list[str]:
    """An e-mail always shows when, where and the link below the words; a text message has only the words."""
    used = set(names_in(wording.body))
    if not wording.body.strip():
        return ["Write the words."]
    if wording.kind == Kind.LATE:
        return [] if "late_time" in used else ["Say about when the visit will start, with {{late_time}}."]
    if wording.channel == Channel.EMAIL or wording.kind in {Kind.FOLLOW_UP, Kind.REVIEW}:
        return []
    reasons = []
    if "when" not in used and not {"day", "time"} <= used:
        reasons.append("Say when the visit is, with {{when}}, or with {{day}} and {{time}}.")
    if wording.asks_to_confirm and "confirm_link" not in used:
        reasons.append("Ask with {{confirm_link}}: that page takes the answer.")
    elif not wording.asks_to_confirm and wording.kind != Kind.CANCELLED and "link" not in used:
        reasons.append("Give the way to change the visit, with {{link}}.")
    return reasons

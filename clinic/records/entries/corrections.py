"""What can be done about a signed entry: add to it, strike it as entered in error, sign it too. It is never changed."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError

from clinic.core.errors import DomainError, broken_constraint
from clinic.records.entries.models import Entry, Kind
from clinic.records.entries.models.entry import CORRECTING
from clinic.records.entries.signing import AlreadySigned, Author, add_entry

LONGEST = 5000


class CannotCorrect(DomainError):
    """This entry, or this person, is none for it."""

    code = "cannot_correct"


class WordsNeeded(DomainError):
    code = "words_needed"


def add_to(*, entry: Entry, text: str, author: Author, now: datetime) -> Entry:
    """Put an addition under an entry. Whoever may write in the record may add.

    Raises:
        WordsNeeded: there are none, or too many. CannotCorrect: it corrects another entry itself.
    """
    if entry.kind in CORRECTING:
        raise CannotCorrect("Add to the entry itself.")
    return _correct(entry, Kind.ADDENDUM, {"text": _words(text, "Write what you want to add.")}, author, now)


def strike(*, entry: Entry, reason: str, author: Author, is_lead: bool, now: datetime) -> Entry:
    """Mark an entry as entered in error: it stays readable, struck through, and counts for nothing.

    Raises:
        CannotCorrect: they did not write it, and do not lead. AlreadySigned: it is struck. WordsNeeded: why is not said.
    """
    wrote_it = author.user is not None and entry.author_id == author.user.pk
    if not (wrote_it or is_lead):
        raise CannotCorrect("Whoever wrote an entry can strike it, or who leads the clinic’s practitioners.")
    if entry.kind in {Kind.STRIKE, Kind.COSIGNATURE}:
        raise CannotCorrect("This cannot be struck.")
    return _correct(entry, Kind.STRIKE, {"reason": _words(reason, "Say what was wrong with it.")}, author, now)


def cosign(*, entry: Entry, author: Author, now: datetime) -> Entry:
    """Sign somebody else's entry too.

    Raises:
        CannotCorrect: it is their own, no clinical entry, or they are no practitioner.
    """
    if author.practitioner is None:
        raise CannotCorrect("A practitioner co-signs.")
    if entry.kind in CORRECTING or entry.author_id is None or (author.user and entry.author_id == author.user.pk):
        raise CannotCorrect("You co-sign what somebody else of the clinic signed.")
    if Entry.objects.filter(corrects=entry, kind=Kind.COSIGNATURE, author=author.user).exists():
        raise CannotCorrect("You have signed this already.")
    return _correct(entry, Kind.COSIGNATURE, {}, author, now)


def _correct(entry: Entry, kind: Kind, body: dict[str, str], author: Author, now: datetime) -> Entry:
    """Under the name that the entry was written under, also after a merge."""
    try:
        return add_entry(patient=entry.patient, kind=kind, body=body, author=author, occurred_at=now, corrects=entry)
    except IntegrityError as error:
        if broken_constraint(error) == "entry_is_struck_once":
            raise AlreadySigned("This entry was struck meanwhile.", None) from error
        raise


def _words(text: str, missing: str) -> str:
    words = text.strip()
    if not words:
        raise WordsNeeded(missing)
    if len(words) > LONGEST:
        raise WordsNeeded(f"{LONGEST:,} letters at most; this has {len(words):,}.")
    return words

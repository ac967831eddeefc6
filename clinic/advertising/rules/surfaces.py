"""Where a public text stands, and what a check can say of it."""

from __future__ import annotations

from enum import StrEnum


class Surface(StrEnum):
    """Where a medicine may be named differs by these: see `by_surface` in `wordlists`."""

    HOME = "home"
    NAV = "nav"
    CARD = "card"
    TREATMENT = "treatment"
    PRICE = "price"
    BOOKING = "booking"
    ARTICLE = "article"
    PROFILE = "profile"
    REVIEW = "review"
    META = "meta"
    SOCIAL = "social"
    NEWSLETTER = "newsletter"
    MESSAGE = "message"


class Verdict(StrEnum):
    PASS = "pass"  # noqa: S105 -- the word of the rule, not a password
    REVIEW = "review"
    BLOCK = "block"

    @property
    def rank(self) -> int:
        return _RANKS[self.value]


_RANKS = {verdict.value: rank for rank, verdict in enumerate(Verdict)}


def strongest(*verdicts: Verdict) -> Verdict:
    return max(verdicts, key=lambda verdict: verdict.rank, default=Verdict.PASS)

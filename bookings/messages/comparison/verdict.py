"""What two shares of missed visits say about two wordings, in plain words. Pure: no database."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bookings.messages.comparison.significance import chance_of, needed
from bookings.messages.comparison.statistics import Share, newcombe

ENOUGH = 30  # visits with a known end, for each wording, before anything is said of them
LEVEL = 0.05  # a difference that chance makes less often than this is called one
TRIAL = (0.111, 0.084)  # missed without and with the cost named (Hallsworth et al. 2015, PLoS ONE 10(9):e0137306)
TO_SEE_IT = needed(*TRIAL)  # visits with a known end, for each wording
RARELY = 0.001
MOSTLY = 2 / 3


class Kind(StrEnum):
    EARLY = "early"
    CHANCE = "chance"
    DIFFERENCE = "difference"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    kind: Kind
    title: str
    text: str


def judge(a: Share, b: Share) -> Verdict:
    """Of the visits with a known end, the share that was missed with “A” and with “B”."""
    if few := [(name, share) for name, share in (("A", a), ("B", b)) if share.of < ENOUGH]:
        return _early(few)
    chance = chance_of(a, b)
    if chance >= LEVEL:
        return _only_chance(a, b, chance)
    better, worse = ("B", "A") if b.value < a.value else ("A", "B")
    shares = {"A": a, "B": b}
    return Verdict(
        kind=Kind.DIFFERENCE,
        title=f"Fewer visits were missed with “{better}”",
        text=(
            f"{per_hundred(shares[better].value)} in 100 against {per_hundred(shares[worse].value)}. "
            f"A difference this large would come by chance {odds(chance)}. {_range(a, b)}{_caution(a, b)}"
        ),
    )


def per_hundred(share: float) -> str:
    """`3.1`, of 0.0308."""
    return f"{100 * share:.1f}"


def odds(chance: float) -> str:
    """`about 1 time in 40`, of 0.026; rounded, because nobody knows it better."""
    if chance < RARELY:
        return "less than 1 time in 1,000"
    if chance > MOSTLY:
        return "more often than not"
    times = 1 / chance
    step = next(step for most, step in ((20, 1), (100, 5), (1_000, 50)) if times <= most)
    return f"about 1 time in {round(times / step) * step:,}"


def _early(few: list[tuple[str, Share]]) -> Verdict:
    names = " and ".join(f"“{name}” ({share.of})" for name, share in few)
    return Verdict(
        kind=Kind.EARLY,
        title="Too early to say",
        text=f"Fewer than {ENOUGH} visits with a known end for {names}. One visit more or less would turn the picture.",
    )


def _only_chance(a: Share, b: Share, chance: float) -> Verdict:
    if a.value == b.value:
        return Verdict(
            kind=Kind.CHANCE,
            title="No difference so far",
            text=f"{per_hundred(a.value)} in 100 were missed with either wording. {_range(a, b)}",
        )
    return Verdict(
        kind=Kind.CHANCE,
        title="The difference may be only chance",
        text=(
            f"Missed: {per_hundred(a.value)} in 100 with “A”, {per_hundred(b.value)} in 100 with “B”. "
            f"Two wordings that work equally well differ this much {odds(chance)}. {_range(a, b)}"
        ),
    )


def _caution(a: Share, b: Share) -> str:
    """Of few visits only a difference that chance has enlarged stands out (Gelman & Carlin 2014)."""
    return (
        " With so few visits, a difference that shows tends to look larger than it is."
        if min(a.of, b.of) < TO_SEE_IT
        else ""
    )


def _range(a: Share, b: Share) -> str:
    """Where the true difference lies, as visits missed with B rather than A."""
    found = newcombe(b, a)
    low, high = per_hundred(abs(found.low)), per_hundred(abs(found.high))
    if found.low < 0 < found.high:
        between = f"{low} fewer and {high} more"
    elif found.high <= 0:
        between = f"{high} and {low} fewer"
    else:
        between = f"{low} and {high} more"
    return f"The true difference lies, 95 times in 100, between {between} missed in 100 with “B”."

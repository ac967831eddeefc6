"""Two shares side by side, and what chance alone can do to them. Pure: no database.

Written out here because SciPy and statsmodels, which have these formulas too, bring some hundred megabytes for five of
them; the tests hold each against the examples its author published.
"""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass
from statistics import NormalDist

CONFIDENCE = 0.95
POWER = 0.8
SMALLEST_EXPECTED = 5  # below it the normal curve is no good guide (Cochran 1954)
_NORMAL = NormalDist()


@dataclass(frozen=True, slots=True)
class Share:
    """`hits` of `of`.

    Raises:
        ValueError: more hits than there were, or fewer than none.
    """

    hits: int
    of: int

    def __post_init__(self) -> None:
        if not 0 <= self.hits <= self.of:
            raise ValueError(f"{self.hits} of {self.of} is no share.")

    @property
    def value(self) -> float:
        """Between 0 and 1; 0 of none is 0."""
        return self.hits / self.of if self.of else 0.0


@dataclass(frozen=True, slots=True)
class Interval:
    low: float
    high: float


def wilson(share: Share, confidence: float = CONFIDENCE) -> Interval:
    """Where the true share lies, with this confidence (score interval, Wilson 1927); of none, anywhere."""
    if not share.of:
        return Interval(0.0, 1.0)
    z, n, p = _z(confidence), share.of, share.value
    middle, half = p + z * z / (2 * n), z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    whole = 1 + z * z / n
    # At 0 and n hits one end is exact; rounding would leave it a hair inside.
    low = 0.0 if share.hits == 0 else max((middle - half) / whole, 0.0)
    high = 1.0 if share.hits == n else min((middle + half) / whole, 1.0)
    return Interval(min(low, p), max(high, p))


def newcombe(one: Share, other: Share, confidence: float = CONFIDENCE) -> Interval:
    """Where the true difference `one` - `other` lies (hybrid score interval, Newcombe 1998, method 10)."""
    a, b = wilson(one, confidence), wilson(other, confidence)
    difference = one.value - other.value
    below = math.hypot(one.value - a.low, b.high - other.value)
    above = math.hypot(a.high - one.value, other.value - b.low)
    return Interval(max(difference - below, -1.0), min(difference + above, 1.0))


def chance_of(one: Share, other: Share) -> float:
    """How often chance alone sets two equal shares at least this far apart: the two-sided p-value, in (0, 1].

    Fisher's exact test where a cell is expected below 5, else the two-proportion z-test.
    """
    if not (one.of and other.of):
        return 1.0
    hits, of = one.hits + other.hits, one.of + other.of
    if min(hits, of - hits) * min(one.of, other.of) < SMALLEST_EXPECTED * of:
        return fisher(one, other)
    pooled = hits / of
    z = (one.value - other.value) / math.sqrt(pooled * (1 - pooled) * (1 / one.of + 1 / other.of))
    return max(math.erfc(abs(z) / math.sqrt(2)), sys.float_info.min)


def fisher(one: Share, other: Share) -> float:
    """Fisher's exact test, two-sided: all tables with the same margins that are no likelier than this one.

    In whole numbers, so that equally likely tables count as such.
    """
    hits = one.hits + other.hits
    least, most = max(hits - other.of, 0), min(hits, one.of)
    ways = [math.comb(one.of, k) * math.comb(other.of, hits - k) for k in range(least, most + 1)]
    here = ways[one.hits - least]
    return max(sum(way for way in ways if way <= here) / sum(ways), sys.float_info.min)


def needed(one: float, other: float, *, confidence: float = CONFIDENCE, power: float = POWER) -> int:
    """How many of each group show a difference as large as that between two shares (Fleiss 1981).

    With this power: so often is such a difference, if it is real, found to be more than chance.

    Raises:
        ValueError: the shares are equal, or not between 0 and 1.
    """
    if one == other or not (0 <= one <= 1 and 0 <= other <= 1):
        raise ValueError("Two different shares between 0 and 1 are needed.")
    mean = (one + other) / 2
    by_chance = _z(confidence) * math.sqrt(2 * mean * (1 - mean))
    if_real = _NORMAL.inv_cdf(power) * math.sqrt(one * (1 - one) + other * (1 - other))
    return math.ceil(((by_chance + if_real) / (one - other)) ** 2)


def _z(confidence: float) -> float:
    return _NORMAL.inv_cdf((1 + confidence) / 2)

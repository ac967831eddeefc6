"""Where a share, or the difference of two, truly lies. Pure: no database.

Written out here because SciPy and statsmodels, which have these formulas too, bring some hundred megabytes for five of
them; the tests hold each against the examples its author published.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

CONFIDENCE = 0.95
NORMAL = NormalDist()


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
    z, n, p = z_of(confidence), share.of, share.value
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


def z_of(confidence: float) -> float:
    return NORMAL.inv_cdf((1 + confidence) / 2)

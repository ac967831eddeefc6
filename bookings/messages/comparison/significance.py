"""How often chance alone would set two shares this far apart, and how many it takes to tell. Pure: no database."""

from __future__ import annotations

import math
import sys

from bookings.messages.comparison.statistics import CONFIDENCE, NORMAL, Share, z_of

POWER = 0.8
SMALLEST_EXPECTED = 5  # below it the normal curve is no good guide (Cochran 1954)


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
    by_chance = z_of(confidence) * math.sqrt(2 * mean * (1 - mean))
    if_real = NORMAL.inv_cdf(power) * math.sqrt(one * (1 - one) + other * (1 - other))
    return math.ceil(((by_chance + if_real) / (one - other)) ** 2)

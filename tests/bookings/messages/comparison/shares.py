"""Any share, as a strategy of hypothesis."""

from __future__ import annotations

from hypothesis import strategies as st

from bookings.messages.comparison.statistics import Share


@st.composite
def shares(draw, most=400):
    of = draw(st.integers(1, most))
    return Share(draw(st.integers(0, of)), of)

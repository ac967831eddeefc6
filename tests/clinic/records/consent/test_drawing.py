"""A drawn signature is read as points and drawn anew; nothing else that is sent gets through."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.records.consent.drawing import NoDrawing, box_of, path_of, read_strokes, svg_of

DRAWN = [{"points": [{"x": 10.4 + n, "y": 20 + n, "time": 1, "pressure": 0.5} for n in range(6)], "penColor": "red"}]


def test_points_are_kept_and_nothing_else():
    strokes = read_strokes(json.dumps(DRAWN))

    assert strokes == [[(10 + n, 20 + n) for n in range(6)]]
    assert path_of(strokes) == "M10 20 L11 21 L12 22 L13 23 L14 24 L15 25"
    assert box_of(strokes) == "0 10 25 25"
    assert "red" not in svg_of(strokes)


@pytest.mark.parametrize(
    "sent",
    [
        "", " ", "{}", "null", "[]", "[1]", "[[]]", "<svg/>", "[" * 10_000,
        json.dumps([{"points": [{"x": "<b>", "y": 1}] * 9}]),
        json.dumps([{"points": [{"x": 1e9, "y": 1}] * 9}]),
        '[{"points": [{"x": NaN, "y": 1}, {"x": Infinity, "y": 1}]}]',
        json.dumps([{"points": [{"x": 1, "y": 1}] * 4}]),
        json.dumps([{"points": [{"x": 1, "y": 1}] * 5001}]),
        "[" + " " * 200_001 + "]",
    ],
)  # fmt: skip
def test_what_is_no_signature_is_refused_in_words(sent):
    with pytest.raises(NoDrawing, match=r"type your name instead\.$"):
        read_strokes(sent)


@given(
    st.recursive(
        st.none() | st.integers() | st.floats() | st.text(max_size=9),
        lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["points", "x", "y"]), inner),
    )
)
def test_whatever_is_sent_is_read_or_refused(sent):
    try:
        read_strokes(json.dumps(sent))
    except NoDrawing:
        return
    pytest.fail("Nothing of this kind is a signature.") if not isinstance(sent, list) else None

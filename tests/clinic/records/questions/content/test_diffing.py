from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from clinic.records.questions.content.diffing import changes

LINES = st.dictionaries(
    st.sampled_from("abcdef"),
    st.tuples(st.sampled_from(["Any filler?", "Had filler?"]), st.sampled_from(["", "yes", "no"])),
)


def signed(drawn):
    return [
        {"key": key, "text": text, "answer": {"value": value} if value else {}} for key, (text, value) in drawn.items()
    ]


@given(LINES, LINES)
def test_every_change_is_named_once_and_as_what_it_is(old, new):
    expected = {}
    for key in {**old, **new}:
        (text_before, before), (text, after) = old.get(key, ("", "")), new.get(key, ("", ""))
        if before and after:
            is_same = "asked differently" if text_before != text else "unchanged"
            expected[key] = "changed" if before != after else is_same
        elif before or after:
            expected[key] = "new" if after else "gone"

    found = changes(signed(old), signed(new))

    assert {change.key: change.kind for change in found} == expected
    assert len(found) == len(expected)
    for change in found:
        assert change.is_reworded == (
            change.kind in {"changed", "asked differently"} and old[change.key][0] != new[change.key][0]
        )
        assert change.text == (new if change.kind != "gone" else old)[change.key][0]

"""A few marks mean something, on the page as in the PDF; everything else is shown as it was typed."""

import re

from hypothesis import given
from hypothesis import strategies as st

from clinic.records.documents.prose import TAGS, blocks_of, html_of


def test_marks_that_mean_something():
    source = "One **bold *both*** line\nnext \\*star\\*\n\n- a\n- b\n  - c\n\n3. x\n4. y"

    assert html_of(blocks_of(source)) == (
        "<p>One <strong>bold </strong><strong><em>both</em></strong> line<br>next *star*</p>"
        "<ul><li><p>a</p></li><li><p>b</p><ul><li><p>c</p></li></ul></li></ul>"
        '<ol start="3"><li><p>x</p></li><li><p>y</p></li></ol>'
    )


def test_all_else_is_shown_as_typed():
    for typed in (
        "# Head",
        "[a](http://b)",
        "![a](b)",
        "`code`",
        "<script>alert(1)</script>",
        "&amp;",
        "[[x]]",
        "a | b",
    ):
        (paragraph,) = blocks_of(typed)
        assert "".join(run["text"] for run in paragraph["runs"]) == typed
        assert "<script" not in html_of([paragraph])


@given(st.text(max_size=300))
def test_whatever_is_typed_becomes_no_other_tag(source):
    written = html_of(blocks_of(source))

    assert {tag.strip("/").split()[0] for tag in re.findall(r"<(/?[^>]*)>", written)} <= TAGS

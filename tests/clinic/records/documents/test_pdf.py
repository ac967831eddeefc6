"""PDFs are read back: text as typed, tags, language, title; the same data makes the same bytes."""

import re
from datetime import UTC, datetime
from io import BytesIO

import pytest
from pypdf import PdfReader
from pypdf.generic import ArrayObject

from clinic.records.documents.can_show import as_shown
from clinic.records.documents.pdf import pdf_of
from clinic.records.documents.prose import blocks_of

NOW = datetime(2026, 11, 30, 10, 0, tzinfo=UTC)
DRAWING = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M1 1L8 8" fill="none" stroke="#000"/></svg>'
)
TYPED = '#include "x" [[y]] \\alpha $z$ `c` @ref <l> // /* */ ~ -- ---'


def consent(**values):
    known = {
        "title": TYPED,
        "clinic": "Juvenology Clinic",
        "footer": "Entry 12",
        "warning": "Not approved: for demonstration",
        "facts": [["For", TYPED]],
        "blocks": [{"heading": TYPED, "blocks": blocks_of(f"{TYPED}\n\n- **one**\n- two")}],
        "risks": [TYPED],
        "statements": ["I have read it"],
        "remarks": f"{TYPED}\nא 😀",
        "signed": [["By", TYPED]],
        "drawing": DRAWING,
    }
    return known | values


def read(made):
    return PdfReader(BytesIO(made))


def text_of(reader):
    return re.sub(r"\s+", " ", " ".join(page.extract_text() for page in reader.pages))


def tags_of(node):
    node = node.get_object()
    if isinstance(node, ArrayObject):
        return [tag for one in node for tag in tags_of(one)]
    if not isinstance(node, dict):
        return []
    below = tags_of(node["/K"]) if "/K" in node else []
    return [node["/S"], *below] if "/S" in node else below


def test_a_consent_is_read_back_as_it_was_typed():
    reader = read(pdf_of("consent", consent(), dated=NOW))

    assert text_of(reader).count(TYPED) == 7
    for part in ("Not approved: for demonstration", "😀", "א", "I have read it", "Entry 12", "Page 1 of"):
        assert part in text_of(reader)


def test_it_is_tagged_in_english_has_a_title_and_keeps_to_both_standards():
    reader = read(pdf_of("consent", consent(), dated=NOW))
    root = reader.trailer["/Root"]
    tags = tags_of(root["/StructTreeRoot"]["/K"])
    xmp = root["/Metadata"].get_object().get_data().decode()

    assert root["/Lang"] == "en-GB"
    assert root["/MarkInfo"]["/Marked"]
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert (reader.metadata.title, reader.metadata.author) == (TYPED, "Juvenology Clinic")
    assert {"/H1", "/H2", "/P", "/L", "/LI", "/Figure"} <= set(tags)
    assert "<pdfuaid:part>1</pdfuaid:part>" in xmp
    assert "<pdfaid:part>2</pdfaid:part><pdfaid:conformance>A</pdfaid:conformance>" in xmp


def test_the_same_data_makes_the_same_bytes():
    first = pdf_of("consent", consent(), dated=NOW)

    assert pdf_of("consent", consent(), dated=NOW) == first
    assert pdf_of("consent", consent(remarks=""), dated=NOW) != first


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("Zoë’s 5–10 % שלום مرحبا Привет 😀", "Zoë’s 5–10 % שלום مرحبا Привет 😀"),
        ("a\u202eb\u2066c", "a(U+202E)b(U+2066)c"),
        ("\x00\x07\ud800 🧠 字", "(U+0000)(U+0007)(U+D800) (U+1F9E0) (U+5B57)"),
    ],
)
def test_what_no_font_shows_or_what_turns_the_text_is_written_by_its_number(typed, shown):
    assert as_shown({"a": [typed]}) == {"a": [shown]}
    assert pdf_of("consent", consent(remarks=typed, drawing=""), dated=NOW).startswith(b"%PDF")

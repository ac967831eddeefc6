from __future__ import annotations

import pytest

from clinic.sending import sms_length


@pytest.mark.parametrize(
    ("text", "fits"),
    [("a" * 160, True), ("a" * 161, False), ("€" * 80, True), ("€" * 81, False), ("ł" * 70, True), ("ł" * 71, False)],
)
def test_what_fits_one_message(text, fits):
    assert sms_length.fits_one(text) is fits


def test_typographic_signs_become_plain():
    assert sms_length.plain("it\u2019s \u201con\u201d \u2013 now\u2026") == 'it\'s "on" - now...'

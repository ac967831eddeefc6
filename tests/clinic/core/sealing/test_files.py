from __future__ import annotations

import pytest
from django.test import override_settings

from clinic.core.sealing.files import PIECE, SealedWriter, opened
from clinic.core.sealing.keyring import KeyMissing, Unreadable


def sealed(path, value, *, about="a thing"):
    with path.open("wb") as file:
        writer = SealedWriter(file, about=about)
        for start in range(0, len(value), 1000):
            writer.write(value[start : start + 1000])
        writer.finish()
    return path


@pytest.mark.parametrize("length", [0, 1, PIECE, PIECE + 1, 3 * PIECE])
def test_what_was_sealed_comes_back(tmp_path, length):
    value = bytes(n % 251 for n in range(length))

    path = sealed(tmp_path / "file", value)

    assert b"".join(opened(path, about="a thing")) == value


def test_no_piece_is_larger_than_it_may_be(tmp_path):
    path = sealed(tmp_path / "file", b"x" * (5 * PIECE))

    assert max(len(piece) for piece in opened(path, about="a thing")) == PIECE


@pytest.mark.parametrize(
    "spoil", [lambda b: b[:-1], lambda b: b[: PIECE + 60], lambda b: b[:-3] + b"abc", lambda _: b"x"]
)
def test_what_was_cut_off_or_changed_does_not_open(tmp_path, spoil):
    path = sealed(tmp_path / "file", b"x" * (2 * PIECE))
    path.write_bytes(spoil(path.read_bytes()))

    with pytest.raises(Unreadable):
        list(opened(path, about="a thing"))


def test_another_kind_of_thing_does_not_open(tmp_path):
    with pytest.raises(Unreadable):
        list(opened(sealed(tmp_path / "file", b"x"), about="another thing"))


def test_a_missing_key_is_told_by_its_name(tmp_path):
    path = sealed(tmp_path / "file", b"x")

    with override_settings(FIELD_KEYS={"other": b"o" * 32}), pytest.raises(KeyMissing):
        list(opened(path, about="a thing"))

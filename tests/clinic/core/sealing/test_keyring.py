"""Sealed values: they open for what they are, by every key of the ring, and for nothing else."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.core.sealing import keyring
from clinic.core.sealing.keyring import KeyMissing, Unreadable, seal, unseal

OLD, NEW = b"o" * 32, b"n" * 32


@pytest.fixture(autouse=True)
def ring(settings):
    settings.FIELD_KEYS = {"k1": OLD}
    return settings


@given(st.text(), st.text())
def test_what_was_sealed_opens_and_each_time_looks_different(value, about):
    sealed = seal(value, about=about)

    assert unseal(sealed, about=about) == value
    assert sealed != seal(value, about=about)
    assert re.fullmatch(r"s1\.k1\.[\w=-]+", sealed)


def test_the_newest_key_seals_and_the_older_ones_still_open(ring):
    before = seal("a seed", about="x")
    ring.FIELD_KEYS = {"k2": NEW, "k1": OLD}

    assert keyring.key_of(seal("a seed", about="x")) == "k2"
    assert unseal(before, about="x") == "a seed"


def test_without_its_key_it_says_which_is_missing(ring):
    sealed = seal("a seed", about="x")
    ring.FIELD_KEYS = {"k2": NEW}

    with pytest.raises(KeyMissing, match="k1"):
        unseal(sealed, about="x")


def test_another_key_of_the_same_name_does_not_open(ring):
    sealed = seal("a seed", about="x")
    ring.FIELD_KEYS = {"k1": NEW}

    with pytest.raises(Unreadable):
        unseal(sealed, about="x")


@given(st.integers(0, 60))
def test_a_changed_value_does_not_open(place):
    sealed = seal("JBSWY3DPEHPK3PXP", about="x")
    other = "A" if sealed[place] != "A" else "B"

    with pytest.raises(Unreadable):
        unseal(sealed[:place] + other + sealed[place + 1 :], about="x")


@pytest.mark.parametrize("value", ["", "JBSWY3DPEHPK3PXP", "s1.k1.", "s1.k1.AAAA", "s1.k1.A", "s1..AAAA", "s1.k1.é"])
def test_what_is_not_sealed_is_said(value):
    with pytest.raises(Unreadable):
        unseal(value, about="x")


def test_it_does_not_open_as_something_else():
    with pytest.raises(Unreadable):
        unseal(seal("a seed", about="second factor"), about="note")

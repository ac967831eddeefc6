"""Every field that belongs to a person is sorted: a new one fails here until its app says what becomes of it."""

from __future__ import annotations

import re

import pytest

from clinic.core.personal import registry
from clinic.core.personal.vocabulary import ERASE, EXPORT, RECORD, Personal, of_account


def sorted_as(sorts):
    return Personal("accounts.User", "Account", of_account("pk", "accounts.User"), sorts)


def test_every_field_of_every_model_is_sorted():
    """Sort it in the `personal_data` module of its app; docs/privacy.md says how."""
    assert list(registry.unsorted()) == []


def test_a_field_that_nobody_sorted_is_found(monkeypatch):
    user = next(one for one in registry.personal() if one.label == "accounts.User")
    others = [one for one in registry.personal() if one is not user]
    monkeypatch.setattr(registry, "_PERSONAL", [*others, sorted_as({(EXPORT, ERASE): "email nickname"})])

    assert set(registry.unsorted()) >= {"accounts.User.name", "accounts.User.nickname"}


def test_a_model_that_nobody_sorted_is_found(monkeypatch):
    monkeypatch.delitem(registry._NOT_PERSONAL, "staff")

    assert "staff.Leaver" in list(registry.unsorted())


def test_a_field_is_sorted_once():
    with pytest.raises(ValueError, match="email is sorted twice"):
        registry.register(sorted_as({(EXPORT, RECORD): "email", (EXPORT, ERASE): "email"}))


def test_a_row_goes_or_stays():
    with pytest.raises(ValueError, match="cannot both go and stay"):
        registry.register(sorted_as({(EXPORT, RECORD): "name", (EXPORT, ERASE): "email"}))


def test_what_is_hidden_says_why_and_what_is_kept_says_by_which_rule():
    for one in registry.personal():
        for name, (shown, end) in one.fields().items():
            assert shown.why or shown.kind != "hidden", f"{one.label}.{name}"
            assert end.rule or end.kind != "keep", f"{one.label}.{name}"


def test_what_the_person_reads_is_in_their_words():
    """`Created at`, `Ip` and `During` are the program's: give a label in `words.LABELS`, or beside the model's fields."""
    programs = re.compile(
        r" at$|^(ip|may|during|kind|what|state|source|channel|type|event|payload)$|pgh", re.IGNORECASE
    )
    for one in filter(lambda one: one.is_listed, registry.personal()):
        for name in [*one.named(shown="export"), *one.named(shown="third_party")]:
            label = one.label_of(name)
            assert not programs.search(label), f"{one.label}.{name}: {label}"


def test_a_label_is_of_a_field_that_is_there():
    for one in registry.personal():
        assert set(one.labels) <= set(one.fields()), one.label


def test_another_sort_is_another_version(monkeypatch):
    before = registry.version()
    monkeypatch.setattr(registry, "_PERSONAL", registry._PERSONAL[:-1])

    assert registry.version() != before

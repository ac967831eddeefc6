"""What is only ever added to: trails of changes, notes, logs. And the one way in which somebody's words go out of them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

import pghistory.models
import pgtrigger
from django.apps import apps
from django.db import connection, models

CHANGES = frozenset({"UPDATE", "DELETE"})
LOGS = ("pghistory.Context", "privacy.ErasureLog")
WRITTEN_BY_THE_OWNER = ("core.Forgotten",)


@cache
def kept_from_the_app() -> dict[str, frozenset[str]]:
    """Each table of which the app's role may not do everything, with what it may not do."""
    refused = {"django_migrations": CHANGES | {"INSERT"}}
    refused |= {apps.get_model(label)._meta.db_table: CHANGES | {"INSERT"} for label in WRITTEN_BY_THE_OWNER}  # noqa: SLF001 -- its public name
    refused |= {model._meta.db_table: CHANGES for model in trails()}  # noqa: SLF001
    refused |= {model._meta.db_table: CHANGES for model in apps.get_models() if is_log(model)}  # noqa: SLF001
    for model, trigger in pgtrigger.registered():
        if found := _protects(trigger):
            table = model._meta.db_table  # noqa: SLF001
            refused[table] = refused.get(table, frozenset()) | found
    return refused


def trails() -> list[type[models.Model]]:
    """The trail of each model that pghistory tracks."""
    return [
        model
        for model in apps.get_models()
        if issubclass(model, pghistory.models.Event) and model._meta.managed and not model._meta.proxy  # noqa: SLF001
    ]


def is_log(model: type[models.Model]) -> bool:
    """Whether nobody takes anything out of it, by any way."""
    return model._meta.label in LOGS or getattr(model, "added_to_only", False)  # noqa: SLF001


def is_added_to_only(model: type[models.Model]) -> bool:
    """Whether its rows are changed and deleted by `forget` alone."""
    return model._meta.db_table in kept_from_the_app()  # noqa: SLF001


def forget(model: type[models.Model], keys: Iterable[int], how: str) -> None:
    """Take rows, or the words in them, out of something that is only added to. Each use leaves a row of `core.Forgotten`.

    Args:
        how: "erase" the rows, "blank" what the registry says an erasure blanks, or "cut" them from the record too.
    """
    if found := list(keys):
        with connection.cursor() as cursor:
            cursor.execute("SELECT forget_in_trail(%s, %s, %s)", [model._meta.db_table, found, how])  # noqa: SLF001


def forget_who_did(account: int) -> None:
    """Take an account that is gone out of the trail, and the addresses of the pages with it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT forget_who_did(%s)", [account])


def _protects(trigger: pgtrigger.Trigger) -> frozenset[str]:
    """What a trigger forbids of every row; one with a condition forbids it of some."""
    if not isinstance(trigger, pgtrigger.Protect) or trigger.condition:
        return frozenset()
    return CHANGES & set(str(trigger.operation).split(" OR "))

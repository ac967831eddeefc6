"""What every app said of its personal fields, in its `personal_data` module. A model that nobody sorted fails the tests."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from hashlib import sha256
from typing import Any

import pgtrigger
from django.apps import apps
from django.utils.module_loading import autodiscover_modules

from clinic.core.personal.vocabulary import Keeper, Personal

_PERSONAL: list[Personal] = []
_NOT_PERSONAL: dict[str, str] = {}
_KEEPERS: list[Keeper] = []
_TRIGGERS: list[str] = []


def register(*models: Personal) -> None:
    """Tell of models: what points to another comes before it, and the trail of its changes after it."""
    for one in models:
        one.fields()
        _PERSONAL.append(one)


def not_personal(why: str, *labels: str) -> None:
    """Name models or whole apps without data of patients, with the reason."""
    _NOT_PERSONAL.update(dict.fromkeys(labels, why))


def keeper(one: Keeper) -> None:
    _KEEPERS.append(one)


def sets_aside(trigger: str) -> None:
    """Name a trigger that forbids to delete, and that an erasure sets aside: `app.Model:trigger`."""
    _TRIGGERS.append(trigger)


@cache
def _discover() -> None:
    autodiscover_modules("personal_data")


def personal() -> list[Personal]:
    """All of them; those of the apps that stand on others first, so that rows can be deleted in this order."""
    _discover()
    order = [config.label for config in apps.get_app_configs()]
    ours = {one.label: number for number, one in enumerate(_PERSONAL)}
    by_app = {one.label: -_rank(one, order) for one in _PERSONAL}
    return sorted(_PERSONAL, key=lambda one: (by_app[one.label], ours[one.label]))


def _rank(one: Personal, order: list[str]) -> int:
    """Ours stand in `INSTALLED_APPS` from the lowest up; what others wrote goes with the accounts that sorted it."""
    app = one.label.split(".")[0]
    is_ours = apps.get_app_config(app).name.split(".")[0] in {"clinic", "bookings", "content"}
    return order.index(app if is_ours else "accounts")


def keepers() -> list[Keeper]:
    _discover()
    return _KEEPERS


def protecting_triggers() -> list[str]:
    """The triggers that forbid to delete, by their names in the database."""
    _discover()
    return sorted(trigger.get_pgid(model) for model, trigger in pgtrigger.registered(*_TRIGGERS)) if _TRIGGERS else []


def version() -> str:
    """Tell one state of all this from another: an erasure says by which it was done."""
    text = repr([(one.label, sorted((name, repr(sort)) for name, sort in one.fields().items())) for one in personal()])
    return sha256(text.encode()).hexdigest()[:12]


def unsorted() -> Iterator[str]:
    """What nobody has sorted: fields, and whole models; and what is said of things that are not there."""
    known = {one.label: one for one in personal()}
    seen: set[str] = set()
    for model in _stored():
        label, app = model._meta.label, model._meta.app_label  # noqa: SLF001 -- its public name
        seen |= {label, app}
        names = {field.name for field in model._meta.local_concrete_fields}  # noqa: SLF001
        if label in known:
            sorted_ = set(known[label].fields())
            yield from (f"{label}.{name}" for name in sorted(names ^ sorted_))
        elif not {label, app} & set(_NOT_PERSONAL):
            yield label
    yield from sorted((set(known) | set(_NOT_PERSONAL)) - seen)


def _stored() -> Iterator[type[Any]]:
    for model in apps.get_models(include_auto_created=True):
        if model._meta.managed and not model._meta.proxy:  # noqa: SLF001
            yield model

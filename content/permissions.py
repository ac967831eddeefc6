"""What each role may do in the CMS. Practitioners and desk work in the diary and have no CMS rights."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from clinic.accounts.rights import Role

# app label, model, what may be done
_WRITES = [
    ("wagtailadmin", "admin", ["access"]),
    ("catalogue", "treatment", ["add", "change", "publish"]),
    ("catalogue", "category", ["add", "change"]),
    ("practitioners", "practitioner", ["add", "change", "publish"]),
    ("wagtailredirects", "redirect", ["add", "change", "delete"]),
]
_RUNS = [
    ("catalogue", "treatment", ["delete"]),
    ("catalogue", "category", ["delete"]),
    ("practitioners", "practitioner", ["delete"]),
    ("core", "clinicsettings", ["change"]),
    ("bookings", "bookingsettings", ["change"]),
    ("catalogue", "devicekind", ["add", "change", "delete"]),
    ("bookings", "messagerule", ["add", "change", "delete"]),
    ("bookings", "wording", ["add", "change", "delete"]),
    *[("bookings", model, ["add", "change", "delete"]) for model in ("location", "room", "device")],
]
_ON_PAGES = {
    Role.EDITOR: ["add", "change", "publish"],
    Role.OWNER: ["add", "change", "publish", "bulk_delete", "lock", "unlock"],
}
_ON_FILES = {
    ("wagtailimages", "image"): ["add", "change", "choose", "delete"],
    ("wagtaildocs", "document"): ["add", "change", "choose", "delete"],
}
_RIGHTS = {Role.EDITOR: _WRITES, Role.OWNER: _WRITES + _RUNS, Role.PRACTITIONER: [], Role.DESK: []}


def grant_role_permissions(apps: Any) -> None:
    """Make the four roles and give each its rights. Repeatable; takes nothing away that an owner has granted since.

    `apps` is the registry to read models from: the historical one inside a migration.
    """
    groups = {role: apps.get_model("auth", "Group").objects.get_or_create(name=role.value)[0] for role in Role}
    permission = _permissions(apps)
    for role, rights in _RIGHTS.items():
        groups[role].permissions.add(
            *[permission(label, model, action) for label, model, actions in rights for action in actions]
        )
    for role, actions in _ON_PAGES.items():
        _grant_pages(apps, groups[role], [permission("wagtailcore", "page", action) for action in actions])
        _grant_files(apps, groups[role], permission)


def _permissions(apps: Any) -> Callable[[str, str, str], Any]:
    """Give a permission by app label, model and action: those there are come by one statement, others are made."""
    known = {
        (permission.content_type.app_label, permission.content_type.model, permission.codename): permission
        for permission in apps.get_model("auth", "Permission").objects.select_related("content_type")
    }

    def of(label: str, model: str, action: str) -> Any:
        name = (label, model, f"{action}_{model}")
        if name not in known:
            known[name] = _permission(apps, label, model, action)
        return known[name]

    return of


def _permission(apps: Any, label: str, model: str, action: str) -> Any:
    kinds = apps.get_model("contenttypes", "ContentType").objects
    kind = kinds.get_or_create(app_label=label, model=model)[0]
    return apps.get_model("auth", "Permission").objects.get_or_create(
        content_type=kind, codename=f"{action}_{model}", defaults={"name": f"Can {action} {model}"}
    )[0]


def _grant_pages(apps: Any, group: Any, permissions: list[Any]) -> None:
    root = apps.get_model("wagtailcore", "Page").objects.filter(depth=1).first()
    for permission in permissions if root else []:
        apps.get_model("wagtailcore", "GroupPagePermission").objects.get_or_create(
            group=group, page=root, permission=permission
        )


def _grant_files(apps: Any, group: Any, permission: Callable[[str, str, str], Any]) -> None:
    root = apps.get_model("wagtailcore", "Collection").objects.filter(depth=1).first()
    for (label, model), actions in _ON_FILES.items() if root else []:
        for action in actions:
            apps.get_model("wagtailcore", "GroupCollectionPermission").objects.get_or_create(
                group=group, collection=root, permission=permission(label, model, action)
            )

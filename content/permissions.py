"""What each role may do in the CMS. Practitioners and desk work in the diary and have no CMS rights."""

from __future__ import annotations

from typing import Any

from clinic.accounts.permissions import Role

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
    ("catalogue", "devicekind", ["add", "change", "delete"]),
    ("bookings", "messagerule", ["add", "change", "delete"]),
    *[
        ("bookings", model, ["add", "change", "delete"])
        for model in ("workinghours", "extrahours", "timeoff", "regulartimeoff", "location", "room", "device")
    ],
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
    for role, rights in _RIGHTS.items():
        for label, model, actions in rights:
            groups[role].permissions.add(*[_permission(apps, label, model, action) for action in actions])
    for role, actions in _ON_PAGES.items():
        _grant_pages(apps, groups[role], actions)
        _grant_files(apps, groups[role])


def _permission(apps: Any, label: str, model: str, action: str) -> Any:
    kinds = apps.get_model("contenttypes", "ContentType").objects
    kind = kinds.get_or_create(app_label=label, model=model)[0]
    return apps.get_model("auth", "Permission").objects.get_or_create(
        content_type=kind, codename=f"{action}_{model}", defaults={"name": f"Can {action} {model}"}
    )[0]


def _grant_pages(apps: Any, group: Any, actions: list[str]) -> None:
    root = apps.get_model("wagtailcore", "Page").objects.filter(depth=1).first()
    for action in actions if root else []:
        permission = _permission(apps, "wagtailcore", "page", action)
        apps.get_model("wagtailcore", "GroupPagePermission").objects.get_or_create(
            group=group, page=root, permission=permission
        )


def _grant_files(apps: Any, group: Any) -> None:
    root = apps.get_model("wagtailcore", "Collection").objects.filter(depth=1).first()
    for (label, model), actions in _ON_FILES.items() if root else []:
        for action in actions:
            apps.get_model("wagtailcore", "GroupCollectionPermission").objects.get_or_create(
                group=group, collection=root, permission=_permission(apps, label, model, action)
            )

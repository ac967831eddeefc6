"""What the rights of each role are in the CMS: who holds which right says `clinic.accounts.rights`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from clinic.accounts.rights import HOLDERS, Right, Role

ALL = ["add", "change", "delete"]
# app label, model, what may be done
_ON_MODELS: Mapping[Right, list[tuple[str, str, list[str]]]] = {
    Right.USE_CMS: [("wagtailadmin", "admin", ["access"])],
    Right.EDIT_SITE: [
        ("catalogue", "treatment", ["add", "change"]),
        ("catalogue", "category", ["add", "change"]),
        ("practitioners", "practitioner", ["add", "change"]),
        ("wagtailredirects", "redirect", ALL),
    ],
    Right.PUBLISH_SITE: [("catalogue", "treatment", ["publish"]), ("practitioners", "practitioner", ["publish"])],
    Right.DELETE_FROM_SITE: [
        (label, model, ["delete"])
        for label, model in (("catalogue", "treatment"), ("catalogue", "category"), ("practitioners", "practitioner"))
    ],
    Right.CHANGE_SETTINGS: [
        ("core", "clinicsettings", ["change"]),
        ("bookings", "bookingsettings", ["change"]),
        ("catalogue", "devicekind", ALL),
        *[("bookings", model, ALL) for model in ("location", "room", "device")],
    ],
    Right.WORD_MESSAGES: [("bookings", "messagerule", ALL), ("bookings", "wording", ALL)],
}
_ON_PAGES: Mapping[Right, list[str]] = {
    Right.EDIT_SITE: ["add", "change"],
    Right.PUBLISH_SITE: ["publish"],
    Right.DELETE_FROM_SITE: ["bulk_delete", "lock", "unlock"],
}
_ON_FILES: Mapping[Right, list[tuple[str, str, list[str]]]] = {
    Right.EDIT_SITE: [("wagtailimages", "image", [*ALL, "choose"]), ("wagtaildocs", "document", [*ALL, "choose"])]
}


def grant_role_permissions(apps: Any) -> None:
    """Make the four roles and give each its rights. Repeatable; takes nothing away that an owner has granted since.

    `apps` is the registry to read models from: the historical one inside a migration.
    """
    groups = {role: apps.get_model("auth", "Group").objects.get_or_create(name=role.value)[0] for role in Role}
    permission = _permissions(apps)
    for right, grants in _ON_MODELS.items():
        for role in HOLDERS[right]:
            groups[role].permissions.add(*_each(permission, grants))
    for right, actions in _ON_PAGES.items():
        for role in HOLDERS[right]:
            _grant_pages(apps, groups[role], [permission("wagtailcore", "page", action) for action in actions])
    for right, grants in _ON_FILES.items():
        for role in HOLDERS[right]:
            _grant_files(apps, groups[role], _each(permission, grants))


def _each(permission: Callable[[str, str, str], Any], grants: list[tuple[str, str, list[str]]]) -> list[Any]:
    return [permission(label, model, action) for label, model, actions in grants for action in actions]


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


def _grant_files(apps: Any, group: Any, permissions: list[Any]) -> None:
    root = apps.get_model("wagtailcore", "Collection").objects.filter(depth=1).first()
    for permission in permissions if root else []:
        apps.get_model("wagtailcore", "GroupCollectionPermission").objects.get_or_create(
            group=group, collection=root, permission=permission
        )

"""The rights of each role in the CMS, from the one table of rights."""

import pytest
from django.apps import apps
from django.contrib.auth.models import Group
from wagtail.models import GroupCollectionPermission, GroupPagePermission

from clinic.accounts.rights import SETTINGS_PERMISSION, Right, may
from content.permissions import grant_role_permissions
from tests.factories.clinic import StaffFactory

pytestmark = pytest.mark.django_db
EDITORS = {
    "wagtailadmin.access_admin",
    *(f"catalogue.{action}_treatment" for action in ("add", "change", "publish")),
    *(f"catalogue.{action}_category" for action in ("add", "change")),
    *(f"practitioners.{action}_practitioner" for action in ("add", "change", "publish")),
    *(f"wagtailredirects.{action}_redirect" for action in ("add", "change", "delete")),
}
OWNERS = EDITORS | {
    "catalogue.delete_treatment",
    "catalogue.delete_category",
    "practitioners.delete_practitioner",
    "core.change_clinicsettings",
    "bookings.change_bookingsettings",
    *(f"catalogue.{action}_devicekind" for action in ("add", "change", "delete")),
    *(
        f"bookings.{action}_{model}"
        for model in ("messagerule", "wording", "location", "room", "device")
        for action in ("add", "change", "delete")
    ),
}
PAGES = {"editor": {"add", "change", "publish"}}
PAGES["owner"] = PAGES["editor"] | {"bulk_delete", "lock", "unlock"}
FILES = {f"{action}_{kind}" for kind in ("image", "document") for action in ("add", "change", "choose", "delete")}


@pytest.fixture(autouse=True)
def _granted_twice():
    """As two migrations do."""
    for _ in range(2):
        grant_role_permissions(apps)


@pytest.mark.parametrize(
    ("role", "granted"), [("owner", OWNERS), ("editor", EDITORS), ("practitioner", set()), ("desk", set())]
)
def test_a_role_has_these_permissions_and_no_others(role, granted):
    rows = Group.objects.get(name=role).permissions.values_list("content_type__app_label", "codename")

    assert {f"{label}.{codename}" for label, codename in rows} == granted


@pytest.mark.parametrize("role", ["owner", "editor", "practitioner", "desk"])
def test_a_role_has_these_permissions_on_pages_and_files(role):
    pages = list(GroupPagePermission.objects.filter(group__name=role).values_list("permission__codename", flat=True))
    files = list(
        GroupCollectionPermission.objects.filter(group__name=role).values_list("permission__codename", flat=True)
    )

    assert sorted(pages) == sorted(f"{action}_page" for action in PAGES.get(role, ()))
    assert sorted(files) == sorted(FILES if role in PAGES else ())


@pytest.mark.parametrize("role", ["owner", "editor", "practitioner", "desk"])
def test_the_panels_of_settings_open_to_who_may_change_them(role):
    user = StaffFactory(role=role)

    assert user.has_perm(SETTINGS_PERMISSION) == may(user, Right.CHANGE_SETTINGS) == (role == "owner")

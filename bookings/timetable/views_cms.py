"""Places as the owner edits them in the CMS. Hours and leave are changed in the diary (`desk.hours`)."""

from __future__ import annotations

from wagtail.admin.panels import FieldPanel, ObjectList
from wagtail.snippets.views.snippets import SnippetViewSet, SnippetViewSetGroup

from bookings.timetable.models import Device, Location, Room
from clinic.advertising.forms import LawfulModelForm


class LocationViewSet(SnippetViewSet):  # type: ignore[misc]
    model = Location
    icon = "site"
    list_display = ["name", "address", "is_active"]
    edit_handler = ObjectList(
        [FieldPanel(name) for name in ("name", "slug", "address", "directions", "is_active")],
        base_form_class=LawfulModelForm,
    )


class RoomViewSet(SnippetViewSet):  # type: ignore[misc]
    model = Room
    icon = "home"
    list_display = ["name", "location", "kind", "is_active"]
    list_filter = ["location", "kind"]
    edit_handler = ObjectList(
        [FieldPanel(name) for name in ("location", "name", "kind", "is_active")], base_form_class=LawfulModelForm
    )


class DeviceViewSet(SnippetViewSet):  # type: ignore[misc]
    model = Device
    icon = "cogs"
    list_display = ["name", "location", "kind", "is_active"]
    list_filter = ["location", "kind"]


class PlacesViewSetGroup(SnippetViewSetGroup):  # type: ignore[misc]
    items = (LocationViewSet, RoomViewSet, DeviceViewSet)
    menu_label = "Places"
    menu_icon = "site"
    menu_order = 250

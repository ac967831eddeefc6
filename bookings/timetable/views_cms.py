"""Working hours, time off and places as the owner edits them in the CMS."""

from __future__ import annotations

from django.contrib.postgres.forms import RangeWidget
from wagtail.admin.panels import FieldPanel, FieldRowPanel, ObjectList
from wagtail.admin.ui.tables import Column
from wagtail.admin.widgets import AdminDateTimeInput
from wagtail.snippets.views.snippets import SnippetViewSet, SnippetViewSetGroup

from bookings.timetable.models import Device, ExtraHours, Location, RegularTimeOff, Room, TimeOff, WorkingHours
from clinic.advertising.forms import LawfulModelForm
from clinic.core.clock import local


def _during(row: ExtraHours | TimeOff) -> str:
    """The span on the clinic's wall clock."""
    start, end = local(row.during.lower), local(row.during.upper)
    last = f"{end:%H:%M}" if start.date() == end.date() else f"{end:%a} {end.day} {end:%b %Y %H:%M}"
    return f"{start:%a} {start.day} {start:%b %Y %H:%M} to {last}"


WHEN = Column("during", label="When", accessor=_during)


def _span_panel() -> FieldPanel:
    return FieldPanel(
        "during", heading="From and to", widget=RangeWidget(AdminDateTimeInput()), help_text="Kent time, start and end."
    )


class WorkingHoursViewSet(SnippetViewSet):  # type: ignore[misc]
    model = WorkingHours
    icon = "time"
    menu_label = "Working hours"
    list_display = [
        "practitioner",
        Column("get_weekday_display", label="Weekday", sort_key="weekday"),
        "starts_at",
        "ends_at",
        "location",
        "valid_from",
        "valid_until",
    ]
    list_filter = ["practitioner", "weekday", "location"]
    panels = [
        FieldRowPanel([FieldPanel("practitioner"), FieldPanel("location")]),
        FieldRowPanel([FieldPanel("weekday"), FieldPanel("starts_at"), FieldPanel("ends_at")]),
        FieldRowPanel([FieldPanel("valid_from"), FieldPanel("valid_until"), FieldPanel("every_weeks")]),
    ]


class ExtraHoursViewSet(SnippetViewSet):  # type: ignore[misc]
    model = ExtraHours
    icon = "plus"
    menu_label = "Extra hours"
    list_display = ["practitioner", WHEN, "location"]
    list_filter = ["practitioner"]
    panels = [FieldRowPanel([FieldPanel("practitioner"), FieldPanel("location")]), _span_panel()]


class TimeOffViewSet(SnippetViewSet):  # type: ignore[misc]
    model = TimeOff
    icon = "calendar-alt"
    menu_label = "Time off"
    list_display = ["__str__", WHEN]
    list_filter = ["practitioner"]
    panels = [
        FieldPanel("practitioner", help_text="Leave empty to close the whole clinic."),
        _span_panel(),
        FieldPanel("reason"),
    ]


class RegularTimeOffViewSet(SnippetViewSet):  # type: ignore[misc]
    model = RegularTimeOff
    icon = "repeat"
    menu_label = "Regular time off"
    list_display = [
        "__str__",
        Column("get_weekday_display", label="Weekday", sort_key="weekday"),
        "every_weeks",
        "valid_from",
        "valid_until",
    ]
    list_filter = ["practitioner", "weekday"]
    panels = [
        FieldPanel("practitioner", help_text="Leave empty for the whole clinic."),
        FieldRowPanel([FieldPanel("weekday"), FieldPanel("starts_at"), FieldPanel("ends_at")]),
        FieldRowPanel([FieldPanel("valid_from"), FieldPanel("valid_until"), FieldPanel("every_weeks")]),
        FieldPanel("reason"),
    ]


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


class RotaViewSetGroup(SnippetViewSetGroup):  # type: ignore[misc]
    items = (
        WorkingHoursViewSet,
        ExtraHoursViewSet,
        TimeOffViewSet,
        RegularTimeOffViewSet,
        LocationViewSet,
        RoomViewSet,
        DeviceViewSet,
    )
    menu_label = "Clinic rota"
    menu_icon = "calendar-alt"
    menu_order = 250

"""The owner's pages for the rota: who works when and where, and when nobody does."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.postgres.forms import RangeWidget
from django.forms import CheckboxSelectMultiple
from django.http import HttpRequest
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.panels import FieldPanel, FieldRowPanel, HelpPanel, ObjectList
from wagtail.admin.ui.tables import BooleanColumn, Column
from wagtail.admin.widgets import AdminDateTimeInput
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import CreateView, SnippetViewSet, SnippetViewSetGroup

from bookings.messages.models import MessageRule, Wording
from bookings.messages.planning import rule_advice
from bookings.messages.wording.forms import WordingForm
from bookings.messages.wording.owner_words import built_in
from bookings.timetable.models import Device, ExtraHours, Location, RegularTimeOff, Room, TimeOff, WorkingHours
from clinic.accounts.permissions import is_owner, may_see_diary
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


@register_snippet
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


class MessageRuleViewSet(SnippetViewSet):  # type: ignore[misc]
    model = MessageRule
    icon = "mail"
    menu_label = "What is sent when"
    list_display = [
        Column("get_kind_display", label="Message", sort_key="kind"),
        Column("lead", label="When", sort_key="hours"),
        Column("get_channel_display", label="By", sort_key="channel"),
        BooleanColumn("asks_to_confirm", label="Asks to confirm"),
        BooleanColumn("is_active", label="In use"),
    ]
    list_filter = ["kind", "channel", "is_active"]
    panels = [
        FieldRowPanel([FieldPanel("kind"), FieldPanel("channel")]),
        FieldRowPanel([FieldPanel("hours"), FieldPanel("is_active")]),
        FieldPanel("asks_to_confirm"),
        FieldPanel("treatments", widget=CheckboxSelectMultiple),
    ]


class BeginsWithBuiltInWords(CreateView):  # type: ignore[misc]
    """`?kind=reminder&channel=sms&asks=1` begins with the words that are sent today."""

    def get_initial_form_instance(self) -> Wording:
        wording: Wording = super().get_initial_form_instance() or Wording()
        asked = (self.request.GET.get("kind", ""), self.request.GET.get("channel", ""), "asks" in self.request.GET)
        if asked in built_in():
            wording.kind, wording.channel, wording.asks_to_confirm = asked
            wording.subject, wording.body = built_in()[asked]
            wording.name = "Our own words"
            is_there = Wording.objects.filter(kind=asked[0], channel=asked[1], asks_to_confirm=asked[2]).exists()
            wording.variant = "B" if is_there and asked[0] == Wording.Kind.REMINDER else "A"
        return wording


class WordingViewSet(SnippetViewSet):  # type: ignore[misc]
    model = Wording
    icon = "edit"
    menu_label = "Own words"
    add_view_class = BeginsWithBuiltInWords
    list_display = [
        Column("get_kind_display", label="Message", sort_key="kind"),
        Column("get_channel_display", label="By", sort_key="channel"),
        BooleanColumn("asks_to_confirm", label="Asks to confirm"),
        Column("variant", label="A or B"),
        "name",
        BooleanColumn("is_active", label="In use"),
    ]
    list_filter = ["kind", "channel", "is_active"]
    edit_handler = ObjectList(
        [
            HelpPanel(template="bookings/wording_help.html", heading="How this works"),
            FieldRowPanel([FieldPanel("kind"), FieldPanel("channel")]),
            FieldRowPanel([FieldPanel("asks_to_confirm"), FieldPanel("is_active")]),
            FieldRowPanel([FieldPanel("name"), FieldPanel("variant")]),
            FieldPanel("subject"),
            FieldPanel("body"),
        ],
        base_form_class=WordingForm,
    )


@register_snippet
class MessagesViewSetGroup(SnippetViewSetGroup):  # type: ignore[misc]
    items = (MessageRuleViewSet, WordingViewSet)
    menu_label = "Messages"
    menu_icon = "mail"
    menu_order = 260


@hooks.register("after_create_snippet")  # type: ignore[untyped-decorator]
@hooks.register("after_edit_snippet")  # type: ignore[untyped-decorator]
def say_that_a_reminder_is_late(request: HttpRequest, instance: object) -> None:
    if isinstance(instance, MessageRule) and (said := rule_advice.of_rule(instance)):
        messages.warning(request, said)


class ForDiaryStaff(MenuItem):  # type: ignore[misc]
    def is_shown(self, request: HttpRequest) -> bool:
        return may_see_diary(request.user)


class ForTheOwner(MenuItem):  # type: ignore[misc]
    def is_shown(self, request: HttpRequest) -> bool:
        return is_owner(request.user)


@hooks.register("register_admin_menu_item")  # type: ignore[untyped-decorator]
def diary_menu_item() -> MenuItem:
    return ForDiaryStaff("Diary", "/diary/", icon_name="calendar", order=150)


@hooks.register("register_admin_menu_item")  # type: ignore[untyped-decorator]
def holidays_menu_item() -> MenuItem:
    return ForDiaryStaff("Public holidays", "/diary/holidays/", icon_name="date", order=251)


@hooks.register("register_admin_menu_item")  # type: ignore[untyped-decorator]
def wordings_menu_item() -> MenuItem:
    return ForTheOwner("Wordings compared", "/diary/messages/wordings/", icon_name="doc-full", order=261)

"""Treatments and categories in the CMS. Staff see true names here; the public pages show only what is lawful."""

from __future__ import annotations

from wagtail.admin.panels import (
    FieldPanel,
    FieldRowPanel,
    MultiFieldPanel,
    ObjectList,
    PublishingPanel,
    TabbedInterface,
    TitleFieldPanel,
)
from wagtail.admin.ui.tables import BooleanColumn, Column, LiveStatusTagColumn, UpdatedAtColumn
from wagtail.admin.widgets.slug import SlugInput
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import SnippetViewSet, SnippetViewSetGroup

from clinic.accounts.rights import SETTINGS_PERMISSION
from clinic.advertising.forms import LawfulModelForm
from clinic.catalogue.forms import CategoryForm
from clinic.catalogue.models import Category, DeviceKind, Treatment

SLUG_HELP = (
    "The last part of the page's address. Lower case, words joined by hyphens; do not name a medicine. "
    "When you change it, the old address leads to the new one."
)

CONTENT = [
    TitleFieldPanel("name", targets=["slug"], placeholder=False),
    FieldRowPanel([FieldPanel("category"), FieldPanel("kind")]),
    FieldPanel("summary", help_text="One sentence for the card and for search results."),
    FieldPanel("body", heading="What it is, and what to expect"),
    FieldPanel("risks_and_recovery", heading="Risks and recovery"),
    FieldPanel("reviewed_on"),
    MultiFieldPanel([FieldRowPanel([FieldPanel("price"), FieldPanel("is_price_from")])], "Price"),
    MultiFieldPanel([FieldPanel("image"), FieldPanel("art")], "Picture"),
]


def _owners(name: str) -> FieldPanel:
    """A field that only owners see; for others it is not in the form at all, and keeps its value."""
    return FieldPanel(name, permission=SETTINGS_PERMISSION)


BOOKING_RULES = [
    FieldRowPanel([_owners("duration_minutes"), _owners("buffer_before_minutes"), _owners("buffer_after_minutes")]),
    FieldRowPanel([_owners("is_bookable_online"), _owners("open_to")]),
    FieldRowPanel([_owners("room_kind"), _owners("device_kind")]),
    MultiFieldPanel(
        [
            _owners("is_prescription_only"),
            _owners("asks_date_of_birth_first"),
            _owners("minimum_age"),
            _owners("requires_consultation"),
            _owners("reflection_hours"),
            _owners("consultation_valid_days"),
        ],
        "Safeguards",
    ),
    MultiFieldPanel(
        [
            FieldRowPanel([_owners("follow_up"), _owners("follow_up_after_days")]),
            FieldRowPanel([_owners("course_visits"), _owners("course_interval_days")]),
        ],
        "What comes after",
    ),
    MultiFieldPanel(
        [
            _owners("slot_step_minutes"),
            _owners("last_start_at"),
            _owners("minimum_notice_hours"),
            _owners("horizon_days"),
            _owners("change_window_hours"),
        ],
        "Instead of the clinic's usual rules",
        help_text="Leave blank to follow the clinic settings.",
    ),
]
PROMOTE = [
    FieldPanel("slug", widget=SlugInput, help_text=SLUG_HELP),
    FieldPanel("position", help_text="Lower numbers come first within the category."),
    PublishingPanel(),
]


class TreatmentViewSet(SnippetViewSet):
    model = Treatment
    icon = "clipboard-list"
    menu_label = "Treatments"
    list_display = (
        "name",
        "category",
        "kind",
        Column("price", label="Price", accessor="price_in_words"),
        BooleanColumn("is_prescription_only", label="Prescription-only"),
        BooleanColumn("is_bookable_online", label="Booked online"),
        LiveStatusTagColumn(),
        UpdatedAtColumn(),
    )
    list_filter = ("category", "kind", "is_prescription_only", "is_bookable_online", "live")
    list_per_page = 50
    ordering = ("category__position", "position", "name")
    edit_handler = TabbedInterface(
        [
            ObjectList(CONTENT, heading="Content"),
            ObjectList(BOOKING_RULES, heading="Booking rules", permission=SETTINGS_PERMISSION),
            ObjectList(PROMOTE, heading="Promote"),
        ],
        base_form_class=LawfulModelForm,
    )


class CategoryViewSet(SnippetViewSet):
    model = Category
    icon = "folder-open-inverse"
    menu_label = "Categories"
    list_display = ("name", "summary", "position")
    search_fields = ("name", "summary")
    ordering = ("position", "name")
    edit_handler = ObjectList(
        [
            TitleFieldPanel("name", targets=["slug"], placeholder=False),
            FieldPanel("summary"),
            FieldPanel("slug", widget=SlugInput, help_text=SLUG_HELP),
            FieldPanel("position"),
            _owners("consultations"),
        ],
        base_form_class=CategoryForm,
    )


class DeviceKindViewSet(SnippetViewSet):
    model = DeviceKind
    icon = "cogs"
    menu_label = "Kinds of device"


class CatalogueViewSetGroup(SnippetViewSetGroup):
    items = (TreatmentViewSet, CategoryViewSet, DeviceKindViewSet)
    menu_icon = "clipboard-list"
    menu_label = "Catalogue"
    menu_name = "catalogue"
    menu_order = 200


register_snippet(CatalogueViewSetGroup)

"""Practitioners in the CMS: the profile is the editor's, the diary and the sign-in are the owner's."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.panels import (
    FieldPanel,
    FieldRowPanel,
    HelpPanel,
    InlinePanel,
    MultiFieldPanel,
    ObjectList,
    PublishingPanel,
    TabbedInterface,
    TitleFieldPanel,
)
from wagtail.admin.ui.tables import BooleanColumn, LiveStatusTagColumn, UpdatedAtColumn
from wagtail.admin.widgets.slug import SlugInput
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import SnippetViewSet

from clinic.accounts.rights import SETTINGS_PERMISSION
from clinic.advertising.forms import AdvertisingFormMixin
from clinic.advertising.rules.check import Surface, check_text
from clinic.practitioners.models import Practitioner

CREDENTIALS_HELP = (
    "<p>Choose the kind with care: only a statutory register (NMC, GMC, GDC, GPhC) regulates a practitioner. "
    "JCCP and Save Face are voluntary registers; BACN and RCN are memberships; ACE Group is a network.</p>"
)
CREDENTIAL = [
    FieldPanel("kind"),
    FieldRowPanel([FieldPanel("organisation"), FieldPanel("short_name")]),
    FieldRowPanel([FieldPanel("number"), FieldPanel("check_url")]),
    FieldRowPanel([FieldPanel("checked_on"), FieldPanel("expires_on"), FieldPanel("position")]),
]


class PractitionerForm(AdvertisingFormMixin, WagtailAdminModelForm):
    """Says what may not be published beside the field that says it; for credentials, above the form."""

    def is_valid(self) -> bool:
        """Credentials are forms of their own and reach the instance only on save, so they are read here."""
        if not super().is_valid() or not self._makes_public() or settings.ADVERTISING_RULES != "uk":
            return bool(not self.errors and super().is_valid())
        for row in self.formsets["credentials"].cleaned_data:
            self._check_credential(row)
        return not self.errors

    def _check_credential(self, row: dict[str, Any]) -> None:
        words = " ".join(str(row.get(name) or "") for name in ("organisation", "short_name", "number", "check_url"))
        for hit in check_text(words, surface=Surface.PROFILE) if not row.get("DELETE") else []:
            self.add_error(None, ValidationError(f"Credential: {hit}", code="advertising"))


class PractitionerViewSet(SnippetViewSet):
    model = Practitioner
    icon = "user"
    menu_label = "Practitioners"
    menu_name = "practitioners"
    menu_order = 210
    add_to_admin_menu = True
    list_display = (
        "name",
        "job_title",
        BooleanColumn("is_bookable", label="Takes bookings"),
        BooleanColumn("is_demo", label="Demonstration"),
        LiveStatusTagColumn(),
        UpdatedAtColumn(),
    )
    list_filter = ("is_bookable", "is_demo", "live")
    ordering = ("position", "name")
    edit_handler = TabbedInterface(
        [
            ObjectList(
                [
                    TitleFieldPanel("name", targets=["slug"], placeholder=False),
                    FieldPanel("job_title"),
                    FieldPanel("summary", help_text="One sentence for the card and for search results."),
                    FieldPanel("biography"),
                    MultiFieldPanel([FieldPanel("image"), FieldPanel("art")], "Picture"),
                    FieldPanel("is_demo"),
                ],
                heading="Profile",
            ),
            ObjectList(
                [HelpPanel(CREDENTIALS_HELP), InlinePanel("credentials", panels=CREDENTIAL, label="credential")],
                heading="Credentials",
            ),
            ObjectList(
                [
                    FieldPanel("is_bookable", permission=SETTINGS_PERMISSION),
                    FieldPanel("user", permission=SETTINGS_PERMISSION),
                    InlinePanel(
                        "offered",
                        panels=[FieldRowPanel([FieldPanel("treatment"), FieldPanel("duration_minutes")])],
                        heading="Treatments given",
                        label="treatment",
                    ),
                ],
                heading="Diary",
            ),
            ObjectList(
                [
                    FieldPanel(
                        "slug",
                        widget=SlugInput,
                        help_text="The last part of the profile's address. When you change it, the old one leads to the new one.",
                    ),
                    FieldPanel("position", help_text="Lower numbers come first."),
                    PublishingPanel(),
                ],
                heading="Promote",
            ),
        ],
        base_form_class=PractitionerForm,
    )


register_snippet(PractitionerViewSet)

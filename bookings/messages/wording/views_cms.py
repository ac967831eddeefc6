"""When messages go out and the owner's own words, as the owner edits them in the CMS."""

from __future__ import annotations

from django.forms import CheckboxSelectMultiple
from wagtail.admin.panels import FieldPanel, FieldRowPanel, HelpPanel, ObjectList
from wagtail.admin.ui.tables import BooleanColumn, Column
from wagtail.snippets.views.snippets import CreateView, SnippetViewSet, SnippetViewSetGroup

from bookings.messages.models import MessageRule, Wording
from bookings.messages.wording.forms import WordingForm
from bookings.messages.wording.owner_words import built_in


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
            HelpPanel(template="bookings/messages/wording_help.html", heading="How this works"),
            FieldRowPanel([FieldPanel("kind"), FieldPanel("channel")]),
            FieldRowPanel([FieldPanel("asks_to_confirm"), FieldPanel("is_active")]),
            FieldRowPanel([FieldPanel("name"), FieldPanel("variant")]),
            FieldPanel("subject"),
            FieldPanel("body"),
        ],
        base_form_class=WordingForm,
    )


class MessagesViewSetGroup(SnippetViewSetGroup):  # type: ignore[misc]
    items = (MessageRuleViewSet, WordingViewSet)
    menu_label = "Messages"
    menu_icon = "mail"
    menu_order = 260

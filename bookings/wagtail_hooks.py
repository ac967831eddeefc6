"""What of this app stands in the CMS: the owner's pages, warnings, and the way into the diary."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.snippets.models import register_snippet

from bookings.messages.models import MessageRule
from bookings.messages.planning import rule_advice
from bookings.messages.wording.views_cms import MessagesViewSetGroup
from bookings.timetable.views_cms import PlacesViewSetGroup
from clinic.accounts.rights import Right, may

register_snippet(PlacesViewSetGroup)
register_snippet(MessagesViewSetGroup)


@hooks.register("after_create_snippet")  # type: ignore[untyped-decorator]
@hooks.register("after_edit_snippet")  # type: ignore[untyped-decorator]
def say_that_a_reminder_is_late(request: HttpRequest, instance: object) -> None:
    if isinstance(instance, MessageRule) and (said := rule_advice.of_rule(instance)):
        messages.warning(request, said)


class ItemByRight(MenuItem):  # type: ignore[misc]
    """Shown to who holds the right that its page asks for."""

    def __init__(self, *args: Any, right: Right, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.right = right

    def is_shown(self, request: HttpRequest) -> bool:
        return may(request.user, self.right)


@hooks.register("register_admin_menu_item")  # type: ignore[untyped-decorator]
def diary_menu_item() -> MenuItem:
    return ItemByRight("Diary", "/diary/", icon_name="calendar", order=150, right=Right.SEE_DIARY)


@hooks.register("register_admin_menu_item")  # type: ignore[untyped-decorator]
def wordings_menu_item() -> MenuItem:
    address = "/diary/messages/wordings/"
    return ItemByRight("Wordings compared", address, icon_name="doc-full", order=261, right=Right.WORD_MESSAGES)

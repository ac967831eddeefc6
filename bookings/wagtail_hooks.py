"""What of this app stands in the CMS: the owner's pages, warnings, and the way into the diary."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.snippets.models import register_snippet

from bookings.messages.models import MessageRule
from bookings.messages.planning import rule_advice
from bookings.messages.wording.views_cms import MessagesViewSetGroup
from bookings.timetable.views_cms import PlacesViewSetGroup
from clinic.accounts.roles import is_owner, may_see_diary

register_snippet(PlacesViewSetGroup)
register_snippet(MessagesViewSetGroup)


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
def wordings_menu_item() -> MenuItem:
    return ForTheOwner("Wordings compared", "/diary/messages/wordings/", icon_name="doc-full", order=261)

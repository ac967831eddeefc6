"""Every view of ours has a named right, or a reason to have none; and every address is asked for as every role."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest
from django.test import Client
from django.urls import path

from bookings.api import api
from bookings.api.auth import StaffKey
from clinic.accounts.permissions import needs
from clinic.accounts.rights import HOLDERS, Right
from tests.factories.clinic import PractitionerFactory, StaffFactory, UserFactory
from tests.project.test_login_doors import every_pattern, views

OURS = ("clinic.", "bookings.", "content.")
# Other people's views, by the beginning of their module.
NOT_OURS = {
    "allauth.": "how anyone signs in, and looks after their own account",
    "django.contrib.auth.views.LoginView": "a door of Wagtail's, shut by `content.urls` (`test_login_doors`)",
    "django.contrib.sitemaps.": "public",
    "django.views.generic.base": "a page of Wagtail's behind the rights of the CMS",
    "django.views.static": "pictures in the sizes that public pages show",
    "rest_framework.": "the API of the CMS, behind its rights",
    "wagtail.": "public pages, documents by their own restrictions, and the CMS behind its rights",
}
PUBLIC, LINK, PATIENT = "anyone", "whoever has the secret link, and the birthday where it is asked", "who is signed in"
CODE, SIGNED_IN = "who has a code that was mailed", "whoever has signed in, for their own account"
CMS, TOKEN = "the rights of the CMS (`content.permissions`)", "a token or signature of its own"
WITHOUT_A_RIGHT = {
    "bookings.api.document.ProblemAPI._with_problems.<locals>.answer": "each operation is looked at below",
    "bookings.desk.feeds.views.calendar_feed": LINK,
    "bookings.desk.sheet.views_offline.worker": "a script that is the same for all, asked for by a browser on its own",
    "bookings.messages.delivery.views_health.readyz": PUBLIC,
    "bookings.messages.delivery.views_metrics.metrics": TOKEN,
    "bookings.messages.delivery.views_reports.emails": TOKEN,
    "bookings.messages.delivery.views_reports.texts": TOKEN,
    "bookings.messages.wording.views_cms.BeginsWithBuiltInWords": CMS,
    "bookings.online.views.booking.entrances.in_frame.<locals>.view": PUBLIC,
    "bookings.online.views.booking.entrances.on_site.<locals>.view": PUBLIC,
    "bookings.online.views.booking.entrances.script": PUBLIC,
    "bookings.online.views.find_record.find_record": PATIENT,
    "bookings.online.views.my.details.details": PATIENT,
    "bookings.online.views.my.invitation.invitation": PATIENT,
    "bookings.online.views.my.invitation.invitation_link": LINK,
    "bookings.online.views.my.messages.message": PATIENT,
    "bookings.online.views.my.messages.message_list": PATIENT,
    "bookings.online.views.my.people.end": PATIENT,
    "bookings.online.views.my.people.people": PATIENT,
    "bookings.online.views.my.people.withdraw": PATIENT,
    "bookings.online.views.my.visits.my": PATIENT,
    "bookings.online.views.not_me.not_me": LINK,
    "bookings.online.views.preferences.preferences": LINK,
    "bookings.online.views.preferences.unsubscribe": LINK,
    "bookings.online.views.visit.attendance.coming": LINK,
    "bookings.online.views.visit.attendance.coming_link": LINK,
    "bookings.online.views.visit.change.visit_cancel": LINK,
    "bookings.online.views.visit.change.visit_move": LINK,
    "bookings.online.views.visit.change.visit_move_confirm": LINK,
    "bookings.online.views.visit.course.visit_course": LINK,
    "bookings.online.views.visit.follow_up.visit_follow_up": LINK,
    "bookings.online.views.visit.page.broken_link": PUBLIC,
    "bookings.online.views.visit.page.clean_link": PUBLIC,
    "bookings.online.views.visit.page.send_link": PUBLIC,
    "bookings.online.views.visit.page.visit": LINK,
    "bookings.online.views.visit.page.visit_calendar": LINK,
    "bookings.online.views.visit.page.visit_link": LINK,
    **{f"clinic.records.answering.views.patient.{what}": LINK for what in ("start", "page", "save", "check", "again")},
    "clinic.records.links.views.birthday": LINK,
    "clinic.records.links.views.link": LINK,
    "clinic.privacy.views.my.ask": PATIENT,
    "clinic.privacy.views.my.ask_copy": PATIENT,
    "clinic.privacy.views.my.delete": PATIENT,
    "clinic.privacy.views.my.deleted": "whoever has just been erased, in that browser",
    "clinic.privacy.views.my.my_data": PATIENT,
    "clinic.privacy.views.my.take_copy": PATIENT,
    "clinic.privacy.views.my.withdraw": PATIENT,
    "bookings.waiting_list.views.entry.entry": LINK,
    "bookings.waiting_list.views.entry.offer_link": LINK,
    "bookings.waiting_list.views.entry.waiting_link": LINK,
    "bookings.waiting_list.views.join.join": PUBLIC,
    "clinic.accounts.signing_in.views.AddPasskey": SIGNED_IN,
    "clinic.accounts.signing_in.views.AddressCode": CODE,
    "clinic.accounts.signing_in.views.EnterFreshCode": CODE,
    "clinic.accounts.signing_in.views.PasswordCode": CODE,
    "clinic.accounts.signing_in.views.RemovePasskey": SIGNED_IN,
    "clinic.accounts.signing_in.views.SignInCode": CODE,
    "clinic.accounts.signing_in.views.devices": SIGNED_IN,
    "clinic.accounts.signing_in.views.security": SIGNED_IN,
    "clinic.accounts.views.SignOut": PUBLIC,
    "clinic.accounts.views.after_login": PATIENT,
    "clinic.catalogue.views.index": PUBLIC,
    "clinic.catalogue.views.treatment": PUBLIC,
    "clinic.core.web.security_txt.security_txt": PUBLIC,
    "clinic.core.web.views.healthz": PUBLIC,
    "clinic.practitioners.views.index": PUBLIC,
    "clinic.practitioners.views.practitioner": PUBLIC,
    "clinic.staff.views.enrolment.invitation": LINK,
    "clinic.staff.views.enrolment.recovery": LINK,
    "clinic.staff.views.lock.lock_now": SIGNED_IN,
    "clinic.staff.views.unlock.choose_pin": SIGNED_IN,
    "clinic.staff.views.unlock.unlock": "who has a PIN of today on this shared tablet",
    "clinic.staff.views.enrolment.start": "who came by such a link, or works here and has a step to do",
    "content.feeds.JournalFeed": PUBLIC,
    "content.search.search": PUBLIC,
    "content.views.cms_login": "leads to the sign-in",
    "content.views.no_such_page": "404 to anyone",
    "content.views.robots": PUBLIC,
    "content.views.sign_in": "leads to the sign-in",
}
# Operations of the API that ask for no key of staff's: a patient's, by the secret of the visit, and free times.
PUBLIC_OPERATIONS = {
    "availability", "cancel", "create", "create_series", "days_with_times", "move", "next_times", "nothing",
    "practitioners", "read", "treatments",
}  # fmt: skip
ASK_BY_HAND = {
    "bookings/demo/trail.py",
    "bookings/desk/feeds/feed_links.py",  # one statement, with the roles of the table
    "clinic/accounts/adapters.py",  # makes accounts of patients
    "clinic/accounts/backends.py",
    "clinic/accounts/models.py",
    "clinic/accounts/personal_data/__init__.py",  # names the field
    "clinic/accounts/rights.py",
    "clinic/accounts/seed.py",
}
PROJECT = Path(__file__).resolve().parents[2]
ROLES = ("anonymous", "patient", "desk", "practitioner", "editor", "owner")
ASKED = (("get", {}), ("get", {"HX-Request": "true"}), ("post", {}), ("post", {"HX-Request": "true"}))
SIGN_IN = "/accounts/login/?next="


def name_of(view) -> str:
    kind = getattr(view, "view_class", None)
    if kind is None:
        view = inspect.unwrap(view)
        kind = view if hasattr(view, "__qualname__") else type(view)
    return f"{kind.__module__}.{kind.__qualname__}"


def unclassified(found) -> set[str]:
    """Views of ours that name no right and are not listed; views of others from where none was expected."""
    unmarked = {name_of(view) for _, view in found if not isinstance(getattr(view, "right", None), Right)}
    return {name for name in unmarked if not _is_listed(name)}


def _is_listed(name: str) -> bool:
    return name in WITHOUT_A_RIGHT if name.startswith(OURS) else name.startswith(tuple(NOT_OURS))


def test_every_view_has_a_right_or_a_reason_to_have_none():
    assert unclassified(every_pattern()) == set()


def test_no_reason_is_left_of_a_view_that_is_gone_or_has_a_right():
    unmarked = {name_of(view) for _, view in every_pattern() if not hasattr(view, "right")}

    assert set(WITHOUT_A_RIGHT) - unmarked == set()
    assert {start for start in NOT_OURS if not any(name.startswith(start) for name in unmarked)} == set()


def test_a_view_without_a_right_is_found():
    def planted(request):
        raise AssertionError("Never called.")

    def marked(request):
        raise AssertionError("Never called.")

    planted.__module__ = marked.__module__ = "bookings.planted"
    planted.__qualname__, marked.__qualname__ = "planted", "marked"
    patterns = [path("planted/", planted), path("marked/", needs(Right.SEE_DIARY)(marked))]

    assert unclassified([(str(one.pattern), one.callback) for one in patterns]) == {"bookings.planted.planted"}


def test_a_view_of_someone_unheard_of_is_found():
    def planted(request):
        raise AssertionError("Never called.")

    planted.__module__, planted.__qualname__ = "somebody.views", "planted"

    assert unclassified([("/planted/", planted)]) == {"somebody.views.planted"}


def test_every_operation_of_the_api_has_a_right_or_is_public():
    keys = {name: {type(key) for key in operation.auth_callbacks} for name, operation in _operations().items()}
    guarded = {name for name, kinds in keys.items() if kinds == {StaffKey}}

    assert set(keys) - guarded == PUBLIC_OPERATIONS
    assert {key.right for name in guarded for key in _operations()[name].auth_callbacks} <= set(Right)


def _operations():
    return {
        operation.view_func.__name__: operation
        for _, router in api._routers
        for view in router.path_operations.values()
        for operation in view.operations
    }


def test_nobody_asks_for_a_role_or_a_permission_by_hand():
    """But what makes roles, grants by role, or writes to the owners."""
    by_hand = re.compile(r"\bRole\.|roles_of\(|has_perms?\(|is_superuser|group_names|permission_required|perms\.")
    found = {
        str(file.relative_to(PROJECT))
        for folder in ("bookings", "clinic", "content", "templates")
        for file in (PROJECT / folder).rglob("*.*")
        if file.suffix in {".py", ".html"} and "migrations" not in file.parts
        if not file.is_relative_to(PROJECT / "clinic" / "staff")  # gives roles and takes them
        if by_hand.search(file.read_text(encoding="utf-8"))
    }

    assert found == ASK_BY_HAND


def marked_views():
    """Each with an address that leads to it."""
    found = [(address, view) for address, view in views() if hasattr(view, "right")]
    assert {view for _, view in found} == {view for _, view in every_pattern() if hasattr(view, "right")}
    return found


def client_as(role) -> Client:
    client = Client(raise_request_exception=False)
    if role == "practitioner":
        client.force_login(PractitionerFactory(user=StaffFactory(role=role)).user)
    elif role != "anonymous":
        client.force_login(UserFactory() if role == "patient" else StaffFactory(role=role))
    return client


@pytest.mark.django_db
@pytest.mark.parametrize("role", ROLES)
def test_every_address_opens_to_its_roles_alone(role):
    """Each with GET and POST, as a page and as htmx asks: what refuses is the right, and nothing before it answers."""
    client, wrong = client_as(role), []
    for address, view in marked_views():
        for method, headers in ASKED:
            answer = getattr(client, method)(address, headers=headers)
            right = view.right if method == "get" else view.right_to_change
            holders = HOLDERS[right] | (HOLDERS[Right.BREAK_GLASS] if right == Right.READ_RECORDS else frozenset())
            outcome, allowed = _outcome(answer), role in holders
            if outcome not in _expected(role, allowed=allowed):
                wrong.append((method, address, right.value, answer.status_code, headers))

    assert len(marked_views()) > 45
    assert wrong == []


def _outcome(answer) -> str:
    if answer.status_code == 302 and answer.headers["Location"].startswith(SIGN_IN):
        return "asked to sign in"
    if answer.status_code == 302 and answer.headers["Location"].startswith("/diary/visits/22222222/"):
        return "led to the page of the form"  # which is guarded itself
    return {403: "refused", 405: "not that way"}.get(
        answer.status_code, "let in" if answer.status_code < 500 else "broken"
    )


def _expected(role, *, allowed: bool) -> set[str]:
    """A view that takes one method alone says so to anyone."""
    refused = "asked to sign in" if role == "anonymous" else "refused"
    return {"let in" if allowed else refused, "not that way", "led to the page of the form"}

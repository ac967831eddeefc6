"""Who may do what: the one table of roles and rights that views, the CMS, the API and `docs/accounts.md` are made from.

A role is a group of users. A person may hold several, and their rights add up.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.contrib.auth.models import AnonymousUser
from django.db import models

from clinic.accounts.models import User


class Role(models.TextChoices):
    OWNER = "owner", "Owner"
    PRACTITIONER = "practitioner", "Practitioner"
    DESK = "desk", "Desk"
    EDITOR = "editor", "Editor"


class Right(models.TextChoices):
    """What a view names, each with what it lets someone do."""

    SEE_DIARY = "see_diary", "See the diary, and print a day of it"
    CHANGE_OWN_DIARY = "change_own_diary", "Book, move and cancel visits and note their status in their own diary"
    CHANGE_ANY_DIARY = "change_any_diary", "The same in every diary, and open every visit and patient record"
    CHANGE_OWN_HOURS = "change_own_hours", "Change their own working hours and leave, block their own time"
    CHANGE_ANY_HOURS = "change_any_hours", "The same for everyone, and close the clinic"
    OPEN_HOLIDAYS = "open_holidays", "Open the clinic on public holidays"
    SEE_PATIENTS = "see_patients", "See patients and their contact data"
    CORRECT_PATIENTS = "correct_patients", "Correct patients’ contact data, merge records of one person"
    WRITE_NOTES = "write_notes", "Write notes about patients"
    SEE_WAITING_LIST = "see_waiting_list", "See the waiting list"
    CHANGE_WAITING_LIST = "change_waiting_list", "Offer times to those who wait, take people off the list"
    SEE_MESSAGES = "see_messages", "See the messages to patients"
    SEND_AGAIN = "send_again", "Send messages again, settle those that failed"
    WORD_MESSAGES = "word_messages", "Word messages, set when they are sent, compare wordings"
    SEE_CHANGES = "see_changes", "See who changed what in the diary lately"
    SEE_OWN_NUMBERS = "see_own_numbers", "See the numbers of their own diary"
    SEE_ANY_NUMBERS = "see_any_numbers", "See the numbers of every diary"
    HAVE_FEEDS = "have_feeds", "Make and revoke calendar feeds of their own diary"
    REVOKE_ANY_FEED = "revoke_any_feed", "See and revoke everyone’s calendar feeds"
    MANAGE_INTEGRATIONS = "manage_integrations", "Make API keys and webhooks"
    MANAGE_PEOPLE = "manage_people", "Invite staff, give and take roles, set up shared tablets"
    SEE_DATA_REQUESTS = "see_data_requests", "Take in requests about personal data, see when they are due"
    ANSWER_DATA_REQUESTS = "answer_data_requests", "Answer and refuse them, open records of limited use"
    SEE_FORM_STATES = (
        "see_form_states",
        "See whether a visit’s forms are in, without their answers, and send them again",
    )
    READ_RECORDS = "read_records", "Read the clinical records of their own patients"
    WRITE_RECORDS = "write_records", "Write and sign in them"
    BREAK_GLASS = "break_glass", "Open the clinical record of somebody else’s patient for a reason"
    WRITE_TEXTS = "write_texts", "Write questions and consent texts, set what each treatment needs"
    APPROVE_TEXTS = "approve_texts", "Approve questions and consent texts for use"
    SEE_RECORD_ACCESS = "see_record_access", "See who opened which clinical record"
    CHANGE_SETTINGS = "change_settings", "Change settings, booking rules, rooms and devices, and who takes bookings"
    USE_CMS = "use_cms", "Open the CMS"
    EDIT_SITE = "edit_site", "Edit treatments, profiles, pages, pictures and documents"
    PUBLISH_SITE = "publish_site", "Publish treatments, profiles and pages"
    DELETE_FROM_SITE = "delete_from_site", "Delete treatments and profiles, lock pages"


_OWNER = frozenset({Role.OWNER})
_OWNER_DESK = frozenset({Role.OWNER, Role.DESK})
_OWNER_PRACTITIONER = frozenset({Role.OWNER, Role.PRACTITIONER})
_PRACTITIONER = frozenset({Role.PRACTITIONER})
_DIARY = frozenset({Role.OWNER, Role.PRACTITIONER, Role.DESK})
_SITE = frozenset({Role.OWNER, Role.EDITOR})

HOLDERS: Mapping[Right, frozenset[Role]] = {
    Right.SEE_DIARY: _DIARY,
    Right.CHANGE_OWN_DIARY: _DIARY,
    Right.CHANGE_ANY_DIARY: _OWNER_DESK,
    Right.CHANGE_OWN_HOURS: _DIARY,
    Right.CHANGE_ANY_HOURS: _OWNER_DESK,
    Right.OPEN_HOLIDAYS: _OWNER,
    Right.SEE_PATIENTS: _DIARY,
    Right.CORRECT_PATIENTS: _DIARY,
    Right.WRITE_NOTES: _DIARY,
    Right.SEE_WAITING_LIST: _DIARY,
    Right.CHANGE_WAITING_LIST: _DIARY,
    Right.SEE_MESSAGES: _DIARY,
    Right.SEND_AGAIN: _DIARY,
    Right.WORD_MESSAGES: _OWNER,
    Right.SEE_CHANGES: _DIARY,
    Right.SEE_OWN_NUMBERS: _DIARY,
    Right.SEE_ANY_NUMBERS: _OWNER_DESK,
    Right.HAVE_FEEDS: _OWNER_PRACTITIONER,
    Right.REVOKE_ANY_FEED: _OWNER,
    Right.MANAGE_INTEGRATIONS: _OWNER,
    Right.MANAGE_PEOPLE: _OWNER,
    Right.SEE_DATA_REQUESTS: _OWNER_DESK,
    Right.ANSWER_DATA_REQUESTS: _OWNER,
    Right.SEE_FORM_STATES: _DIARY,
    Right.READ_RECORDS: _PRACTITIONER,
    Right.WRITE_RECORDS: _PRACTITIONER,
    Right.BREAK_GLASS: _OWNER_PRACTITIONER,
    Right.WRITE_TEXTS: _OWNER_PRACTITIONER,
    Right.APPROVE_TEXTS: _PRACTITIONER,
    Right.SEE_RECORD_ACCESS: _OWNER,
    Right.CHANGE_SETTINGS: _OWNER,
    Right.USE_CMS: _SITE,
    Right.EDIT_SITE: _SITE,
    Right.PUBLISH_SITE: _SITE,
    Right.DELETE_FROM_SITE: _OWNER,
}

# What reaches their own visits and patients only, where a role may not change any diary: `bookings.visits.access`.
OF_THEIR_OWN = frozenset(
    {
        Right.SEE_PATIENTS,
        Right.CORRECT_PATIENTS,
        Right.WRITE_NOTES,
        Right.SEE_WAITING_LIST,
        Right.CHANGE_WAITING_LIST,
        Right.SEE_MESSAGES,
        Right.SEND_AGAIN,
        Right.SEE_CHANGES,
        Right.SEE_FORM_STATES,
        Right.READ_RECORDS,
        Right.WRITE_RECORDS,
    }
)

# What no superuser has by being one: whoever looks after the program is nobody's nurse.
CLINICAL = frozenset(
    {Right.READ_RECORDS, Right.WRITE_RECORDS, Right.BREAK_GLASS, Right.APPROVE_TEXTS, Right.SEE_RECORD_ACCESS}
)

# What a session that a shared tablet's PIN opened does not do: `permissions.needs` asks for the passkey or app first.
# Settings, people, what takes data out, and what reaches patients who do not come today.
NOT_BY_PIN = frozenset(
    {
        Right.OPEN_HOLIDAYS,
        Right.WORD_MESSAGES,
        Right.HAVE_FEEDS,
        Right.REVOKE_ANY_FEED,
        Right.MANAGE_INTEGRATIONS,
        Right.MANAGE_PEOPLE,
        Right.SEE_DATA_REQUESTS,
        Right.ANSWER_DATA_REQUESTS,
        Right.BREAK_GLASS,
        Right.WRITE_TEXTS,
        Right.APPROVE_TEXTS,
        Right.SEE_RECORD_ACCESS,
        Right.CHANGE_SETTINGS,
        Right.USE_CMS,
        Right.EDIT_SITE,
        Right.PUBLISH_SITE,
        Right.DELETE_FROM_SITE,
    }
)

# How Wagtail's panels ask for CHANGE_SETTINGS; `content.permissions` grants it to whoever holds that right.
SETTINGS_PERMISSION = "core.change_clinicsettings"


def roles_of(user: User | AnonymousUser) -> frozenset[str]:
    """Names of the roles that an active member of staff holds; read once a request."""
    if not isinstance(user, User) or not user.is_active or not user.is_staff:
        return frozenset()
    return frozenset(Role) if user.is_superuser else user.group_names


def rights_of(user: User | AnonymousUser) -> frozenset[Right]:
    """All rights of all their roles."""
    return frozenset(right for right in HOLDERS if may(user, right))


def may(user: User | AnonymousUser, right: Right) -> bool:
    roles = roles_of(user)
    if right in CLINICAL and isinstance(user, User) and user.is_superuser:
        roles &= user.group_names
    return bool(roles & HOLDERS[right])


def table(*, markdown: bool = False) -> str:
    """The table as text: aligned for a terminal, or as the documentation has it."""
    rows = [["Right", *(str(role.label) for role in Role), "By PIN"]]
    rows += [[str(right.label), *(_cell(right, role) for role in Role), _by_pin(right)] for right in HOLDERS]
    if markdown:
        rows.insert(1, ["---"] * len(rows[0]))
        return "".join(f"| {' | '.join(row)} |\n" for row in rows)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
    return "".join(f"{line.rstrip()}\n" for line in lines)


def _by_pin(right: Right) -> str:
    return "–" if right in NOT_BY_PIN else "yes"


def _cell(right: Right, role: Role) -> str:
    if role not in HOLDERS[right]:
        return "–"
    return "own" if right in OF_THEIR_OWN and role not in HOLDERS[Right.CHANGE_ANY_DIARY] else "yes"

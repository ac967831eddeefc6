"""What becomes of an account, of how somebody signs in, and of the trail of who did what."""

from __future__ import annotations

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from pghistory.models import Context

from clinic.core.personal.registry import not_personal, register
from clinic.core.personal.vocabulary import (
    ERASE,
    EXPORT,
    OF_STAFF,
    ON_ITS_WAY,
    SECRET,
    Person,
    Personal,
    Shown,
    of_account,
)

WHAT_IS_TYPED = Shown("hidden", "what is typed on the way to a booking, which the booking itself shows")


def _sessions(person: Person) -> QuerySet[Session]:
    return Session.objects.filter(session_key__in=UserSession.objects.filter(user=person.account).values("session_key"))


def _acts(_person: Person) -> QuerySet[Context]:
    """None are deleted: `clinic.privacy.erasure` takes the account's number out of them."""
    return Context.objects.none()


register(
    Personal(
        "sessions.Session",
        "Sessions",
        _sessions,
        {(WHAT_IS_TYPED, ERASE): "session_data", (SECRET, ERASE): "session_key", (ON_ITS_WAY, ERASE): "expire_date"},
        is_listed=False,
    ),
    Personal(
        "usersessions.UserSession",
        "Devices signed in",
        of_account("user", "usersessions.UserSession"),
        {
            (EXPORT, ERASE): "created_at ip last_seen_at user_agent",
            (SECRET, ERASE): "session_key",
            (ON_ITS_WAY, ERASE): "id user data",
        },
        labels={
            "created_at": "Signed in on",
            "ip": "Address on the internet (IP)",
            "last_seen_at": "Last seen on",
            "user_agent": "Browser and system",
        },
    ),
    Personal(
        "accounts.AccountNotice",
        "Letters about changes to the account",
        of_account("user", "accounts.AccountNotice"),
        {
            (EXPORT, ERASE): "email what sent_at disputed_at closed_account settled_at",
            (SECRET, ERASE): "link_salt link_digest",
            (OF_STAFF, ERASE): "settled_by",
            (ON_ITS_WAY, ERASE): "id user",
        },
        labels={"email": "Sent to", "closed_account": "The account was closed over it"},
    ),
    Personal(
        "mfa.Authenticator",
        "Passkeys and second steps",
        of_account("user", "mfa.Authenticator"),
        {(EXPORT, ERASE): "type created_at last_used_at", (SECRET, ERASE): "data", (ON_ITS_WAY, ERASE): "id user"},
        labels={"type": "What it is", "created_at": "Added on", "last_used_at": "Last used on"},
    ),
    Personal(
        "account.EmailConfirmation",
        "Proofs of an address",
        of_account("email_address__user", "account.EmailConfirmation"),
        {(EXPORT, ERASE): "created sent", (SECRET, ERASE): "key", (ON_ITS_WAY, ERASE): "id email_address"},
        labels={"created": "Asked for on", "sent": "Sent on"},
    ),
    Personal(
        "account.EmailAddress",
        "Addresses of the account",
        of_account("user", "account.EmailAddress"),
        {(EXPORT, ERASE): "email verified primary", (ON_ITS_WAY, ERASE): "id user"},
        labels={"verified": "You have shown that it is yours", "primary": "The one that we write to"},
    ),
    Personal(
        "pghistory.Context",
        "Who did what",
        _acts,
        {(ON_ITS_WAY, ERASE): "id created_at updated_at metadata"},
        is_listed=False,
    ),
    Personal(
        "accounts.User",
        "Account",
        of_account("pk", "accounts.User"),
        {
            (EXPORT, ERASE): "email name date_joined last_login",
            (SECRET, ERASE): "password",
            (ON_ITS_WAY, ERASE): "id is_staff is_superuser is_active",
        },
        labels={"date_joined": "Made on", "last_login": "Last signed in on"},
    ),
)
not_personal("roles and permissions of staff", "accounts.User_groups", "accounts.User_user_permissions", "auth")

"""Where staff are signed in, and how to end it at once."""

from __future__ import annotations

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session

from clinic.accounts.models import User
from clinic.staff.models import TabletPin


def end_sessions(user: User) -> int:
    """End every session of `user`, take their password and the PINs of shared tablets; gives how many sessions were known.

    A session carries a digest of the password: with another one it opens nothing, known to us or not.
    """
    TabletPin.objects.filter(user=user).delete()
    user.set_unusable_password()
    user.save(update_fields=["password"])
    keys = list(UserSession.objects.filter(user=user).values_list("session_key", flat=True))
    Session.objects.filter(session_key__in=keys).delete()
    UserSession.objects.filter(user=user).delete()
    return len(keys)

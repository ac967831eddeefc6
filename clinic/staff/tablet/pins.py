"""The PIN of the day: one person, one shared tablet, until the evening. Source: portal §8."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from django.contrib.auth.hashers import ScryptPasswordHasher, make_password  # type: ignore[attr-defined]  # not in the stubs
from django.db import transaction

from clinic.accounts.models import User
from clinic.core import clock
from clinic.core.errors import DomainError
from clinic.staff.models import MOST_WRONG, Tablet, TabletPin

DIGITS = 6
FEWEST_DIFFERENT = 4


class WeakPin(DomainError):
    """It is not six digits, or one of those that are tried first."""

    code = "weak_pin"


class WrongPin(DomainError):
    """It is not this person's PIN; there are tries left."""

    code = "wrong_pin"


class PinGone(DomainError):
    """There is no PIN of this person here, or no longer."""

    code = "pin_gone"


@dataclass(frozen=True, slots=True)
class Face:
    """Somebody on the lock page."""

    user: User
    initials: str


def evening(now: datetime) -> datetime:
    """The clinic's midnight, at which its PINs end, and whatever they opened."""
    return clock.day_bounds(clock.today(now))[1]


def set_pin(user: User, tablet: Tablet, typed: str, now: datetime) -> TabletPin:
    """Keep a PIN until the clinic's midnight, in place of one that they had here.

    Raises:
        WeakPin: others would guess it.
    """
    _refuse_weak(typed)
    digest = make_password(typed, hasher=ScryptPasswordHasher())
    values = {"digest": digest, "set_at": now, "ends_at": evening(now), "wrong": 0}
    return TabletPin.objects.update_or_create(user=user, tablet=tablet, defaults=values)[0]


def open_by_pin(tablet: Tablet, user_pk: int, typed: str, now: datetime) -> User:
    """Give the person whose PIN this is.

    A try is taken before it is looked at, under the row's lock: however many come at once, five are looked at.

    Raises:
        WrongPin: it is another's or nobody's.
        PinGone: there is none, or this was the fifth wrong one.
    """
    with transaction.atomic():
        pins = TabletPin.objects.live(now).select_for_update(of=("self",)).select_related("user")
        pin = pins.filter(tablet=tablet, user=user_pk).first()
        if pin is None:
            raise PinGone("There is no PIN for this person any more. Sign in with your passkey or app.")
        pin.wrong += 1
        pin.save(update_fields=["wrong"])
    if ScryptPasswordHasher().verify(typed, pin.digest):
        TabletPin.objects.filter(pk=pin.pk).update(wrong=0)
        return pin.user
    if pin.wrong < MOST_WRONG:
        left = MOST_WRONG - pin.wrong
        raise WrongPin(f"This is not the PIN. {left} {'try' if left == 1 else 'tries'} left.")
    TabletPin.objects.filter(pk=pin.pk).delete()
    raise PinGone("Five wrong tries: the PIN is gone. Sign in with your passkey or app, and choose another.")


def faces(tablet: Tablet, now: datetime) -> list[Face]:
    """Who opens this tablet by PIN today, in the order of their names."""
    pins = TabletPin.objects.live(now).filter(tablet=tablet).select_related("user")
    users = sorted((pin.user for pin in pins), key=lambda user: (str(user).casefold(), user.pk))
    return [Face(user, letters) for user, letters in zip(users, _initials(map(str, users)), strict=True)]


def _initials(names: Iterable[str]) -> list[str]:
    """The first letters of first and last name; where several people have the same, with a number."""
    letters = []
    for name in names:
        first, *others = name.split()
        letters.append("".join(word[0] for word in (first, *others[-1:])).upper())
    return [f"{one} {letters[:at].count(one) + 1}" if letters.count(one) > 1 else one for at, one in enumerate(letters)]


def _refuse_weak(typed: str) -> None:
    if len(typed) != DIGITS or not (typed.isascii() and typed.isdecimal()):
        raise WeakPin("Choose six digits.")
    steps = [int(second) - int(first) for first, second in pairwise(typed)]
    has_run = any(one == other and abs(one) <= 1 for one, other in pairwise(steps))
    if has_run or len(set(typed)) < FEWEST_DIFFERENT:
        raise WeakPin("This one is guessed first. Choose digits that do not repeat or count up or down.")

"""Queue the letters of accounts, such as sign-in codes, beside the messages about visits, sealed while they wait.

No page of staff shows them, and their words are deleted as soon as they are sent, expired or given up.
"""

from __future__ import annotations

import json
import uuid
from dataclasses import asdict
from datetime import datetime, timedelta

from django.db import connection, transaction

from bookings.messages.models import Message
from clinic.core.sealing import keyring
from clinic.sending.mail import Letter

ABOUT = "account letter"
KEPT = timedelta(days=7)  # that a letter went to an address, without its words: to answer "it did not come"
_SAMPLES = """
SELECT DISTINCT ON (split_part(body, '.', 2)) body FROM bookings_message WHERE kind = 'account' AND body > ''"""


def post(letter: Letter, *, to: str, now: datetime, useful_for: timedelta) -> None:
    """Plan a letter for now."""
    pk = uuid.uuid4()
    Message.objects.create(
        pk=pk,
        key=f"account:{pk}",
        kind=Message.Kind.ACCOUNT,
        channel=Message.Channel.EMAIL,
        recipient=to,
        body=keyring.seal(json.dumps(asdict(letter)), about=ABOUT),
        due_at=now,
        expires_at=now + useful_for,
    )


def letter_of(message: Message) -> Letter:
    """The letter that waits in this row.

    Raises:
        Unreadable: its key is gone, or its words are forgotten.
    """
    return Letter(**json.loads(keyring.unseal(message.body, about=ABOUT)))


def forget_old(now: datetime) -> int:
    """Delete what was due a week ago: which addresses were typed into the sign-in page is kept no longer."""
    return Message.objects.filter(kind=Message.Kind.ACCOUNT, due_at__lt=now - KEPT, expires_at__lt=now).delete()[0]


class WaitingLetters:
    """The letters of accounts that wait to be sent, as a place of sealed values."""

    name = "letters of accounts"

    def samples(self) -> list[tuple[str, str]]:
        with connection.cursor() as cursor:
            cursor.execute(_SAMPLES)
            return [(body, ABOUT) for (body,) in cursor.fetchall()]

    def seal_anew(self) -> int:
        """Row by row under its lock: one that is sent meanwhile stays forgotten."""
        changed = 0
        waiting = Message.objects.filter(kind=Message.Kind.ACCOUNT, body__gt="")
        for pk in waiting.values_list("pk", flat=True):
            with transaction.atomic():
                row = waiting.select_for_update(of=("self",)).filter(pk=pk).first()
                if row and keyring.key_of(row.body) != keyring.newest_key():
                    row.body = keyring.seal(keyring.unseal(row.body, about=ABOUT), about=ABOUT)
                    row.save(update_fields=["body"])
                    changed += 1
        return changed

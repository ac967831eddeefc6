"""The last way back for an owner: from the host, told to every other owner."""

from __future__ import annotations

import logging
from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser

from clinic.accounts.models import User
from clinic.accounts.rights import Role, roles_of
from clinic.core import clock
from clinic.staff import recovery

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Take an owner's passkeys, codes and sessions away and mail them a link that is good for an hour."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="The owner's address.")

    def handle(self, *_args: Any, email: str, **_options: Any) -> None:
        user = User.objects.filter(email__iexact=email).first()
        if user is None or Role.OWNER not in roles_of(user):
            raise CommandError("No owner has this address.")
        recovery.reset(user.pk, by=None, now=clock.now())
        logger.warning("sign-in of an owner reset from the host", extra={"user": user.pk})
        self.stdout.write("A link that is good for an hour is on its way. Every other owner is told.")

"""`manage.py rotate_field_keys`: bring in the newest key of FIELD_KEYS while the clinic works."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from clinic.core.database import owner
from clinic.core.sealing import keyring, places


class Command(BaseCommand):
    help = "Seal with the newest key of FIELD_KEYS whatever an older one sealed, or none. May run again, and beside the app."

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises CommandError: having changed nothing, if a value does not open; or if older ones were written meanwhile."""
        with owner.as_owner():
            owner.require_ownership("Sealing anew what is only added to")
            self._rotate()

    def _rotate(self) -> None:
        if reasons := list(places.unreadable()):
            raise CommandError(" ".join([*reasons, "Put the right key into FIELD_KEYS, behind the newest."]))
        for place in places.places():
            number = place.seal_anew()
            self.stdout.write(f"{place.name}: {number} sealed anew with {keyring.newest_key()}.")
        if left := list(places.not_by_the_newest_key()):
            raise CommandError(
                f"{', '.join(left)}: an older key was used meanwhile. Start every container anew and run this again."
            )
        self.stdout.write(
            "The older keys may be taken out of FIELD_KEYS now. Keep them as long as a backup was made under them."
        )

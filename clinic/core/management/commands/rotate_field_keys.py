"""`manage.py rotate_field_keys`: seal all that is sealed by the newest key of FIELD_KEYS, while the clinic works."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from clinic.core.sealing import keyring, places


class Command(BaseCommand):
    help = "Seal by the newest key of FIELD_KEYS whatever was sealed by an older one. It may run again, and beside the app."

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises CommandError, having changed nothing, if a key is missing by which something is sealed."""
        if missing := list(places.missing_keys()):
            raise CommandError(
                f"FIELD_KEYS lacks {', '.join(missing)}, by which something is sealed. Put it back behind the newest key."
            )
        for place in places.places():
            number = place.seal_anew()
            self.stdout.write(f"{place.name}: {number} sealed anew by {keyring.newest_key()}.")
        self.stdout.write("The older keys may be taken out of FIELD_KEYS now.")

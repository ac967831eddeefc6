"""Tell the owners at once that a record was opened for a reason: neither whose nor why stands in the letter."""

from __future__ import annotations

from urllib.parse import urljoin

from django.conf import settings
from django.urls import reverse

from clinic.accounts.signing_in import letters
from clinic.records.reading.models import BreakGlass
from clinic.staff.people import owners


def tell_owners(grant: BreakGlass) -> None:
    """Put a letter to each owner into the outbox."""
    link = urljoin(f"{settings.SITE_URL}/", reverse("records:openings"))
    for owner in owners():
        letters.send("records/reading/email/opened", owner.email, {"grant": grant, "link": link})

"""Tell a person what became of their request, by a letter in the outbox."""

from __future__ import annotations

from datetime import datetime, timedelta
from urllib.parse import urljoin

from django.conf import settings
from django.urls import reverse

from clinic.accounts.signing_in import letters
from clinic.privacy.models import DataCopy, DataRequest

USEFUL = timedelta(days=7)  # a letter of the law is worth trying longer than a code


def tell(request: DataRequest, what: str, *, now: datetime) -> bool:
    """Post the letter of this step; False where no address is known, and the desk has to write."""
    if not request.email:
        return False
    letters.send(f"privacy/email/{what}", request.email, {"request_": request, "name": _name(request)}, lasts=USEFUL)
    return True


def tell_copy(copy: DataCopy) -> None:
    letters.send("privacy/email/copy_ready", copy.account.email, {"copy": copy, "link": my_data()}, lasts=USEFUL)


def tell_copy_asked(copy: DataCopy) -> None:
    letters.send("privacy/email/copy_asked", copy.account.email, {"copy": copy, "link": my_data()}, lasts=USEFUL)


def tell_erased(email: str, *, name: str, gone: list[str], kept: list[str], until: object) -> None:
    context = {"name": name, "gone": gone, "kept": kept, "until": until}
    letters.send("privacy/email/erased", email, context, lasts=USEFUL)


def my_data() -> str:
    return urljoin(settings.SITE_URL + "/", reverse("privacy:my_data"))


def _name(request: DataRequest) -> str:
    if request.patient:
        return request.patient.first_name or request.patient.full_name
    return request.account.get_short_name() if request.account else ""

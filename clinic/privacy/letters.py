"""Tell a person what became of their request, by a letter in the outbox."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from urllib.parse import urljoin

from django.conf import settings
from django.urls import reverse

from clinic.accounts.models import User
from clinic.accounts.signing_in import letters
from clinic.core.formats import time_in_letters
from clinic.patients.models import Patient
from clinic.privacy.models import DataCopy, DataRequest

USEFUL = timedelta(days=7)  # a letter of the law is worth trying longer than a code


def tell(request: DataRequest, what: str) -> None:
    """Post the letter of this step; where no address is known, the desk has to write."""
    if request.email:
        name = name_of([request.patient] if request.patient else [], request.account)
        letters.send(f"privacy/email/{what}", request.email, {"request_": request, "name": name}, lasts=USEFUL)


def tell_copy(copy: DataCopy) -> None:
    _tell_of(copy, "copy_ready")


def tell_copy_asked(copy: DataCopy) -> None:
    _tell_of(copy, "copy_asked")


def tell_erased(email: str, *, name: str, gone: list[str], kept: list[str], until: object) -> None:
    context = {"name": name, "gone": gone, "kept": kept, "until": until}
    letters.send("privacy/email/erased", email, context, lasts=USEFUL)


def tell_limit_ends(patient: Patient) -> None:
    if patient.email:
        name = name_of([patient], None)
        letters.send("privacy/email/limit_ends", patient.email, {"name": name}, lasts=USEFUL)


def my_data() -> str:
    return urljoin(settings.SITE_URL + "/", reverse("privacy:my_data"))


def name_of(patients: Iterable[Patient], account: User | None) -> str:
    """Greet them by the name on their record: an account made by code has none."""
    named = next((one.first_name or one.full_name for one in patients), "")
    return named or (account.name.split(" ")[0] if account else "")


def _tell_of(copy: DataCopy, what: str) -> None:
    name = name_of([copy.patient] if copy.patient else [], copy.account)
    letters.send(
        f"privacy/email/{what}",
        copy.account.email,
        {"name": name, "link": my_data(), "until": time_in_letters(copy.expires_at) if copy.expires_at else ""},
        lasts=USEFUL,
    )

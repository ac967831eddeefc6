"""Ask who opened a link for their date of birth: five times a link, twenty times an hour from one address."""

from __future__ import annotations

from datetime import date

from django.db.models import F

from clinic.core.errors import DomainError
from clinic.core.web.rate_limits import Limit, count
from clinic.records.links.models import MOST_TRIES, RecordLink

FROM_ADDRESS = Limit("record-birthday", 20, 3600)


class NotTheirs(DomainError):
    """It does not fit, or none is known: nobody learns which."""

    code = "not_theirs"


class NoTriesLeft(DomainError):
    code = "no_tries_left"


def check_birthday(link: RecordLink, typed: date, *, address: str) -> None:
    """Compare it with the record's. `address` is where on the network the try comes from.

    Raises:
        NotTheirs: it does not fit.
        NoTriesLeft: of this link, or from this address.
    """
    if count(FROM_ADDRESS, address) or not _takes_a_try(link):
        raise NoTriesLeft(
            "You have tried this as often as we allow. Please ring us, and we will send you another link."
        )
    record = link.patient.merged_into or link.patient
    if record.date_of_birth is None or record.date_of_birth != typed:
        raise NotTheirs("This does not fit what we have. Check it, or ring us.")
    RecordLink.objects.filter(pk=link.pk).update(birthday_tries=0)


def _takes_a_try(link: RecordLink) -> bool:
    """Counted before it is compared, so that many at once are not more than five."""
    rows = RecordLink.objects.filter(pk=link.pk, birthday_tries__lt=MOST_TRIES)
    return rows.update(birthday_tries=F("birthday_tries") + 1) == 1

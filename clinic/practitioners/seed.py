"""Put the people of `seed_people` on the site, each published and with their credentials."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from clinic.accounts.models import User
from clinic.catalogue.models import Treatment
from clinic.practitioners.models import Credential, OfferedTreatment, Practitioner
from clinic.practitioners.seed_people import PEOPLE


def load(now: datetime) -> None:
    """Add the practitioners that are missing, known by their slugs."""
    known = set(Practitioner.objects.values_list("slug", flat=True))
    for position, person in enumerate(PEOPLE, start=1):
        if person["slug"] not in known:
            _publish({**person, "position": position})


def _publish(person: dict[str, Any]) -> None:
    apart = {name: person.pop(name, None) for name in ("email", "offers", "credentials")}
    practitioner = Practitioner(**person)
    practitioner.user = User.objects.filter(email=apart["email"], practitioner=None).first() if apart["email"] else None
    practitioner.save()
    _add_credentials(practitioner, apart["credentials"])
    OfferedTreatment.objects.bulk_create(
        OfferedTreatment(practitioner=practitioner, treatment=treatment)
        for treatment in Treatment.objects.filter(slug__in=apart["offers"])
    )
    Practitioner.objects.get(pk=practitioner.pk).save_revision().publish()


def _add_credentials(practitioner: Practitioner, rows: Iterable[tuple[str, ...]]) -> None:
    Credential.objects.bulk_create(
        Credential(
            practitioner=practitioner,
            kind=kind,
            organisation=organisation,
            short_name=short_name,
            number=number,
            check_url=check_url,
            position=position,
        )
        for position, (kind, organisation, short_name, number, check_url) in enumerate(rows, start=1)
    )

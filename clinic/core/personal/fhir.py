"""How a copy's `fhir.json` names its resources: FHIR R4, each under a name from which nobody reads a row's number."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import models
from django.utils.crypto import salted_hmac

Resource = dict[str, Any]
SALT = "fhir"


def name_of(row: models.Model) -> str:
    """The same in each copy, so that a program knows the row again."""
    digest = salted_hmac(SALT, f"{row._meta.label}:{row.pk}", algorithm="sha256").digest()  # noqa: SLF001 -- its public name
    return str(UUID(bytes=digest[:16], version=4))


def refer(name: str, display: str = "") -> Resource:
    return {"reference": f"urn:uuid:{name}"} | ({"display": display} if display else {})


def entry(resource: Resource) -> Resource:
    return {"fullUrl": f"urn:uuid:{resource['id']}", "resource": resource}


def instant(at: datetime) -> str:
    return at.isoformat(timespec="seconds")

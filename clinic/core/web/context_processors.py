from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from clinic.core.models import ClinicSettings


def clinic(request: HttpRequest) -> dict[str, Any]:
    """`clinic`: the clinic's settings, read once a request and only where a template asks."""
    return {"clinic": SimpleLazyObject(lambda: ClinicSettings.load(request_or_site=request))}

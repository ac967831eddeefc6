"""Addresses of the clinical record: `/diary/records/`, `/diary/forms/`, `/forms/`, `/my/record/`."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver

from clinic.records.assessing.urls import urls as assessing_urls
from clinic.records.gates.urls import urls as gates_urls
from clinic.records.needs.urls import urls as needs_urls
from clinic.records.sheet.urls import urls as sheet_urls

app_name = "records"
urlpatterns: list[URLPattern | URLResolver] = [*needs_urls, *assessing_urls, *gates_urls, *sheet_urls]

"""Addresses of the clinical record: `/diary/records/`, `/diary/forms/`, `/forms/`, `/my/record/`."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver

from clinic.records.consent_texts.urls import urls as consent_text_urls
from clinic.records.links.urls import urls as link_urls

app_name = "records"
urlpatterns: list[URLPattern | URLResolver] = [*link_urls, *consent_text_urls]

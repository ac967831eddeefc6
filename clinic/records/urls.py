"""Addresses of the clinical record: `/diary/records/`, `/diary/forms/`, `/forms/`, `/my/record/`."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver

from clinic.records.answering.urls import urls as answering_urls
from clinic.records.assessing.urls import urls as assessing_urls
from clinic.records.consent_texts.urls import urls as consent_text_urls
from clinic.records.gates.urls import urls as gates_urls
from clinic.records.links.urls import urls as link_urls
from clinic.records.needs.urls import urls as needs_urls
from clinic.records.questions.urls import urls as question_urls
from clinic.records.sheet.urls import urls as sheet_urls
from clinic.records.versions.urls import urls as text_urls

app_name = "records"
urlpatterns: list[URLPattern | URLResolver] = [
    *text_urls,
    *question_urls,
    *link_urls,
    *answering_urls,
    *needs_urls,
    *consent_text_urls,
    *assessing_urls,
    *gates_urls,
    *sheet_urls,
]

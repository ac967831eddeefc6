from django.urls import URLPattern, path

import bookings.urls  # noqa: F401 -- registers the converters
from clinic.records.consent_texts import views

urls: list[URLPattern] = [
    path("diary/forms/consent/", views.index, name="consent_texts"),
    path("diary/forms/consent/<reference:reference>/", views.edit, name="consent_text"),
    path("diary/forms/consent/<reference:reference>/read/", views.read, name="consent_text_read"),
    path("diary/forms/consent/<reference:reference>/approve/", views.approve, name="consent_text_approve"),
]

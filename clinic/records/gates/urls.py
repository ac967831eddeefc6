from __future__ import annotations

from django.urls import URLPattern, path

from clinic.records.gates import views_identity

urls: list[URLPattern] = [
    path("diary/visits/<reference:reference>/record/identity/", views_identity.identity, name="identity"),
]

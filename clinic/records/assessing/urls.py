from __future__ import annotations

from django.urls import URLPattern, path

from clinic.records.assessing import views

BASE = "diary/visits/<reference:reference>/record/"

urls: list[URLPattern] = [
    path(f"{BASE}assessment/", views.assessment, name="assessment"),
    path(f"{BASE}assessment/sign/", views.sign, name="assessment_sign"),
]

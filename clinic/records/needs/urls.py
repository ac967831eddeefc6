from __future__ import annotations

from django.urls import URLPattern, path

from clinic.records.needs import views

urls: list[URLPattern] = [
    path("diary/forms/treatments/", views.index, name="treatments"),
    path("diary/forms/treatments/<int:pk>/", views.rules, name="treatment_rules"),
]

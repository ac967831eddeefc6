from __future__ import annotations

from django.urls import URLPattern, path

from clinic.records.answering.reviewing import views, views_missing

_BASE = "diary/visits/<reference:reference>/record/questions/"
_PART = f"{_BASE}<reference:part>/"

urls: list[URLPattern] = [
    path(_BASE, views.questions, name="questions"),
    path(f"{_BASE}of/<slug:slug>/begin/", views_missing.begin, name="questions_begin"),
    path(f"{_BASE}of/<slug:slug>/not-needed/", views_missing.not_needed, name="questions_not_needed"),
    path(f"{_PART}check/", views_missing.fill_in_check, name="fill_in_check"),
    path(f"{_PART}<int:number>/", views_missing.fill_in, name="fill_in"),
    path(f"{_PART}<int:number>/save/", views_missing.fill_in_save, name="fill_in_save"),
]

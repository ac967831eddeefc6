"""Addresses of the clinical record: `/diary/records/`, `/diary/forms/`, `/forms/`, `/my/record/`."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from clinic.records.sheet import views_entry, views_glass, views_note, views_record, views_sheet

app_name = "records"

sheet_urls = [
    path("diary/visits/<reference:reference>/record/", views_sheet.sheet, name="sheet"),
    path("diary/visits/<reference:reference>/record/note/", views_note.note, name="note"),
    path("diary/visits/<reference:reference>/record/open/", views_glass.break_glass, name="break_glass"),
]

record_urls = [
    path("diary/records/of/<reference:reference>/", views_record.of_patient, name="of_patient"),
    path("diary/records/<reference:reference>/", views_record.record, name="record"),
    path("diary/records/<reference:reference>/access/", views_record.access, name="access"),
    path("diary/records/<reference:reference>/entries/<uuid:pk>/addendum/", views_entry.addendum, name="addendum"),
    path("diary/records/<reference:reference>/entries/<uuid:pk>/strike/", views_entry.strike, name="strike"),
    path("diary/records/<reference:reference>/entries/<uuid:pk>/cosign/", views_entry.cosign, name="cosign"),
    path("staff/openings/", views_glass.openings, name="openings"),
]

urlpatterns: list[URLPattern | URLResolver] = [*sheet_urls, *record_urls]

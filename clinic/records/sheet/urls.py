"""Addresses of the visit sheet, the record of a patient and the list of openings for a reason."""

from __future__ import annotations

from django.urls import path

from clinic.records.sheet import (
    views_access,
    views_entry,
    views_glass,
    views_note,
    views_openings,
    views_record,
    views_sheet,
    views_step,
)

urls = [
    path("diary/visits/<reference:reference>/record/", views_sheet.sheet, name="sheet"),
    path("diary/visits/<reference:reference>/record/note/", views_note.note, name="note"),
    path("diary/visits/<reference:reference>/record/step/", views_step.step, name="step"),
    path("diary/visits/<reference:reference>/record/open/", views_glass.break_glass, name="break_glass"),
    path("diary/records/of/<reference:reference>/", views_record.of_patient, name="of_patient"),
    path("diary/records/<reference:reference>/", views_record.record, name="record"),
    path("diary/records/<reference:reference>/access/", views_access.access, name="access"),
    path("diary/records/<reference:reference>/entries/<uuid:pk>/addendum/", views_entry.addendum, name="addendum"),
    path("diary/records/<reference:reference>/entries/<uuid:pk>/strike/", views_entry.strike, name="strike"),
    path("diary/records/<reference:reference>/entries/<uuid:pk>/cosign/", views_entry.cosign, name="cosign"),
    path("staff/openings/", views_openings.openings, name="openings"),
]

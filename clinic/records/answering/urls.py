from django.urls import URLPattern, path

import bookings.urls  # noqa: F401 -- registers the converters
from clinic.records.answering.reviewing.urls import urls as reviewing_urls
from clinic.records.answering.views import patient
from clinic.records.links import destinations
from clinic.records.links.models import Purpose

_HERE = "forms/<reference:reference>/questions/"
_PART = f"{_HERE}<reference:part>/"

urls: list[URLPattern] = [
    *reviewing_urls,
    path(_HERE, patient.start, name="questions_to_answer"),
    path(f"{_PART}check/", patient.check, name="questions_check"),
    path(f"{_PART}again/", patient.again, name="questions_again"),
    path(f"{_PART}<int:number>/", patient.page, name="questions_page"),
    path(f"{_PART}<int:number>/save/", patient.save, name="questions_save"),
]

destinations.register(Purpose.QUESTIONS, "records:questions_to_answer")

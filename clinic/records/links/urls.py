from django.urls import path

import bookings.urls  # noqa: F401 -- registers the converters
from clinic.records.links import views

urls = [
    path("forms/<token:token>/", views.link, name="link"),
    path("forms/<reference:reference>/birthday/", views.birthday, name="birthday"),
]

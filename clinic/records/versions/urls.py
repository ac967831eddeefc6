from django.urls import path

from clinic.records.versions import views

urls = [path("diary/forms/", views.index, name="texts")]

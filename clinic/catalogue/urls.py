from django.urls import path

from clinic.catalogue import views

app_name = "catalogue"
urlpatterns = [
    path("treatments/", views.index, name="index"),
    path("treatments/<slug:slug>/", views.treatment, name="treatment"),
]

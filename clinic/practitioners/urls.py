from django.urls import path

from clinic.practitioners import views

app_name = "practitioners"
urlpatterns = [
    path("practitioners/", views.index, name="index"),
    path("practitioners/<slug:slug>/", views.practitioner, name="practitioner"),
]

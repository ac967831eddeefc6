from django.conf import settings
from django.conf.urls.static import static
from django.urls import include, path

from clinic.core import views

urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
]

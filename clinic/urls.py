"""Addresses of the whole site. Order matters: `content.urls` ends with Wagtail's catch-all and comes last."""

from django.conf import settings
from django.urls import include, path, re_path
from django.views.static import serve

from bookings.api import api
from bookings.messages.delivery.views_health import readyz
from clinic.core.web import views
from clinic.core.web.security_txt import security_txt

urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
    path(".well-known/security.txt", security_txt, name="security_txt"),
    path("readyz", readyz, name="readyz"),
    path("", include("clinic.accounts.urls")),
    path("", include("clinic.staff.urls")),
    path("", include("clinic.privacy.urls")),
    path("accounts/", include("allauth.urls")),
    path("", include("bookings.urls")),
    path("", include("clinic.records.urls")),
    path("api/v1/", api.urls),
    path("", include("clinic.catalogue.urls")),
    path("", include("clinic.practitioners.urls")),
    # The sizes that pages show, and nothing else: originals are nobody's, and documents go through Wagtail, which asks
    # who may have them.
    re_path(r"^media/images/(?P<path>.+)$", serve, {"document_root": settings.MEDIA_ROOT / "images"}),
    path("", include("content.urls")),
]

"""Everything that Wagtail serves. Include it last: its final pattern takes every address that is left."""

from django.contrib.sitemaps.views import sitemap
from django.urls import include, path, reverse_lazy
from django.views.generic import RedirectView
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.documents import urls as wagtaildocs_urls

from clinic.running.page_cache import public_page
from content import search, views
from content.feeds import JournalFeed
from content.sitemaps import SITEMAPS

people = RedirectView.as_view(url=reverse_lazy("staff:people"))  # by its address, since each pattern has other parts
own_patterns = [
    path("blog/feed/", JournalFeed(), name="feed"),
    path("sitemap.xml", public_page(sitemap), {"sitemaps": SITEMAPS}, name="sitemap"),
    path("robots.txt", views.robots, name="robots"),
    path("search/", search.search, name="search"),
]

urlpatterns = [
    path("", include((own_patterns, "content"))),
    # One way in: these stand before Wagtail's own pages for passwords, which count no tries.
    path("cms/login/", views.cms_login, name="cms_login"),
    path("cms/password_reset/", views.no_such_page),
    path("cms/password_reset/<path:rest>", views.no_such_page),
    path("_util/login/", views.sign_in),
    path("_util/authenticate_with_password/<path:rest>", views.no_such_page),
    path("documents/authenticate_with_password/<path:rest>", views.no_such_page),
    # Who works here is invited, and known, at one place.
    path("cms/users/", people),
    path("cms/users/edit/<int:pk>/", RedirectView.as_view(pattern_name="staff:person")),
    path("cms/users/<path:rest>", people),
    path("cms/bulk/accounts/user/<path:rest>", views.no_such_page),
    path("cms/", include(wagtailadmin_urls)),
    path("documents/", include(wagtaildocs_urls)),
    path("", include(wagtail_urls)),
]

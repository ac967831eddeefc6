"""Everything that Wagtail serves. Include it last: its final pattern takes every address that is left."""

from django.contrib.sitemaps.views import sitemap
from django.urls import include, path
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.documents import urls as wagtaildocs_urls

from clinic.core.public import public_page
from content import views
from content.feeds import JournalFeed
from content.sitemaps import SITEMAPS

own_patterns = [
    path("blog/feed/", JournalFeed(), name="feed"),
    path("sitemap.xml", public_page(sitemap), {"sitemaps": SITEMAPS}, name="sitemap"),
    path("robots.txt", views.robots, name="robots"),
    path("search/", views.search, name="search"),
]

urlpatterns = [
    path("", include((own_patterns, "content"))),
    path("cms/login/", views.cms_login, name="cms_login"),
    path("cms/", include(wagtailadmin_urls)),
    path("documents/", include(wagtaildocs_urls)),
    path("", include(wagtail_urls)),
]
